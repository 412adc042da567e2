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
    (what) => typeof what === "string" && places.push(what),
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

test("tsconfig: paths are relative to the baseUrl wherever that is said", () => {
  const files = {
    "tsconfig.base.json": json({ compilerOptions: { baseUrl: "." } }),
    "packages/app/tsconfig.json": json({
      extends: "../../tsconfig.base.json",
      compilerOptions: { paths: { "@lib/*": ["libs/*"] } },
    }),
    "libs/x.ts": "",
    "packages/app/libs/x.ts": "",
    "packages/own/tsconfig.json": json({ compilerOptions: { paths: { "@lib/*": ["./libs/*"] } } }),
    "packages/own/libs/x.ts": "",
  };
  expect(resolve(files, "packages/app/a.ts", "@lib/x")).toBe("libs/x.ts");
  expect(resolve(files, "packages/own/a.ts", "@lib/x")).toBe("packages/own/libs/x.ts");
});

test("tsconfig: of several that one extends the last counts, and what it says itself before them", () => {
  const files = {
    "one.tsconfig.json": json({ compilerOptions: { paths: { "@/*": ["./one/*"] } } }),
    "two.tsconfig.json": json({ compilerOptions: { paths: { "@/*": ["./two/*"] } } }),
    "tsconfig.json": json({ extends: ["./one.tsconfig.json", "./two.tsconfig.json"] }),
    "one/x.ts": "",
    "two/x.ts": "",
  };
  expect(resolve(files, "a.ts", "@/x")).toBe("two/x.ts");
});

test("tsconfig: of a package of the workspace, whatever the file is called, with the extending folder", () => {
  const files = {
    "package.json": json({ name: "root", workspaces: ["apps/*", "packages/*"] }),
    "packages/typescript-config/package.json": json({
      name: "@repo/typescript-config",
      version: "0.0.0",
      exports: { "./react": "./react-app.json", "./base.json": "./base.json" },
    }),
    "packages/typescript-config/base.json": json({
      compilerOptions: { outDir: "${configDir}/dist", paths: { "@/*": ["${configDir}/src/*"] } },
    }),
    "packages/typescript-config/react-app.json": json({
      extends: "./base.json",
      compilerOptions: { jsxImportSource: "@repo/jsx" },
    }),
    "apps/web/package.json": json({ name: "web", devDependencies: { "@repo/typescript-config": "workspace:*" } }),
    "apps/web/tsconfig.json": json({ extends: "@repo/typescript-config/base.json" }),
    "apps/web/src/x.ts": "",
    "apps/docs/package.json": json({ name: "docs", devDependencies: { "@repo/typescript-config": "*" } }),
    "apps/docs/tsconfig.json": json({ extends: "@repo/typescript-config/react" }),
    "apps/docs/src/x.ts": "",
  };
  expect(resolve(files, "apps/web/a.ts", "@/x")).toBe("apps/web/src/x.ts");
  expect(resolve(files, "apps/docs/a.ts", "@/x")).toBe("apps/docs/src/x.ts");
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

const shown = (dependencies: Record<string, string>) => ({
  "package.json": json({ name: "shop", workspaces: ["packages/*", "examples/*", "!packages/old"], dependencies }),
  "examples/vue/package.json": json({ name: "vue", version: "0.0.0" }),
  "examples/vue/index.js": "",
  "examples/next/package.json": json({ name: "next", dependencies: { next: "^15" } }),
  "examples/next/index.js": "",
  "services/redis/package.json": json({ name: "redis" }),
  "services/redis/index.js": "",
  "tests/files/node_modules/react/package.json": json({ name: "react" }),
  "tests/files/node_modules/react/index.js": "",
  "packages/core/package.json": json({ name: "core", version: "0.0.0" }),
  "packages/core/index.js": "",
  "packages/old/package.json": json({ name: "old" }),
  "packages/old/index.js": "",
  "packages/test/package.json": json({ name: "@shop/test", version: "1.0.0" }),
  "packages/test/index.js": "",
});

test.each([
  ["src/a.ts", "vue", { vue: "^3" }, "external npm:vue"],
  ["src/a.ts", "vue", {}, "external npm:vue"],
  ["examples/react/a.ts", "vue", {}, "examples/vue/index.js"],
  ["examples/next/pages/a.ts", "next", {}, "external npm:next"],
  ["src/a.ts", "redis", { redis: "^4.1.0" }, "external npm:redis"],
  ["src/a.ts", "redis", {}, "external npm:redis"],
  ["src/a.ts", "react", { react: "*" }, "external npm:react"],
  ["tests/files/a.ts", "react", { react: "^19" }, "tests/files/node_modules/react/index.js"],
  ["src/a.ts", "core", { core: "^2.0.0" }, "packages/core/index.js"],
  ["src/a.ts", "core", { core: "*" }, "packages/core/index.js"],
  ["src/a.ts", "core", { core: "npm:other@1" }, "external npm:core"],
  ["packages/api/a.ts", "core", {}, "packages/core/index.js"],
  ["src/a.ts", "old", { old: "^1.0.0" }, "external npm:old"],
  ["src/a.ts", "@shop/test", { "@shop/test": "^1.0.0" }, "packages/test/index.js"],
  ["src/a.ts", "vue", { vue: "workspace:^" }, "examples/vue/index.js"],
])("%s imports %s where %j are asked for: %s", (from, specifier, dependencies, expected) => {
  expect(resolve(shown(dependencies), from, specifier)).toBe(expected);
});

test.each([
  'packages:\n  - "packages/*"\n  # others\n  - apps/**\n\ncatalog:\n  core: ^1',
  "catalog: {}\npackages: ['packages/*', 'apps/**']\n",
  "packages:\n- packages/*\n- apps/**",
])("pnpm's workspace has the packages that its file lists: %j", (text) => {
  const files = {
    "package.json": json({ name: "shop" }),
    "pnpm-workspace.yaml": text,
    "apps/web/site/package.json": json({ name: "site", dependencies: { core: "^2.0.0", redis: "^4.0.0" } }),
    "packages/core/package.json": json({ name: "core", version: "0.0.0" }),
    "packages/core/index.js": "",
    "services/redis/package.json": json({ name: "redis" }),
    "services/redis/index.js": "",
  };
  expect(resolve(files, "apps/web/site/a.ts", "core")).toBe("packages/core/index.js");
  expect(resolve(files, "apps/web/site/a.ts", "redis")).toBe("external npm:redis");
});
