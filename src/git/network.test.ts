import { expect, test } from "vitest";
import { AppError } from "../errors.ts";
import { checkRemote, isPublicAddress } from "./network.ts";
import type { GitContext } from "./run-git.ts";

const searchPath = process.env["PATH"] ?? "";

function context(addresses: string[]): GitContext {
  const lookup = async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  return { searchPath, gitBaseUrl: "http://127.0.0.1:4000", lookup };
}

test("only addresses of the public internet are public", () => {
  for (const address of ["1.1.1.1", "140.82.121.4", "2606:4700::1111", "::ffff:140.82.121.4", "64:ff9b::8c52:7904"]) {
    expect(isPublicAddress(address), address).toBe(true);
  }
  for (const address of [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "nonsense",
  ]) {
    expect(isPublicAddress(address), address).toBe(false);
  }
});

test("a host is pinned to the addresses that were checked", async () => {
  const { config, protocol } = await checkRemote(context(["140.82.121.4", "2606:4700::1111"]), {
    url: "https://git.example.org/a/b",
  });
  expect(protocol).toBe("https");
  expect(config).toEqual([["http.curloptResolve", "git.example.org:443:140.82.121.4,[2606:4700::1111]"]]);
});

test("private addresses, by name or number, are refused, also when only one of several is private", async () => {
  const refused = async (url: string, addresses: string[] = []) =>
    expect(checkRemote(context(addresses), { url }), url).rejects.toMatchObject({ code: "invalid_input" });
  await refused("https://internal.example.org/a/b", ["10.0.0.1"]);
  await refused("https://rebind.example.org/a/b", ["140.82.121.4", "127.0.0.1"]);
  await refused("https://nowhere.example.org/a/b", []);
  for (const host of [
    "127.0.0.1",
    "127.1",
    "0x7f000001",
    "2130706433",
    "[::1]",
    "[::ffff:169.254.169.254]",
    "169.254.169.254",
  ]) {
    await refused(`https://${host}/a/b`);
  }
  await refused("http://127.0.0.1:4001/a/b");
  await refused("https://localhost/a/b", ["127.0.0.1"]);
  await refused("file:///etc");
});

test("the base url is not looked up, and a token is for its url only", async () => {
  const remote = await checkRemote(context([]), { url: "http://127.0.0.1:4000/a/b", token: "t0ken" });
  expect(remote.protocol).toBe("http");
  expect(remote.config).toEqual([
    [
      "http.http://127.0.0.1:4000/a/b.extraHeader",
      `Authorization: Basic ${Buffer.from("x-access-token:t0ken").toString("base64")}`,
    ],
  ]);
  await expect(checkRemote(context([]), { url: "http://127.0.0.1:4000/a/b", token: "a\r\nX: y" })).rejects.toThrow(
    AppError,
  );
});

test("an unknown host is the network's fault, not ours", async () => {
  const lookup = () => Promise.reject(new Error("ENOTFOUND"));
  const answer = checkRemote({ ...context([]), lookup }, { url: "https://nowhere.invalid/a/b" });
  await expect(answer).rejects.toMatchObject({ code: "upstream_failed" });
});
