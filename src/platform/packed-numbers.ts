// JSON with many numbers beside it, as bytes for a bytea column. Numbers are varints: as JSON they are three times as many
// bytes, and deflating those takes most of the time that packing takes.
//
// Before deflate: u32 bytes of JSON | JSON | numbers
import { deflateRawSync, inflateRawSync } from "node:zlib";

const HEADER_BYTES = 4;
/** Bytes of the largest number, 2^32 - 1. */
const VARINT_BYTES_MAX = 5;

/** In memory of its own size: deflate answers a part of a block of 16 KB, which would be kept, and sent to other threads, whole. */
export function packNumbers(value: unknown, numbers: NumberWriter): Uint8Array<ArrayBuffer> {
  const json = Buffer.from(JSON.stringify(value));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(json.length);
  return new Uint8Array(deflateRawSync(Buffer.concat([header, json, numbers.written()]), { level: 2 }));
}

/** What packNumbers was given. The caller knows the shape: it packed it. */
export function unpackNumbers(
  data: Uint8Array,
  { bytesMax }: { bytesMax: number },
): { value: unknown; numbers: NumberReader } {
  const bytes = inflateRawSync(data, { maxOutputLength: bytesMax });
  const end = HEADER_BYTES + bytes.readUInt32LE();
  return { value: JSON.parse(bytes.toString("utf8", HEADER_BYTES, end)), numbers: new NumberReader(bytes, end) };
}

/** Into memory that grows. */
export class NumberWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(bytesExpected = 1 << 16) {
    this.#bytes = Buffer.allocUnsafe(Math.max(VARINT_BYTES_MAX, bytesExpected));
  }

  /** From 0 up to 2^32 - 1. */
  put(value: number): void {
    if (value < 0) throw new RangeError(`${value} is below 0`);
    if (this.#length + VARINT_BYTES_MAX > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes, Buffer.allocUnsafe(this.#bytes.length)]);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) + 128;
    this.#bytes[this.#length++] = rest;
  }

  /** Up to 2^31 either way; small ones are short. */
  putSigned(value: number): void {
    this.put(value < 0 ? -2 * value - 1 : 2 * value);
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

export class NumberReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** A number takes a byte at least. */
  get bytesLeft(): number {
    return this.#bytes.length - this.#at;
  }

  /** 0 past the end. */
  take(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  takeSigned(): number {
    const value = this.take();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }
}
