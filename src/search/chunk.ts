// A text in line-aligned pieces. A match never spans lines, so a piece can be searched alone; pieces keep a large
// file from being a candidate for every query (whole-file documents had 170 times the candidates, design/search §2).
import { CHUNK_BYTES_MAX } from "./limits.ts";

/** Bytes `start`..`end` of the text; its first line has number `firstLine`, from 1. */
export interface Chunk {
  firstLine: number;
  start: number;
  end: number;
}

const NEWLINE = 0x0a;

/**
 * Consecutive pieces of at most CHUNK_BYTES_MAX bytes, each ending after a newline or at the end of the text; a
 * longer line is a piece of its own. Empty text has no pieces.
 */
export function splitChunks(bytes: Uint8Array): Chunk[] {
  const chunks: Chunk[] = [];
  let firstLine = 1;
  for (let start = 0; start < bytes.length;) {
    const end = endOfChunk(bytes, start);
    chunks.push({ firstLine, start, end });
    firstLine += countNewlines(bytes, start, end);
    start = end;
  }
  return chunks;
}

/** Lines as an editor counts them: a text that does not end in a newline has one more line than newlines. */
export function countLines(bytes: Uint8Array): number {
  if (bytes.length === 0) return 0;
  return countNewlines(bytes, 0, bytes.length) + (bytes[bytes.length - 1] === NEWLINE ? 0 : 1);
}

function endOfChunk(bytes: Uint8Array, start: number): number {
  if (bytes.length - start <= CHUNK_BYTES_MAX) return bytes.length;
  const lastNewline = bytes.subarray(start, start + CHUNK_BYTES_MAX).lastIndexOf(NEWLINE);
  if (lastNewline >= 0) return start + lastNewline + 1;
  const next = bytes.indexOf(NEWLINE, start + CHUNK_BYTES_MAX);
  return next < 0 ? bytes.length : next + 1;
}

function countNewlines(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE, start); at >= 0 && at < end; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
