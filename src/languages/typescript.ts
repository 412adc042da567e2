// TypeScript and JavaScript: facts by the TypeScript compiler's parser and binder, which recover from what is half
// typed. The binder gives the scopes; types are taken as written, never inferred beyond a constructor or a call.
import ts from "typescript-parser";
import { NO_FACTS, type Facts } from "./facts.ts";
import { readDeclarations } from "./typescript-declarations.ts";
import { readReferences } from "./typescript-references.ts";
import { createScopes } from "./typescript-scopes.ts";

/** Deeper nesting overflows the parser's stack; a scan is cheaper than the failure. */
const NESTING_MAX = 1000;

/** Facts of one module. Throws RangeError for a text that overflows the stack: parser and walks recurse. */
export function extractTypescript({ path, text }: { path: string; text: string }): Facts {
  if (isNestedTooDeep(text)) return NO_FACTS;
  const file = ts.createSourceFile(path, text, { languageVersion: ts.ScriptTarget.ESNext }, true, kindOf(path));
  bind(file);
  const declared = readDeclarations(file);
  const scopes = createScopes(declared);
  const references = readReferences(file, { declared, scopes });
  return { ...declared.finish(scopes), references };
}

function kindOf(path: string): ts.ScriptKind {
  if (path.endsWith(".tsx")) return ts.ScriptKind.TSX;
  return /\.[cm]?ts$/.test(path) ? ts.ScriptKind.TS : ts.ScriptKind.JSX;
}

function bind(file: ts.SourceFile): void {
  // Exported by the package but not declared in its types; present in 5.9 and 6.0, and the version is pinned.
  const { bindSourceFile } = ts as unknown as { bindSourceFile: (file: ts.SourceFile, options: object) => void };
  bindSourceFile(file, { allowJs: true, module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext });
}

function isNestedTooDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x28 || char === 0x5b || char === 0x7b) {
      if (++depth > NESTING_MAX) return true;
    } else if (depth > 0 && (char === 0x29 || char === 0x5d || char === 0x7d)) depth--;
  }
  return false;
}
