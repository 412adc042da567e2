// Opaque cursors: a position, sealed with a MAC that also covers whose question it belongs to. A cursor that was
// changed, made elsewhere, or belongs to another organization, operation or input is refused.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { invalidInput, type AppError } from "../errors.ts";

const MAC_BYTES = 16;
/** First byte of what is sealed. Most positions are short, and starting to deflate took longer than many a search. */
const PLAIN = 0;
const DEFLATED = 1;
const PLAIN_BYTES_MAX = 512;
/** A position of 1,000 snapshots is about 10 KB of JSON. */
const POSITION_BYTES_MAX = 64 * 1024;
/** What a caller may send back: the above deflated, in base64url. */
export const CURSOR_CHARACTERS_MAX = 32_768;

/** What a cursor belongs to: the same question of the same organization. */
export interface CursorBinding {
  organizationId: string;
  operation: string;
  /** The input without `cursor` and without what may change between pages. */
  input: unknown;
}

export interface CursorCodec {
  seal(binding: CursorBinding, position: unknown): string;
  /** The position as it was sealed. Throws `invalid_input` when the cursor is not one of ours for this binding. */
  open(binding: CursorBinding, cursor: string): unknown;
}

export function createCursorCodec(secret: string): CursorCodec {
  const key = createHmac("sha256", secret).update("short cursors").digest();
  const macOf = (binding: CursorBinding, body: Buffer) =>
    createHmac("sha256", key)
      .update(
        createHash("sha256")
          .update(JSON.stringify(sorted(binding)))
          .digest(),
      )
      .update(body)
      .digest()
      .subarray(0, MAC_BYTES);
  return {
    seal(binding, position) {
      const text = Buffer.from(JSON.stringify(position));
      const isShort = text.length <= PLAIN_BYTES_MAX;
      const body = Buffer.concat([Buffer.of(isShort ? PLAIN : DEFLATED), isShort ? text : deflateRawSync(text)]);
      return Buffer.concat([macOf(binding, body), body]).toString("base64url");
    },
    open(binding, cursor) {
      const bytes = Buffer.from(cursor, "base64url");
      const body = bytes.subarray(MAC_BYTES);
      if (bytes.length <= MAC_BYTES || !timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(binding, body)))
        throw refusedCursor();
      const sealed = body.subarray(1);
      const isShort = body[0] === PLAIN;
      const text = isShort ? sealed : inflateRawSync(sealed, { maxOutputLength: POSITION_BYTES_MAX });
      return JSON.parse(text.toString("utf8"));
    },
  };
}

/** A cursor that cannot be used. */
export function refusedCursor(cause?: unknown): AppError {
  return invalidInput(
    "cursor",
    "is not a cursor of this question, or its snapshot is gone: ask again without a cursor, with the same input on every page",
    cause,
  );
}

/** With keys in one order, so that equal inputs have one text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
