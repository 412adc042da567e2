// Which texts can name a ref: git's own rules (`git check-ref-format`), applied before git sees the text, so
// that no ref is ever read as an option, a pattern or an expression.
import { AppError } from "../errors.ts";
import { REF_CHARS_MAX } from "./limits.ts";

// Control characters, space, and what has a meaning in revisions, refspecs and patterns.
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[/-]|[/.]$|^@$|(?:^|\/)\.|\.lock(?:\/|$)/;

/** A full object id: SHA-1 or SHA-256. */
export const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** `ref` when git can have a ref of that name, or it is a commit id. Else `invalid_input`. */
export function checkRefName(ref: string): string {
  if (ref === "" || ref.length > REF_CHARS_MAX || FORBIDDEN.test(ref)) {
    throw new AppError(
      "invalid_input",
      `A ref is the name of a branch or tag, or a full commit id: 1–${REF_CHARS_MAX} characters, not starting with '-', ` +
        "without spaces, '..', or any of ~ ^ : ? * [ \\.",
    );
  }
  return ref;
}

/** Full names that `ref` may stand for, in the order in which they count: branch, then tag, then as it is. */
export function fullNames(ref: string): string[] {
  return ref.startsWith("refs/") ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
}

/** The name to remember for a full one: branches are found by their short name again, and so are tags asked for by it. */
export function shortName(ref: string): string {
  return ref.replace(/^refs\/heads\//, "");
}
