// What a linking thread is at, as one number in memory that its parent sees: whom it died of is known only so.
import { familyNumberOf } from "./link/resolvers.ts";
import { languageOf } from "../languages/language.ts";

/** 0: nothing. One that is negative may stand for longer than a file's: see PREPARING_SECONDS_MAX. */
export type LinkMark = number;

/** What concerns all files: what changed, what files add to one another, packing. */
export const ALL_FILES: LinkMark = -1;

export const markOfFile = (file: number): LinkMark => file + 1;

/** Making the resolver of a family of languages, which looks at all its files. */
export const markOfFamily = (family: number): LinkMark => -2 - family;

/** Those of `paths` that have to go without links for the others to have theirs. */
export function pathsMarked(mark: LinkMark, paths: readonly string[]): readonly string[] {
  if (mark > 0) return paths.slice(mark - 1, mark);
  return mark < ALL_FILES ? paths.filter((path) => markOfFamily(familyNumberOf(languageOf(path))) === mark) : [];
}
