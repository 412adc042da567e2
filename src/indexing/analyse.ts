// One blob: bytes → text or the reason why not, cut into chunks. Pure, and never throws: bad content is data.
// What a language says of the text is read apart from this (languages/extract.ts).
import { isUtf8 } from "node:buffer";
import { textProblemOf } from "../languages/generated.ts";
import { countLines, splitChunks, type Chunk } from "../search/chunk.ts";
import { BLOB_BYTES_MAX } from "./limits.ts";
import type { ProblemReason } from "../repositories/problems.ts";

export interface AnalysedBlob {
  /** What is searched: the bytes without a byte order mark; empty when the blob has no text. */
  text: Uint8Array;
  chunks: Chunk[];
  lines: number;
  problem: ProblemReason | undefined;
}

const HEAD_BYTES = 8192;

export function analyseBlob(bytes: Uint8Array): AnalysedBlob {
  const problem = unsearchable(bytes);
  if (problem) return { text: new Uint8Array(0), chunks: [], lines: 0, problem };
  const text = withoutByteOrderMark(bytes);
  const lines = countLines(text);
  const head = Buffer.from(text.buffer, text.byteOffset, Math.min(text.length, HEAD_BYTES)).toString("utf8");
  return { text, chunks: splitChunks(text), lines, problem: textProblemOf({ head, sizeBytes: text.length, lines }) };
}

function unsearchable(bytes: Uint8Array): ProblemReason | undefined {
  if (bytes.length > BLOB_BYTES_MAX) return "too_large";
  if (bytes.includes(0)) return "binary";
  if (!isUtf8(bytes)) return "not_utf8";
  return undefined;
}

function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
