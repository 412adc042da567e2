// C and C++ where macros, templates and headers stand in the way of what names mean.
import { expect, test } from "vitest";
import { factsOf, linkSources } from "../../../test/harness/linked-tree.ts";

/** `kind name` of what the text declares, in order. */
const declared = (path: string, text: string) => factsOf(path, text).symbols.map(({ kind, name }) => `${kind} ${name}`);

const PROTOTYPES = `#ifndef KIT_H
#include "common.h"
/** @file */
KIT_BEGIN_DECL

/** Look up. */
KIT_EXTERN(int) kit_lookup(
	kit **out, const struct repo *repo);
KIT_EXTERN(const char *) kit_name(const kit *one, const char *string);
KIT_EXTERN(void)
kit_free(kit *one);
KIT_INLINE(bool) kit_is(const char *one, const char *two)
{
	return strcmp(one, two) == 0;
}

KIT_END_DECL
#endif
`;

test.each(["kit.h", "kit.hpp"])("functions whose type a macro is handed are declared, in %s", (path) =>
  expect(declared(path, PROTOTYPES)).toEqual([
    "function kit_lookup",
    "function kit_name",
    "function kit_free",
    "function kit_is",
  ]),
);

test("a macro before what it marks or begins is no type of that", () => {
  expect(declared("a.h", "BEGIN_C\ntypedef struct foo foo;\n")).toEqual(["type foo"]);
  expect(declared("a.h", "__BEGIN_DECLS\n\n/** What it is. */\ntypedef struct { int x; } foo;\n")).toEqual([
    "struct foo",
    "property x",
  ]);
  expect(declared("a.c", "TEST_END\n\nTEST_BEGIN(first) {\n}\n").filter((one) => one.includes("TEST"))).toEqual([]);
  expect(
    declared("a.c", "void MY_NOTHROW *\nMY_ATTR(malloc) MY_SIZE(1)\nmy_alloc(size_t size) { return 0; }\n"),
  ).toEqual(["function my_alloc"]);
});

test("pointers to functions that a macro makes are called what it is handed", () =>
  expect(
    declared(
      "a.h",
      "typedef int KIT_CALLBACK(kit_cb)(int n, void *data);\nstruct kit { int KIT_CALLBACK(open)(int n); int (*close)(int n); };\nint KIT_PRIVATE(compare)(int a);\n",
    ),
  ).toEqual(["type kit_cb", "struct kit", "property open", "property close", "function KIT_PRIVATE"]));

test("what a function gives whose type a macro is handed has members", () => {
  const { references } = linkSources({
    "a.c": '#include "kit.h"\nint main(void) { return kit_last()->code + kit_at(1); }\n',
    "kit.h":
      "typedef struct { int code; } kit;\nKIT_EXTERN(const kit *) kit_last(void);\nKIT_EXTERN(int) kit_at(int n);\n",
    "kit.c": '#include "kit.h"\nconst kit *kit_last(void) { return 0; }\n',
  });
  expect(references("a.c")).toEqual([
    "kit_last -> kit.c:kit_last exact",
    "code -> kit.h:kit.code inferred",
    "kit_at -> kit.h:kit_at exact",
  ]);
});
