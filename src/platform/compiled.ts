// Where a module of ours lies for a new process or thread, which inherits no loader and so starts from compiled code.

/** `module` is its path below src/ with the extension `.js`; whether this code itself is compiled makes no difference. */
export function compiledModule(module: string): URL {
  return new URL(`../../dist/${module}`, import.meta.url);
}
