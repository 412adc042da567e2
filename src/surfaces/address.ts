// Whose request it is: the peer's address, or what a trusted proxy says in front of it.
import { BlockList, isIP } from "node:net";

/** What is known of where a request comes from. */
interface Origin {
  peer: string;
  forwardedFor: string | undefined;
}

/**
 * Tells whose failures a request counts among. `onUntrusted` is told once of a peer that forwards for others and is not
 * trusted: all whom it forwards for count as one then, and one of them can shut out the others.
 */
export function createNetworkFinder(
  trustedProxies: readonly string[],
  onUntrusted: (peer: string) => void,
): (origin: Origin) => string {
  const isTrusted = trustProxies(trustedProxies);
  let isTold = false;
  return (origin) => {
    if (!isTold && origin.forwardedFor !== undefined && !isTrusted(origin.peer)) {
      isTold = true;
      onUntrusted(origin.peer);
    }
    return networkOf(addressOf(origin, isTrusted));
  };
}

/** Tells whether an address is one of the proxies; entries are addresses or networks (`10.0.0.0/8`). */
export type IsTrusted = (address: string) => boolean;

export function trustProxies(entries: readonly string[]): IsTrusted {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:/, "");
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 6 ? "ipv6" : "ipv4");
  };
}

/**
 * Each proxy appends who it was asked by, so the list is believed from its end as long as the one who says it is
 * trusted. What a caller puts in itself stands further left.
 */
export function addressOf({ peer, forwardedFor }: Origin, isTrusted: IsTrusted): string {
  const said = (forwardedFor ?? "").split(",").map((part) => withoutPort(part.trim()));
  let address = peer;
  while (isTrusted(address)) {
    const next = said.pop();
    if (next === undefined || isIP(next) === 0) break;
    address = next;
  }
  return address;
}

/** `[2001:db8::1]:443` and `192.0.2.1:443`, as some proxies write it, are the addresses alone. */
function withoutPort(text: string): string {
  return text.replace(/^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/, "$1$2");
}

/** Who is counted as one: an address of IPv4, or the /64 that one customer is given of IPv6. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (isIP(plain) !== 6) return plain;
  const [head = "", tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  // What `::` stands for, as far as it is asked for here; with `::` the tail is less than eight groups.
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => "0");
  const first = [...groups, ...zeros, ...rest].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(":")}::/64`;
}
