// What a Target can lead to, and lists of that: distinct and bounded.
import type { Definition } from "../../graph/links.ts";
import type { ImportFact, Target } from "../../languages/facts.ts";

/**
 * Something that a Target leads to. `isSure`: by the language's rules alone, without trusting a type hint. `isTied`: one of
 * several of which one is meant, and nobody can tell which.
 */
export type Found =
  /** The symbol itself; `self` is what it was taken from as a member. */
  | (Named & { is: "symbol"; self?: Found })
  /** A value of the type that the symbol names. */
  | (Named & { is: "instance" })
  /** `paths` is what the import `fact` of `from` resolved to, or with `isMember` a file that this offers as its member. */
  | {
      is: "module";
      paths: readonly string[];
      isSure: boolean;
      /** The import may lead elsewhere. */
      isGuess?: true | undefined;
      isTied?: true | undefined;
      fact: ImportFact;
      from: string;
      isMember?: true;
    }
  /** A value of a type written in `path`: a collection or a function. */
  | {
      is: "list";
      path: string;
      of: Target;
      isRecord: boolean;
      name?: string | undefined;
      isHeld?: boolean | undefined;
      arguments?: Arguments | undefined;
    }
  | { is: "list-member"; list: Found & { is: "list" }; name: string }
  | {
      is: "function";
      path: string;
      parameters: Target[];
      type: Target;
      context?: Target | undefined;
      name?: string | undefined;
      arguments?: Arguments | undefined;
    }
  /** Of the language or of a package: nothing of it is in the tree. `name` is that of a type that `from` names, `member` that of one's member. */
  | { is: "outside"; name?: string; member?: string; from?: string };

interface Named {
  path: string;
  symbol: number;
  isSure: boolean;
  isTied?: true | undefined;
  arguments?: Arguments | undefined;
}

/** A type and the file it is written in. */
export interface Written {
  path: string;
  type: Target;
}

/** What the type parameters of `owner` stand for. Equal ones have the same key. */
export interface Arguments {
  owner: Definition;
  types: readonly Written[];
  key: string;
}

/** What a type is read with: what `receiver` stands for, and what type parameters do. */
export interface Within {
  self?: Found | undefined;
  arguments?: Arguments | undefined;
}

export const OUTSIDE: Found = { is: "outside" };

export const NOTHING: readonly Found[] = [];
export const NO_DEFINITIONS: readonly Definition[] = [];

/** A class has as many overloads of one name, and few have more. */
export const FOUND_MAX = 64;

/** A value of more types is one of a union that is mostly told apart first, of whose members nobody then knows which are meant. */
const VALUES_MAX = 16;

/** Distinct and bounded: so few that looking through them beats a set of keys (a quarter of linking hono went there). */
export function limited(found: readonly Found[]): readonly Found[] {
  if (found.length < 2) return found;
  const distinct: Found[] = [];
  let values = 0;
  for (const one of found) {
    if (distinct.length === FOUND_MAX) break;
    if ((one.is === "instance" && values === VALUES_MAX) || distinct.some((other) => isSame(one, other))) continue;
    if (one.is === "instance") values++;
    distinct.push(one);
  }
  return distinct;
}

function isSame(one: Found, other: Found): boolean {
  if (one === other) return true;
  if (one.is === "symbol" || one.is === "instance")
    return (
      one.is === other.is &&
      one.symbol === other.symbol &&
      one.path === other.path &&
      one.arguments?.key === other.arguments?.key
    );
  if (one.is === "outside") return other.is === "outside" && one.name === other.name && one.member === other.member;
  if (one.is !== "module" || other.is !== "module") return false;
  return one.paths.length === other.paths.length && one.paths.every((path, at) => path === other.paths[at]);
}

export function unsure(found: readonly Found[]): readonly Found[] {
  return found.map((one) => ("isSure" in one && one.isSure ? { ...one, isSure: false } : one));
}

export function tied(found: readonly Found[]): readonly Found[] {
  return found.map((one) => ("isSure" in one ? { ...one, isSure: false, isTied: true } : one));
}

/** What the first of the targets leads to that leads into the tree; else outside, if one does. */
export function firstInside(targets: readonly Target[], find: (target: Target) => readonly Found[]): readonly Found[] {
  let outside = NOTHING;
  for (const target of targets) {
    const found = find(target);
    if (found.some(({ is }) => is !== "outside")) return found;
    if (found.length) outside = found;
  }
  return outside;
}

/** A value of the type. */
export function instanceOf({ path, symbol, isTied, arguments: given }: Found & { is: "symbol" }): Found {
  return { is: "instance", path, symbol, isSure: false, isTied, arguments: given };
}

export function outsideOf(name: string | undefined): Found {
  return name === undefined ? OUTSIDE : { is: "outside", name };
}

export function keyOfArguments({ arguments: given }: { arguments?: Arguments | undefined }): string {
  return given?.key ?? "";
}
