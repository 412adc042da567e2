// Where a fetch may go. A host outside `gitBaseUrl` must have public addresses only, and git is then pinned to
// exactly the addresses that were checked: a second answer of the name server changes nothing.
import { lookup as systemLookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { AppError } from "../errors.ts";
import { displayUrl, isUnderBase } from "./address.ts";
import type { RemoteAccess } from "./environment.ts";
import { WrongAddressError } from "./failure.ts";
import { ADDRESSES_MAX } from "./limits.ts";
import type { GitContext } from "./run-git.ts";

/**
 * Checks where `url` leads and prepares git for it. `token` goes with requests below `url` only.
 * `invalid_input`: another protocol, or a private address outside `gitBaseUrl`; `upstream_failed`: no such host.
 * Pinning needs git 2.37; an older one ignores it and resolves the name again.
 */
export async function checkRemote(
  context: GitContext,
  { url, token }: { url: string; token?: string | undefined },
): Promise<RemoteAccess> {
  const parsed = new URL(url);
  const isOwn = isUnderBase(url, context.gitBaseUrl);
  const protocol = parsed.protocol === "https:" ? "https" : parsed.protocol === "http:" && isOwn ? "http" : undefined;
  if (protocol === undefined || parsed.username || parsed.password) {
    throw new AppError(
      "invalid_input",
      `${displayUrl(url)} cannot be fetched. Use an https:// address without credentials.`,
    );
  }
  const pin = isOwn ? [] : [["http.curloptResolve", await resolvePublic(context, parsed)] as const];
  const credential = token === undefined ? undefined : basicCredential(token);
  return {
    url,
    protocol,
    config: [
      ...pin,
      ...(credential ? [[`http.${url}.extraHeader`, `Authorization: Basic ${credential}`] as const] : []),
    ],
    secrets: token && credential ? [token, credential] : [],
  };
}

/**
 * What `attempt` gives at `url` + `.git`, else at `url`: kernel.org knows only the first, GitLab redirects to it,
 * Azure knows only the second. Throws the error that says more.
 */
export async function atEitherAddress<T>(url: string, attempt: (url: string) => Promise<T>): Promise<T> {
  try {
    return await attempt(`${url}.git`);
  } catch (first) {
    if (!isElsewhere(first)) throw first;
    try {
      return await attempt(url);
    } catch (second) {
      throw isElsewhere(second) ? first : second;
    }
  }
}

/** Nothing there, or a redirect. */
function isElsewhere(error: unknown): boolean {
  return error instanceof WrongAddressError;
}

/** `x-access-token:TOKEN`, as GitHub wants it; other hosts take any user with a token. */
function basicCredential(token: string): string {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new AppError("invalid_input", "A token has printable ASCII characters only.");
  return Buffer.from(`x-access-token:${token}`).toString("base64");
}

/** `host:port:address,…` for curl, each address public. */
async function resolvePublic(context: GitContext, url: URL): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host) ? [host] : await resolveHost(context, host);
  if (addresses.length === 0 || !addresses.every(isPublicAddress)) {
    throw new AppError(
      "invalid_input",
      `${url.hostname} is on a private network. Kota fetches from public hosts, and from the host of KOTA_GIT_BASE_URL.`,
    );
  }
  const pinned = addresses.slice(0, ADDRESSES_MAX).map((address) => (isIP(address) === 6 ? `[${address}]` : address));
  return `${url.hostname}:${url.port || "443"}:${pinned.join(",")}`;
}

async function resolveHost(context: GitContext, host: string): Promise<string[]> {
  const lookup = context.lookup ?? ((name: string) => systemLookup(name, { all: true, verbatim: true }));
  try {
    return (await lookup(host)).map(({ address }) => address);
  } catch (cause) {
    const message = `The host ${host} was not found. Check the address and this machine's network.`;
    throw new AppError("upstream_failed", message, { cause });
  }
}

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8],
  ["100.64.0.0", 10], // carrier-grade NAT; metadata of Alibaba
  ["127.0.0.0", 8],
  ["168.63.129.16", 32], // Azure's host, from inside
  ["169.254.0.0", 16], // link-local: metadata of AWS, Google, Azure
  ["172.16.0.0", 12],
  ["192.0.0.0", 24], // protocol assignments; metadata of Oracle
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3], // multicast, reserved, broadcast
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["2001::", 23], // Teredo and other protocol assignments
  ["2001:db8::", 32],
  ["2002::", 16], // 6to4: holds an IPv4 address, and no public host needs it
  ["3fff::", 20],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv6");
}
const GLOBAL_V6 = new BlockList();
GLOBAL_V6.addSubnet("2000::", 3, "ipv6");
const HOLDS_V4 = new BlockList();
HOLDS_V4.addSubnet("::ffff:0:0", 96, "ipv6"); // IPv4-mapped
HOLDS_V4.addSubnet("64:ff9b::", 96, "ipv6"); // NAT64, how IPv6-only networks reach IPv4 hosts

/** Whether `address` is one of the public internet; an IPv6 address that carries an IPv4 one is judged by that. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !PRIVATE.check(address, "ipv4");
  if (family !== 6 || address.includes("%")) return false;
  const carried = carriedIpv4(address);
  // Node's BlockList compares mapped addresses as IPv4 in some versions: take them out first.
  if (carried !== undefined) return !PRIVATE.check(carried, "ipv4");
  return GLOBAL_V6.check(address, "ipv6") && !PRIVATE.check(address, "ipv6");
}

function carriedIpv4(address: string): string | undefined {
  // The URL parser writes every form (dotted, zeros in full) in one way, in hexadecimal groups.
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  if (!/^(?:::ffff:|64:ff9b::)/.test(text) && !HOLDS_V4.check(text, "ipv6")) return undefined;
  const [high = 0, low = 0] = text
    .split(":")
    .slice(-2)
    .map((group) => Number.parseInt(group || "0", 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
