// git's NUL-separated output and the paths in it.
import { isUtf8 } from "node:buffer";

/** Calls `onRecord` for each NUL-terminated record; the buffer is valid during the call only. False stops early. */
export async function readRecords(
  chunks: AsyncIterable<Buffer>,
  onRecord: (record: Buffer) => void | false,
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, start)) {
      if (onRecord(bytes.subarray(start, end)) === false) return;
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
}

export type DecodedPath = { path: string; isUtf8: true } | { path: string; isUtf8: false };

/** A path as text; one that is not UTF-8 is readable, with `\xNN` for its other bytes. */
export function decodePath(bytes: Buffer): DecodedPath {
  if (isUtf8(bytes)) return { path: bytes.toString("utf8"), isUtf8: true };
  return { path: escapeBytes(bytes), isUtf8: false };
}

/** Whether a path stays inside its repository and outside `.git`. git makes no others, but a forged tree or index may. */
export function isSafePath(path: string): boolean {
  return !UNSAFE.test(path);
}

const UNSAFE = /(?:^|\/)(?:\.{0,2}|\.git)(?:\/|$)/i;

function escapeBytes(bytes: Buffer): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}
