import { expect, test } from "vitest";
import { treeOfSources } from "../../../test/harness/linked-tree.ts";
import { publishedBy } from "./published.ts";
import { resolversOf } from "./resolvers.ts";

/** `ecosystem:name path` of all that a tree of these files publishes. */
function published(files: Record<string, string>): string[] {
  const tree = treeOfSources(files);
  return publishedBy(tree, resolversOf(tree)).roots.map(({ ecosystem, name, path }) => `${ecosystem}:${name} ${path}`);
}

const named = (name: string) => JSON.stringify({ name });

test("packages of npm are published under their names, with the file that they stand for", () => {
  expect(
    published({
      "package.json": named("root"),
      "packages/core/package.json": JSON.stringify({ name: "@acme/core", exports: "./dist/index.mjs" }),
      "packages/core/src/index.ts": "",
      "packages/hidden/package.json": JSON.stringify({ name: "hidden", private: true }),
      "packages/testing/package.json": named("@acme/testing"),
      "packages/testing/index.ts": "",
    }),
  ).toEqual([
    "npm:@acme/core packages/core/src/index.ts",
    "npm:@acme/testing packages/testing/index.ts",
    "npm:root package.json",
  ]);
});

test("what stands among fixtures, examples and installed packages is not published", () => {
  expect(
    published({
      "fixtures/old/package.json": named("@acme/old"),
      "tests/files/node_modules/react/package.json": named("react"),
      "tests/files/node_modules/react/index.js": "",
      "node_modules/vue/package.json": named("vue"),
      "packages/build/src/__fixtures__/svelte/package.json": named("svelte"),
      "packages/create/templates/app/package.json": named("my-app"),
      "examples/till/src/main/java/org/acme/Till.java": "package org.acme; class Till {}",
      "examples/shop/go.mod": "module acme.dev/shop",
    }),
  ).toEqual([]);
});

test("a name of a package that is like a folder of examples hides nothing", () => {
  expect(published({ "src/main/java/com/example/demo/App.java": "package com.example.demo; class App {}" })).toEqual([
    "jvm: src/main/java",
  ]);
});
