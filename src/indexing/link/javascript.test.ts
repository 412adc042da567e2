import { expect, test } from "vitest";
import { treeOfSources } from "../../../test/harness/linked-tree.ts";
import { createJavascriptResolver } from "./javascript.ts";
import type { Resolution } from "./tree.ts";

/** What `specifier` in `from` leads to in a tree of these files; those not given as text are empty. */
function resolve(files: Record<string, string> | string[], from: string, specifier: string): string {
  const sources = Array.isArray(files) ? Object.fromEntries(files.map((path) => [path, ""])) : files;
  const places: string[] = [];
  const resolution = createJavascriptResolver(treeOfSources({ [from]: "", ...sources })).resolveImport(
    from,
    { specifier, kind: "import", line: 1, column: 1 },
    (place) => places.push(place),
  );
  expect(places).not.toEqual([]);
  return show(resolution);
}

function show(resolution: Resolution): string {
  if (resolution.kind === "files") return resolution.paths.join(" ");
  return resolution.kind === "external" ? `external ${resolution.package}` : resolution.kind;
}

const json = JSON.stringify;

test.each([
  [["a.ts"], "./a", "a.ts"],
  [["a.ts", "a.js"], "./a.js", "a.ts"],
  [["a.js"], "./a.js", "a.js"],
  [["a.d.ts", "a.js"], "./a.js", "a.d.ts"],
  [["a.mts"], "./a.mjs", "a.mts"],
  [["a.cts"], "./a.cjs", "a.cts"],
  [["a.tsx"], "./a.jsx", "a.tsx"],
  [["a.ts"], "./a.ts", "a.ts"],
  [["a/index.tsx"], "./a", "a/index.tsx"],
  [["a.ts", "a/index.ts"], "./a", "a.ts"],
  [["a.ts", "a/index.ts"], "./a/", "a/index.ts"],
  [["index.ts"], ".", "index.ts"],
  [["a.service.ts"], "./a.service", "a.service.ts"],
  [["data.json"], "./data.json", "data.json"],
  [["a.vue"], "./a.vue", "a.vue"],
  [["text.md"], "./text.md?raw", "text.md"],
  [["a.ts"], "raw-loader!./a.ts", "a.ts"],
  [["a.ts"], "../a", "missing"],
  [[], "./nowhere", "missing"],
  [["fs.ts"], "fs", "builtin"],
  [["fs.ts"], "node:fs/promises", "builtin"],
  [["react.ts"], "react/jsx-runtime", "external npm:react"],
  [[], "@scope/name/deep", "external npm:@scope/name"],
  [[], "npm:zod@4", "external npm:zod"],
  [["src/a.ts"], "/src/a.ts", "src/a.ts"],
] as [string[], string, string][])("%j: %s → %s", (files, specifier, expected) => {
  expect(resolve(files, "main.ts", specifier)).toBe(expected);
});

test("JavaScript prefers the implementation to its declarations", () => {
  expect(resolve(["a.d.ts", "a.js"], "main.js", "./a")).toBe("a.js");
});

test("tsconfig: paths through extends and baseUrl, the nearest file, several targets, references", () => {
  const files = {
    "tsconfig.base.json":
      '{ "compilerOptions": { "baseUrl": "./src", /* c */ "paths": { "@lib/*": ["gone/*", "lib/*"], "one": ["only.ts",], }, }, }',
    "tsconfig.json": '{ "extends": "./tsconfig.base" }',
    "app/tsconfig.json": json({ references: [{ path: "./tsconfig.app.json" }] }),
    "app/tsconfig.app.json": json({ compilerOptions: { paths: { "~/*": ["./inner/*"] } } }),
    "src/lib/x.ts": "",
    "src/only.ts": "",
    "src/plain.ts": "",
    "app/inner/y.ts": "",
  };
  expect(resolve(files, "src/main.ts", "@lib/x")).toBe("src/lib/x.ts");
  expect(resolve(files, "src/main.ts", "one")).toBe("src/only.ts");
  expect(resolve(files, "src/main.ts", "plain")).toBe("src/plain.ts");
  expect(resolve(files, "app/main.ts", "~/y")).toBe("app/inner/y.ts");
});

const workspace = {
  "package.json": json({ name: "root", dependencies: {} }),
  "packages/core/package.json": json({
    name: "@acme/core",
    version: "2.1.0",
    exports: {
      ".": { import: { types: "./dist/index.d.mts", default: "./dist/index.mjs" }, require: "./dist/index.cjs" },
      "./features/*": { types: "./dist/features/*.d.ts" },
      "./source": { "@acme/source": "./src/source.ts", default: "./dist/other.js" },
      "./hidden/*": null,
    },
    imports: { "#inner/*": "./src/inner/*.ts", "#dep": { default: "@acme/plain" } },
  }),
  "packages/core/src/index.ts": "",
  "packages/core/src/features/one.ts": "",
  "packages/core/src/source.ts": "",
  "packages/core/src/inner/part.ts": "",
  "packages/plain/package.json": json({ name: "@acme/plain", main: "./lib/main.js" }),
  "packages/plain/src/main.ts": "",
  "packages/plain/src/deep.ts": "",
  "packages/app/package.json": json({
    name: "app",
    dependencies: { "@acme/core": "workspace:*", "@acme/old": "^1.0.0" },
  }),
  "fixtures/old/package.json": json({ name: "@acme/old", version: "3.0.0", main: "index.js" }),
  "fixtures/old/index.js": "",
};

test.each([
  ["packages/app/a.ts", "@acme/core", "packages/core/src/index.ts"],
  ["packages/app/a.ts", "@acme/core/features/one", "packages/core/src/features/one.ts"],
  ["packages/app/a.ts", "@acme/core/source", "packages/core/src/source.ts"],
  ["packages/core/src/a.ts", "#inner/part", "packages/core/src/inner/part.ts"],
  ["packages/core/src/a.ts", "#dep", "packages/plain/src/main.ts"],
  ["packages/core/src/a.ts", "#gone", "missing"],
  ["packages/core/src/a.ts", "@acme/core/features/one", "packages/core/src/features/one.ts"],
  ["packages/app/a.ts", "@acme/plain", "packages/plain/src/main.ts"],
  ["packages/app/a.ts", "@acme/plain/deep", "packages/plain/src/deep.ts"],
  ["packages/app/a.ts", "@acme/old", "external npm:@acme/old"],
  ["packages/app/a.ts", "@acme/none", "external npm:@acme/none"],
])("in a workspace, %s imports %s from %s", (from, specifier, expected) => {
  expect(resolve(workspace, from, specifier)).toBe(expected);
});
