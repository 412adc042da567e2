// Types, functions, members, variables, packages and files that are called like members of JavaScript's Object: to languages
// they are names like any other.
import { expect, test } from "vitest";
import { extractFacts, parserOf } from "../../languages/extract.ts";
import { NO_FACTS, type Facts } from "../../languages/facts.ts";
import { grammarOf } from "../../languages/grammar.ts";
import { loadParser } from "../parsers.ts";
import { linkFiles } from "./link.ts";
import { languageOf } from "../../languages/language.ts";
import { makeTree, overviewOf } from "./overview.ts";
import { resolversOf } from "./resolvers.ts";

/** `N` stands for the name. The first file uses what the others declare. */
const SOURCES: Record<string, Record<string, string>> = {
  typescript: {
    "main.ts": `import { N, make } from "./N";
export function run(one: N) { make().N(1); one.N(2); N; }
interface Sub extends N {}`,
    "N.ts": "export interface N { N(x: number): number }\nexport function make(): N { return null as any; }",
  },
  python: {
    "main.py": "from N import N, make\nclass Sub(N): pass\ndef run(one: N):\n    make().N(1)\n    one.N(2)\n",
    "N.py": "class N:\n    def N(self, x): return x\ndef make() -> N: return N()\n",
  },
  go: {
    "go.mod": "module x.org/shop\nreplace N => ./N\n",
    "main.go": 'package main\nimport "x.org/shop/N"\nfunc run(one N.N) { N.Make().N(1); one.N(2) }',
    "N/N.go": "package N\ntype N struct{}\nfunc (o N) N(x int) int { return x }\nfunc Make() N { return N{} }",
  },
  rust: {
    "src/lib.rs": "mod N;\nuse N::{N as Own, make};\nfn run(one: N::N, own: Own) { make().N(1); one.N(2); }",
    "src/N.rs": "pub struct N;\nimpl N { pub fn N(&self, x: i32) {} }\npub fn make() -> N { N }",
    "Cargo.toml": '[package]\nname = "N"\n[dependencies]\nN = { package = "N", version = "1" }\n',
  },
  java: {
    "app/Main.java": `package app;
import N.N;
class Main extends N {
  void run(N one, String s, int i, Integer w) {
    one.N(one); one.N(1); one.N(N.MAX_VALUE); one.N(N.ONE); one.N(a -> a); one.N(null); one.N(one.N(2) + 1);
    one.N(one.N(one)); one.N(s.N()); one.N(i + s); one.N(new N[0]); one.N(w); one.take(1); one.take(a -> a); one.N();
  }
}`,
    "N/N.java": `package N;
import java.util.Locale;
public class N {
  public int N(int x) { return x; }
  public N N(N x) { return x; }
  public N N(N[] x) { return null; }
  public void take(lib.N x) {}
  public void take(lib.Other x) {}
}`,
    "lib/User.java": `package lib;
import other.N;
class User { void take(N x) {} void take(N[] x) {} void use(N x, int i) { take(x); take(i); take(a -> a); take(N.TYPE); } }`,
  },
  kotlin: {
    "app/main.kt":
      "package app\nimport N.N\nclass Sub : N()\nfun run(one: N) { one.N(one); one.N(1); one.N(one.N { it }) }",
    "N/N.kt":
      "package N\nopen class N { fun N(x: Int): N = this\n fun N(x: N): N = this\n fun N(x: (Int) -> Int): N = this }",
  },
  scala: {
    "app/main.scala":
      "package app\nimport N.N\nclass Sub extends N\nclass Main { def run(one: N) = { one.N(one); one.N(1) } }",
    "N/N.scala": "package N\nclass N { def N(x: Int): N = this\n def N(x: N): N = this }",
  },
  csharp: {
    "App.cs":
      "using Shop;\nnamespace App { class Main : N { void Run(N one) { one.N(one); one.N(1); one.N(x => x); } } }",
    "N.cs": "namespace Shop { public class N { public N(int x) {} public N N(N x) => x; public N N(int x) => null; } }",
  },
  php: {
    "main.php":
      "<?php\nuse Shop\\N;\nclass Sub extends N {}\nfunction run(N $one) { $one->N(1); N::N(2); return $one->N; }",
    "src/N.php": "<?php\nnamespace Shop;\nclass N { public N $N; public function N($x) {} }",
    "composer.json": '{"autoload": {"psr-4": {"Shop\\\\": "src/", "N\\\\": "N"}}}',
  },
  ruby: {
    "lib/main.rb": "require 'N'\nclass Sub < UpperN\nend\nUpperN.new.N(1)\nUpperN.N\n",
    "lib/N.rb": "class UpperN\n  def N(x)\n  end\n  def self.N\n  end\nend\n",
  },
  c: {
    "main.c": '#include "N.h"\nint run(struct N *one) { N(1); return one->N; }',
    "N.h": "struct N { int N; };\nint N(int x);\n#define OTHER_N 1\n",
  },
  cpp: {
    "main.cpp": '#include "N.hpp"\nstruct Sub : shop::N {};\nint run(shop::N one) { one.put(1); return one.value; }',
    "N.hpp": "namespace shop { struct N { int value; void put(N x); void put(int x); void put(char* x); }; }",
  },
};

test.each(Object.keys(SOURCES))("%s: names are found that members of Object have", async (language) => {
  const plain = await linksOf(language, "plain");
  expect(plain.filter((link) => !link.endsWith("nothing")).length).toBeGreaterThan(2);
  for (const name of ["constructor", "__proto__", "toString", "valueOf", "hasOwnProperty"])
    expect(await linksOf(language, name), name).toEqual(plain.map((link) => link.replaceAll("plain", name)).sort());
});

/** References of all files, each with the definitions that it leads to. */
async function linksOf(language: string, name: string): Promise<string[]> {
  const named = (text: string) => text.replace(/UpperN/g, `Upper${name}`).replace(/\bN\b/g, name);
  const facts = new Map<string, Facts>();
  for (const [template, source] of Object.entries(SOURCES[language] ?? {})) {
    const [path, text] = [named(template), named(source)];
    const grammar = grammarOf(path);
    if (grammar !== undefined)
      facts.set(path, extractFacts(grammar, { path, text }, await loadParser(parserOf(grammar, text))));
  }
  const find = (path: string) => facts.get(path) ?? NO_FACTS;
  const tree = makeTree([...facts.keys()], {
    facts: find,
    overview: (path) => overviewOf(find(path), languageOf(path)),
  });
  const links = [...linkFiles(tree, tree.paths, resolversOf(tree))].flatMap(([path, { links, edges }]) => [
    ...edges.map(({ to, kinds }) => `${path} → ${to} (${kinds.join()})`),
    ...find(path).references.map((fact, number) => {
      const link = links.find(({ reference }) => reference === number);
      const to = link?.definitions.map((one) => `${one.path}:${find(one.path).symbols[one.symbol]?.line}`).join(", ");
      return `${path}:${fact.line} ${fact.name} → ${to ?? "nothing"}${link ? ` ${link.confidence}` : ""}`;
    }),
  ]);
  return links.sort();
}
