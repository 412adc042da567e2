// Where a module of ours lies for a new process or thread, which inherits no loader and so starts from compiled code.
import { INSTALLATION } from "./installation.ts";

/** `module` is its path below src/ with the extension `.js`, of one that is compiled by itself: bin/build.mjs knows them. */
export function compiledModule(module: string): URL {
  return new URL(`dist/${module}`, INSTALLATION);
}
