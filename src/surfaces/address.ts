// Whose request it is: the peer's address, or what a trusted proxy says in front of it.
import { BlockList, isIP } from "node:net";

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
export function addressOf(
  { peer, forwardedFor }: { peer: string; forwardedFor: string | undefined },
  isTrusted: IsTrusted,
): string {
  const said = (forwardedFor ?? "").split(",").map((part) => part.trim());
  let address = peer;
  while (isTrusted(address)) {
    const next = said.pop();
    if (next === undefined || isIP(next) === 0) break;
    address = next;
  }
  return address;
}
