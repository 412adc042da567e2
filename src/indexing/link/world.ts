// What all parts of evaluation share: the files, what was worked out before, and the two questions that lead from any part to
// any other. Parts are made from the bottom up: imported names, type arguments, values, calls, members, evaluate.
import type { Target } from "../../languages/facts.ts";
import type { FileTables } from "./file-tables.ts";
import type { Found, Within } from "./found.ts";
import type { Memory } from "./memory.ts";
import type { Resolver, Tree } from "./tree.ts";

export interface World {
  tree: Tree;
  memory: Memory;
  resolverOf: (path: string) => Resolver;
  files: FileTables;
  /** What the target, as it is written in the file, leads to. */
  evaluate(path: string, target: Target, within?: Within): readonly Found[];
  member(object: Found, name: string): readonly Found[];
}
