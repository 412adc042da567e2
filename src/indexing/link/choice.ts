// Of things of one name in several files those that are meant where nothing but distance tells them apart.
import type { Definition } from "../../graph/links.ts";
import { nearestPaths } from "../../graph/path-names.ts";
import type { Resolution } from "./tree.ts";

/** A definition that was chosen of several. */
export interface Choice extends Definition {
  /** The nearest. */
  isGuess?: true;
  /** Others of the choice are as near: one of them is meant, and nobody can tell which. */
  isTied?: true;
}

/** Those in the file that is nearest to `from`; of several files as near those in each, in the order of their paths. */
export function choiceOf(from: string, found: readonly Definition[]): readonly Choice[] {
  const paths = new Set(found.map(({ path }) => path));
  if (paths.size < 2) return found;
  const nearest = nearestPaths(from, [...paths]);
  const chosen = nearest.flatMap((path) => found.filter((one) => one.path === path));
  return chosen.map((one) => (nearest.length > 1 ? { ...one, isTied: true } : { ...one, isGuess: true }));
}

/** Such a choice where all are parts of one thing: the first of the nearest. */
export function partOf(from: string, found: readonly Definition[]): readonly Choice[] {
  const [first, other] = choiceOf(from, found);
  if (!first) return [];
  return other?.isTied ? [{ path: first.path, symbol: first.symbol, isGuess: true }] : [first];
}

/** How sure files are that were chosen so. */
export function sureness(choices: readonly Pick<Choice, "isGuess" | "isTied">[]): { isGuess?: true; isTied?: true } {
  if (choices.some(({ isTied }) => isTied)) return { isTied: true };
  return choices.some(({ isGuess }) => isGuess) ? { isGuess: true } : {};
}

/** The same of files that an import may mean. */
export function filesOf(from: string, offered: readonly string[]): Resolution & { kind: "files" } {
  const paths = nearestPaths(from, offered);
  if (paths.length > 1) return { kind: "files", paths, isTied: true };
  return offered.length > 1 ? { kind: "files", paths, isGuess: true } : { kind: "files", paths };
}
