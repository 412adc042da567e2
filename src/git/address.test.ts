import { expect, test } from "vitest";
import { AppError } from "../errors.ts";
import { checkRepositoryName, displayUrl, isUnderBase, parseAddress, repositoryNameOfOrigin } from "./address.ts";

const gitBaseUrl = "https://github.com";

function check(text: string, url: string, name: string, base = gitBaseUrl) {
  expect(parseAddress(text, { gitBaseUrl: base }), text).toEqual({ url, name });
}

function refused(text: string, base = gitBaseUrl): string {
  try {
    parseAddress(text, { gitBaseUrl: base });
  } catch (error) {
    expect(error, text).toBeInstanceOf(AppError);
    if (error instanceof AppError) {
      expect(error.code).toBe("invalid_input");
      return error.message;
    }
  }
  throw new Error(`${text} was accepted`);
}

test("every common spelling of an address leads to one url and name", () => {
  check("acme/app", "https://github.com/acme/app", "acme/app");
  check(" acme/app.git ", "https://github.com/acme/app", "acme/app");
  check("acme/app/", "https://github.com/acme/app", "acme/app");
  check("https://github.com/acme/app", "https://github.com/acme/app", "acme/app");
  check("https://GitHub.com/acme/App.git/", "https://github.com/acme/App", "acme/App");
  check("github.com/acme/app", "https://github.com/acme/app", "acme/app");
  check("git@github.com:acme/app.git", "https://github.com/acme/app", "acme/app");
  check("ssh://git@github.com/acme/app.git", "https://github.com/acme/app", "acme/app");
  check("ssh://git@git.example.org:2222/acme/app.git", "https://git.example.org/acme/app", "acme/app");
  check("git+ssh://git@git.example.org/acme/app.git", "https://git.example.org/acme/app", "acme/app");
  check("acme/.github", "https://github.com/acme/.github", "acme/.github");
  check("acme/git", "https://github.com/acme/git", "acme/git");
});

test("nested groups keep all segments, and a repository at the root of a host is named by the host", () => {
  check("https://gitlab.com/a/b/c/d.git", "https://gitlab.com/a/b/c/d", "a/b/c/d");
  check("group/sub/app", "https://github.com/group/sub/app", "group/sub/app");
  check("https://git.example.org/app.git", "https://git.example.org/app", "git.example.org/app");
  check("https://example.org/a/caf%C3%A9", "https://example.org/a/caf%C3%A9", "a/café");
});

test("http and a path belong to the base url alone", () => {
  const base = "http://127.0.0.1:4000/git";
  check("acme/app", "http://127.0.0.1:4000/git/acme/app", "acme/app", base);
  check("http://127.0.0.1:4000/git/acme/app.git", "http://127.0.0.1:4000/git/acme/app", "acme/app", base);
  check("git@127.0.0.1:git/acme/app.git", "http://127.0.0.1:4000/git/acme/app", "acme/app", base);
  expect(refused("http://127.0.0.1:4001/acme/app", base)).toContain("https://");
  expect(refused("http://github.com/acme/app")).toContain("https://");
  expect(isUnderBase("http://127.0.0.1:4000/gitx/a", base)).toBe(false);
  expect(isUnderBase("http://127.0.0.1:4000/git/a", base)).toBe(true);
});

test("credentials are refused and not repeated", () => {
  for (const text of [
    "https://s3cr3t@github.com/acme/app",
    "https://user:s3cr3t@github.com/acme/app",
    "https://user:s3cr3t/x@github.com/acme/app",
    "https://user:s3cr3t@[bad/acme/app",
    "ssh://git:s3cr3t@github.com/acme/app",
    "user:s3cr3t@github.com/acme/app",
    "https://github.com/acme/app?token=s3cr3t",
    "https://github.com/acme/app#s3cr3t",
  ]) {
    expect(refused(text), text).not.toContain("s3cr3t");
  }
});

test("paths, options, other protocols and odd texts are refused", () => {
  for (const text of [
    "",
    "app",
    "/srv/app",
    "./acme/app",
    "../acme/app",
    "~/acme/app",
    "C:\\acme\\app",
    "-oProxyCommand=x/y",
    "--upload-pack=touch /tmp/x",
    "file:///srv/app",
    "git://github.com/acme/app",
    "ftp://github.com/acme/app",
    "ext::sh -c id",
    "https://github.com",
    "https://github.com/",
    "https://github.com/.git",
    "acme/..",
    "https://github.com/acme/../app",
    "https://github.com/acme/%2e%2e/app",
    "https://github.com/acme/a%2Fb",
    "https://github.com/acme/%E0%A4%A",
    "https://github.com/acme//app",
    "acme/app\nx",
    "acme/a\u202Epp",
    `acme/${"a".repeat(600)}`,
    `acme/${"a".repeat(3000)}`,
  ]) {
    refused(text);
  }
});

test("an origin gives a name where it is an address, whatever its protocol", () => {
  const name = (origin: string) => repositoryNameOfOrigin(origin, { gitBaseUrl });
  expect(name("git@github.com:acme/app.git")).toBe("acme/app");
  expect(name("git@gitlab.com:a/b/c.git")).toBe("a/b/c");
  expect(name("me@git.example.org:/acme/app.git")).toBe("acme/app");
  expect(name("work:acme/app.git")).toBe("acme/app");
  expect(name("https://user:s3cr3t@github.com/acme/app.git")).toBe("acme/app");
  expect(name("http://git.example.org/acme/app")).toBe("acme/app");
  expect(name("git://git.example.org/acme/app")).toBe("acme/app");
  expect(name("ssh://git@git.example.org:22/acme/app")).toBe("acme/app");
  for (const path of ["/srv/git/app.git", "../app", "./app", "~/app", "file:///srv/app", "C:\\x\\y", "", "app"]) {
    expect(name(path), path).toBeUndefined();
  }
});

test("a repository's name is owner/name in printable characters", () => {
  for (const name of ["a/b", "a/b/c", "Ünï/cödé", "a b/c d", `a/${"b".repeat(498)}`])
    expect(checkRepositoryName(name)).toBe(name);
  for (const name of [
    "a",
    "a/",
    "/a",
    "a//b",
    "a/..",
    "./a",
    "a/b\n",
    "a/\u0000",
    "a/ b",
    "a\\b/c",
    `a/${"b".repeat(499)}`,
  ]) {
    expect(() => checkRepositoryName(name), name).toThrow(AppError);
  }
});

test("urls are shown without credentials", () => {
  expect(displayUrl("https://user:s3cr3t@host/a/b")).toBe("https://host/a/b");
  expect(displayUrl("https://host/a/b")).toBe("https://host/a/b");
  expect(displayUrl("https://user:s3/cr3t@host/a")).toBe("https://host/a");
  expect(displayUrl("git@github.com:acme/app.git")).toBe("git@github.com:acme/app.git");
});
