// What an API key is. 196 random bits need no slow hash: we keep HMAC-SHA256(pepper, key) and look it up by
// equality, 4 µs against the 5–60 ms of a password hash. The checksum refuses a mistyped key without a query.
import { createHmac, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const MARK = "kota_live_";
/** log2(62) × 33 = 196 bits. */
const RANDOM_CHARACTERS = 33;
/** 62^6 > 2^32. */
const CHECKSUM_CHARACTERS = 6;
const SHAPE = new RegExp(`^${MARK}[0-9A-Za-z]{${RANDOM_CHARACTERS + CHECKSUM_CHARACTERS}}$`);

/** What is kept of a key: enough to find it again and to recognise it in a list. */
export interface StoredKey {
  hash: Buffer;
  prefix: string;
  lastFour: string;
}

/** A new key. The only time its text exists outside the caller's hands. */
export function mintApiKey(random: (bytes: number) => Buffer = randomBytes): string {
  const body = randomBase62(RANDOM_CHARACTERS, random);
  return `${MARK}${body}${checksum(body)}`;
}

/** Whether `text` has the shape and the checksum of a key of ours. */
export function isWellFormedApiKey(text: string): boolean {
  if (!SHAPE.test(text)) return false;
  const body = text.slice(MARK.length, -CHECKSUM_CHARACTERS);
  return text.endsWith(checksum(body));
}

export function storedKeyOf(apiKey: string, pepper: string): StoredKey {
  return {
    hash: createHmac("sha256", pepper).update(apiKey).digest(),
    prefix: apiKey.slice(0, MARK.length + 4),
    lastFour: apiKey.slice(-4),
  };
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = "";
  for (let i = 0; i < CHECKSUM_CHARACTERS; i++) {
    text = ALPHABET.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** Uniform base62: bytes of 248 and above are thrown away, for 248 is the largest multiple of 62 in a byte. */
function randomBase62(length: number, random: (bytes: number) => Buffer): string {
  let text = "";
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < 248 && text.length < length) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}
