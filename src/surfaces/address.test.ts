import { expect, test } from "vitest";
import { addressOf, createNetworkFinder, networkOf, trustProxies } from "./address.ts";

test("a caller's address is what trusted proxies say, with or without a port", () => {
  const isTrusted = trustProxies(["10.0.0.0/8", "fd00::/8"]);
  const check = (peer: string, forwardedFor: string | undefined, expected: string) =>
    expect(addressOf({ peer, forwardedFor }, isTrusted), `${peer} for ${forwardedFor}`).toBe(expected);
  check("192.0.2.1", "198.51.100.7", "192.0.2.1");
  check("10.0.0.1", undefined, "10.0.0.1");
  check("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7");
  check("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7");
  check("10.0.0.1", "198.51.100.7, 10.2.2.2", "198.51.100.7");
  check("10.0.0.1", "198.51.100.7:51234", "198.51.100.7");
  check("10.0.0.1", "2001:db8::7", "2001:db8::7");
  check("10.0.0.1", "[2001:db8::7]:51234", "2001:db8::7");
  check("10.0.0.1", "[2001:db8::7], [fd00::1]:80", "2001:db8::7");
  check("10.0.0.1", "unknown", "10.0.0.1");
  check("10.0.0.1", "_hidden:80", "10.0.0.1");
});

test("on Fly.io the app's own addresses stand last, and are trusted beside the network that its proxy connects from", () => {
  const forwardedFor = "203.0.113.9, 198.51.100.7, 2a09:8280:1::af:1aa1:0";
  const check = (entries: string[], expected: string) =>
    expect(addressOf({ peer: "172.16.5.1", forwardedFor }, trustProxies(entries)), entries.join()).toBe(expected);
  check(["172.16.0.0/12", "2a09:8280:1::af:1aa1:0"], "198.51.100.7");
  check(["172.16.0.0/12"], "2a09:8280:1::af:1aa1:0");
});

test("a peer that forwards and is not trusted is told of once", () => {
  const told: string[] = [];
  const find = createNetworkFinder(["10.0.0.0/8"], (peer) => told.push(peer));
  const check = (peer: string, forwardedFor: string | undefined, expected: string, toldThen: string[]) => {
    expect(find({ peer, forwardedFor })).toBe(expected);
    expect(told).toEqual(toldThen);
  };
  check("192.0.2.1", undefined, "192.0.2.1", []);
  check("10.0.0.1", "198.51.100.7", "198.51.100.7", []);
  check("192.0.2.1", "198.51.100.7", "192.0.2.1", ["192.0.2.1"]);
  check("192.0.2.2", "198.51.100.7", "192.0.2.2", ["192.0.2.1"]);
});

test("an address of IPv6 is counted with its /64, one of IPv4 alone", () => {
  const check = (address: string, expected: string) => expect(networkOf(address), address).toBe(expected);
  check("192.0.2.1", "192.0.2.1");
  check("::ffff:192.0.2.1", "192.0.2.1");
  check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
  check("2001:0DB8:0001:0002::9", "2001:db8:1:2::/64");
  check("2001:db8::1", "2001:db8:0:0::/64");
  check("::1", "0:0:0:0::/64");
  check("fe80::1%eth0", "fe80:0:0:0::/64");
  check("", "");
});
