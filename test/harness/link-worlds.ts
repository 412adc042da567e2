// Small worlds of files that know each other, and random histories of them: what linking again after an edit is tried on.
import fc from "fast-check";
import {
  C,
  CPP,
  CSHARP,
  GO,
  JAVA,
  KOTLIN,
  PHP,
  PYTHON,
  RUBY,
  RUST,
  SCALA,
  TYPESCRIPT,
  bodyOf,
  lineOf,
  type Language,
} from "./language-lines.ts";
import type { Texts } from "./relinked.ts";

/** Its files by path. */
type World = Record<string, Kind>;

/** What may stand in a file: a head, lines of the language and a function, then the foot. Without a language the head is all. */
interface Kind {
  heads: readonly string[];
  language?: Language;
  foot?: string;
}

interface Source {
  head: string;
  lines: readonly string[];
  body: string;
}

/** `at`: a line; behind the last they are counted from the first again. */
type Edit =
  | { is: "gone" }
  | { is: "whole"; source: Source }
  | { is: "head"; head: string }
  | { is: "body"; body: string }
  | { is: "put in"; at: number; lines: readonly string[] }
  | { is: "taken out"; at: number }
  | { is: "replaced"; at: number; lines: readonly string[] }
  | { is: "swapped"; at: number; with: number };

const each = (paths: string, kind: Kind) => Object.fromEntries(paths.split(" ").map((path) => [path, kind]));

export const WORLDS: Record<string, World> = {
  TypeScript: {
    ...each("a.ts b.ts c.tsx d/index.ts d/e.ts d.d.ts d/f.js lib/src/index.ts types.d.ts", {
      heads: [""],
      language: TYPESCRIPT,
    }),
    "g.vue": {
      heads: ['<template><Gamma/></template>\n<script lang="ts">'],
      language: TYPESCRIPT,
      foot: "</script>",
    },
    "lib/package.json": { heads: ['{"name":"lib","main":"dist/index.js"}', '{"name":"other"}'] },
    "tsconfig.json": { heads: ['{"compilerOptions":{"paths":{"@/*":["./*"]}}}', "{}"] },
    "note.md": { heads: ["# Note", "# Another"] },
  },
  Python: {
    ...each("pkg/__init__.py pkg/one.py pkg/sub/one.py pkg/sub/__init__.py", { heads: [""], language: PYTHON }),
    ...each("two.py src/two.py src/pkg/one.py lib/pkg/__init__.py", { heads: [""], language: PYTHON }),
  },
  Ruby: each("one.rb lib/two.rb lib/beta.rb test/one_test.rb", { heads: [""], language: RUBY }),
  PHP: {
    ...each("One.php Two.php src/Alpha.php", { heads: ["<?php\nnamespace Acme;"], language: PHP }),
    "Three.php": { heads: ["<?php", "<?php\nnamespace Acme;"], language: PHP },
  },
  Go: {
    ...each("go.mod b/go.mod", {
      heads: ["module acme.dev/a", "module acme.dev/b", "module acme.dev/a\nreplace acme.dev/b => ./b"],
    }),
    ...each("g/one.go g/two.go g/one_test.go h/one.go h/two.go b/b.go vendor/other.dev/x/y/y.go", {
      heads: ["package g", "package h", "package g_test"],
      language: GO,
    }),
  },
  "Java, Kotlin and Scala": {
    "j/One.java": { heads: ["package j;"], language: JAVA },
    "j/Two.java": { heads: ["package j;", "package k;"], language: JAVA },
    "k/One.kt": { heads: ["package k"], language: KOTLIN },
    "k/made.kt": { heads: ["package k", "package s"], language: KOTLIN },
    "k/inner/Two.kt": { heads: ["package k.inner"], language: KOTLIN },
    "s/Six.scala": { heads: ["package s"], language: SCALA },
    "s/inner/Six.scala": { heads: ["package s.inner"], language: SCALA },
  },
  "C#": {
    ...each("One.cs Two.cs", { heads: ["namespace Acme;"], language: CSHARP }),
    "Inner/One.cs": { heads: ["namespace Acme.Inner;"], language: CSHARP },
    "Inner/Rich.cs": { heads: ["namespace Acme.Inner;", "namespace Acme;"], language: CSHARP },
  },
  Rust: {
    ...each("Cargo.toml other/Cargo.toml", {
      heads: ["acme", "other"].map((name) => `[package]\nname = "${name}"\n[dependencies]\nother = { path = "other" }`),
    }),
    ...each("src/lib.rs src/one.rs src/two/mod.rs src/two/deep.rs other/src/lib.rs tests/it.rs", {
      heads: [""],
      language: RUST,
    }),
  },
  "C++": {
    ...each("a.cpp a.h inc/b.hpp inc/b.cc", { heads: [""], language: CPP }),
    "k.c": { heads: [""], language: C },
  },
  "several languages": {
    ...each("j/One.java j/Two.java", { heads: ["package j;"], language: JAVA }),
    ...each("k.c k.h", { heads: [""], language: C }),
    "a.ts": { heads: [""], language: TYPESCRIPT },
    "two.py": { heads: [""], language: PYTHON },
  },
};

/** Texts of the files to begin with, and of those that change with each step. */
export interface History {
  start: Texts;
  steps: Texts[];
}

export function historyOf(files: World): fc.Arbitrary<History> {
  const start = fc.record(mapped(files, (kind) => fc.option(sourceOf(kind), { nil: undefined, freq: 6 })));
  const edit = fc.oneof(
    // A manifest brings all files.
    ...Object.entries(files).map(([path, kind]) => ({
      weight: kind.language ? 3 : 1,
      arbitrary: fc.record({ path: fc.constant(path), edit: editOf(kind) }),
    })),
  );
  const step = fc.oneof({ weight: 4, arbitrary: fc.tuple(edit) }, { weight: 1, arbitrary: fc.tuple(edit, edit) });
  const steps = fc.array(step, { minLength: 1, maxLength: 12 });
  return fc.record({ start, steps }).map(({ start, steps }) => {
    const sources = { ...start };
    const show = (path: string) => {
      const [kind, source] = [files[path], sources[path]];
      return kind && source && textOf(kind, source);
    };
    return {
      start: mapped(start, (_, path) => show(path)),
      steps: steps.map((edits) => {
        for (const { path, edit } of edits) sources[path] = sourceAfter(sources[path] ?? emptyOf(files[path]), edit);
        return Object.fromEntries(edits.map(({ path }) => [path, show(path)]));
      }),
    };
  });
}

function mapped<Value, Made>(of: Record<string, Value>, make: (value: Value, key: string) => Made) {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, make(value, key)]));
}

function sourceOf(kind: Kind): fc.Arbitrary<Source> {
  const { language } = kind;
  const head = headOf(kind);
  if (!language) return head.map((head) => ({ head, lines: [], body: "" }));
  const lines = fc.array(linesOf(language), { minLength: 1, maxLength: 4 }).map((some) => some.flat());
  return fc.record({ head, lines, body: bodyOf(language) });
}

const headOf = ({ heads }: Kind) => fc.constantFrom(...heads);
const linesOf = (language: Language) => lineOf(language).map((text) => text.split("\n"));

function emptyOf(kind: Kind | undefined): Source {
  return { head: kind?.heads[0] ?? "", lines: [], body: "" };
}

function textOf({ foot = "" }: Kind, { head, lines, body }: Source): string {
  return [head, ...lines, body, foot].join("\n");
}

/** Mostly one line: where more changes at once, something else brings the files that what was forgotten should bring. */
function editOf(kind: Kind): fc.Arbitrary<Edit> {
  const gone: fc.Arbitrary<Edit> = fc.constant({ is: "gone" });
  const whole = sourceOf(kind).map((source): Edit => ({ is: "whole", source }));
  if (!kind.language) return fc.oneof({ weight: 3, arbitrary: whole }, { weight: 1, arbitrary: gone });
  const at = fc.nat(20);
  const lines = linesOf(kind.language);
  return fc.oneof(
    { weight: 2, arbitrary: gone },
    { weight: 5, arbitrary: whole },
    { weight: kind.heads.length > 1 ? 3 : 0, arbitrary: headOf(kind).map((head): Edit => ({ is: "head", head })) },
    { weight: 5, arbitrary: bodyOf(kind.language).map((body): Edit => ({ is: "body", body })) },
    { weight: 6, arbitrary: fc.record({ is: fc.constant("put in"), at, lines }) },
    { weight: 6, arbitrary: fc.record({ is: fc.constant("taken out"), at }) },
    { weight: 6, arbitrary: fc.record({ is: fc.constant("replaced"), at, lines }) },
    { weight: 6, arbitrary: fc.record({ is: fc.constant("swapped"), at, with: at }) },
  );
}

function sourceAfter(source: Source, edit: Edit): Source | undefined {
  const lines = [...source.lines];
  const place = (at: number) => at % Math.max(1, lines.length);
  switch (edit.is) {
    case "gone":
      return undefined;
    case "whole":
      return edit.source;
    case "head":
      return { ...source, head: edit.head };
    case "body":
      return { ...source, body: edit.body };
    case "put in":
      lines.splice(place(edit.at), 0, ...edit.lines);
      break;
    case "taken out":
      lines.splice(place(edit.at), 1);
      break;
    case "replaced":
      lines.splice(place(edit.at), 1, ...edit.lines);
      break;
    case "swapped": {
      const [one, other] = [place(edit.at), place(edit.with)];
      [lines[one], lines[other]] = [lines[other] ?? "", lines[one] ?? ""];
    }
  }
  return { ...source, lines };
}
