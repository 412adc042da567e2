// Every language's resolver: the one table of who finds what imports lead to.
import { createJavascriptResolver } from "./javascript.ts";
import { createPythonResolver } from "./python.ts";
import type { Resolver, Tree } from "./tree.ts";

/** The resolver of a file, by its language. */
export function resolversOf(tree: Tree): (path: string) => Resolver {
  const javascript = createJavascriptResolver(tree);
  const python = createPythonResolver(tree);
  return (path) => (tree.language(path) === "python" ? python : javascript);
}
