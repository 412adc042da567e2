// What people and agents write for a repository → the https address it is fetched from and its name. Pure.
// Credentials in an address are refused and never repeated; network.ts checks where the host really is.
import { AppError } from "../errors.ts";
import { ADDRESS_CHARS_MAX, NAME_CHARS_MAX } from "./limits.ts";

export interface Address {
  /** Without credentials, trailing slash and `.git`; under `gitBaseUrl` perhaps http, else https. */
  url: string;
  /** `owner/name`; nested groups keep all segments. */
  name: string;
}

const EXPECTED = "Give owner/repo or an https:// URL.";
// Letters, digits, signs and plain spaces of any script: nothing invisible, nothing that turns the text around.
const UNPRINTABLE = /[\p{C}]|(?! )\p{Z}/u;
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;
const SCP_LIKE = /^(?:[\w.~-]+@)?(\[[\da-f:]+\]|[\w.-]+):(?!\/\/)\/?(.+)$/i;

/** Reads `owner/repo`, `https://…`, `git@host:owner/repo` or `ssh://…`. Throws `invalid_input`. */
export function parseAddress(text: string, { gitBaseUrl }: { gitBaseUrl: string }): Address {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > ADDRESS_CHARS_MAX || UNPRINTABLE.test(trimmed)) {
    throw refuse(`A repository's address has 1–${ADDRESS_CHARS_MAX} printable characters. ${EXPECTED}`);
  }
  const url = toHttpUrl(trimmed, gitBaseUrl);
  if (url.username || url.password) {
    throw refuse(`The address of a repository at ${url.host} holds credentials. Give it without them.`);
  }
  if (url.search || url.hash) throw refuse(`An address has no ? or # part. ${EXPECTED}`);
  if (DOT_SEGMENT.test(trimmed.replace(/^[a-z+]+:\/\/[^/]*/i, "")) || trimmed.includes("\\")) {
    throw refuse(`An address has no '.' or '..' segments and no backslash. ${EXPECTED}`);
  }
  if (url.protocol === "http:" && url.origin !== new URL(gitBaseUrl).origin) {
    throw refuse(`http:// is not allowed for ${url.host}. Use https://${url.host}…`);
  }
  url.pathname = withoutSuffix(url.pathname);
  const name = nameOf(url, gitBaseUrl);
  if (name === undefined) throw refuse(`No repository is named in that address. ${EXPECTED}`);
  return { url: url.href, name: checkRepositoryName(name) };
}

/** The name of a folder's repository by its `remote.origin.url`; undefined where that is a path or nothing we can read. */
export function repositoryNameOfOrigin(originUrl: string, { gitBaseUrl }: { gitBaseUrl: string }): string | undefined {
  try {
    const text = originUrl.trim();
    if (DOT_SEGMENT.test(text) || /^(?:file:|[./~\\]|[a-z]:[\\/])/i.test(text)) return undefined;
    const scp = text.includes("://") ? undefined : SCP_LIKE.exec(text);
    if (!scp && !/^[a-z+]+:\/\//i.test(text)) return undefined;
    const url = scp
      ? atHost(scp[1] ?? "", scp[2] ?? "", gitBaseUrl)
      : toHttpUrl(text.replace(/^git:\/\//i, "https://"), gitBaseUrl);
    url.pathname = withoutSuffix(url.pathname);
    const name = nameOf(url, gitBaseUrl);
    return name === undefined ? undefined : checkRepositoryName(name);
  } catch {
    // An origin is whatever git accepts; what has no name in our sense has none.
    return undefined;
  }
}

/** `name` when it can be a repository's: `owner/name` or longer, printable, ≤ NAME_CHARS_MAX. Else `invalid_input`. */
export function checkRepositoryName(name: string): string {
  const segments = name.split("/");
  const isWrong = (segment: string) =>
    /^(?:\.{0,2}|\.git)$/i.test(segment) || segment !== segment.trim() || segment.includes("\\");
  if (name.length > NAME_CHARS_MAX || UNPRINTABLE.test(name) || segments.length < 2 || segments.some(isWrong)) {
    throw refuse(`A repository's name is owner/name: up to ${NAME_CHARS_MAX} printable characters, no empty segments.`);
  }
  return name;
}

/** `url` for people to see: without user and password. A `git@host:path` has none. */
export function displayUrl(url: string): string {
  if (!url.includes("://")) return url;
  try {
    const parsed = new URL(url);
    if (!parsed.username && !parsed.password) return url;
    parsed.username = "";
    parsed.password = "";
    return parsed.href;
  } catch {
    return url.replace(/:\/\/.*@/s, "://");
  }
}

/** Whether `url` lies under `gitBaseUrl`: same origin, and its path below the base's. */
export function isUnderBase(url: string, gitBaseUrl: string): boolean {
  const [one, base] = [new URL(url), new URL(gitBaseUrl)];
  return one.origin === base.origin && one.pathname.startsWith(`${base.pathname.replace(/\/+$/, "")}/`);
}

function toHttpUrl(text: string, gitBaseUrl: string): URL {
  if (/^https?:\/\//i.test(text)) return parseUrl(text);
  const ssh = /^(?:git\+)?ssh:\/\/(?:([^/@]*)@)?(\[[^/]*\]|[^/:]+)(?::\d+)?\/(.+)$/i.exec(text);
  if (ssh?.[1]?.includes(":")) throw refuse("The address holds a password. Give it without.");
  if (ssh) return atHost(ssh[2] ?? "", ssh[3] ?? "", gitBaseUrl);
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(text) || /^[a-z\d]+::/i.test(text)) {
    throw refuse(`That protocol is not allowed. ${EXPECTED}`);
  }
  if (/^(?:[./~-]|[a-z]:[\\/])/i.test(text)) {
    throw refuse(`That looks like a folder or an option, not a repository's address. ${EXPECTED}`);
  }
  const scp = SCP_LIKE.exec(text);
  if (scp && /^[^:/]*@/.test(text)) return atHost(scp[1] ?? "", scp[2] ?? "", gitBaseUrl);
  if (/[:@?#%]/.test(text) || !/^[^/]+(?:\/[^/]+)+\/?$/.test(text)) throw refuse(`That is no address. ${EXPECTED}`);
  // github.com/owner/repo, as copied from a page.
  if (/^[^/]+\.[a-z]{2,}\/[^/]+\/./i.test(text))
    return atHost(text.slice(0, text.indexOf("/")), text.slice(text.indexOf("/") + 1), gitBaseUrl);
  return parseUrl(`${gitBaseUrl}/${text}`);
}

/** https at `host`, or as `gitBaseUrl` has it when that is the same host. */
function atHost(host: string, path: string, gitBaseUrl: string): URL {
  const base = new URL(gitBaseUrl);
  const origin = base.hostname === host.toLowerCase() ? base.origin : `https://${host}`;
  return parseUrl(`${origin}/${path.replace(/^\/+/, "")}`);
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    // The parser's message repeats the text, which may hold a password.
    throw refuse(`That is no valid URL. ${EXPECTED}`);
  }
}

function withoutSuffix(path: string): string {
  return path
    .replace(/\/+$/, "")
    .replace(/(?<=[^/])\.git$/i, "")
    .replace(/\/+$/, "");
}

function nameOf(url: URL, gitBaseUrl: string): string | undefined {
  const basePath = isUnderBase(url.href, gitBaseUrl) ? new URL(gitBaseUrl).pathname.replace(/\/+$/, "") : "";
  const segments = url.pathname.slice(basePath.length).split("/").slice(1).map(decode);
  if (segments.some((segment) => segment === "" || segment.includes("/"))) return undefined;
  // A repository at the root of its host: the host stands for the owner.
  return segments.length === 1 ? `${url.hostname}/${segments[0]}` : segments.join("/");
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new AppError("invalid_input", `The address has a wrong % escape. ${EXPECTED}`, { cause });
  }
}

function refuse(message: string): AppError {
  return new AppError("invalid_input", message);
}
