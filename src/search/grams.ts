// Grams: three bytes of UTF-8, packed into 24 bits.

/** The gram with ASCII letters in lower case: what decides its page. */
export function foldGram(gram: number): number {
  return (foldByte(gram >>> 16) << 16) | (foldByte((gram >>> 8) & 0xff) << 8) | foldByte(gram & 0xff);
}

function foldByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
