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
  ).toEqual(["type kit_cb", "struct kit", "property open", "property close", "function KIT_PRIVATE(compare)"]));

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

test("C++: smart pointers and containers that the tree does not have stand for what they hold, behind -> and as elements", () => {
  const { references } = linkSources({
    "a.cpp": `#include "kit.hpp"
void run(QSharedPointer<Box> p, boost::intrusive_ptr<Box> q, QList<Box *> l, QList<Box> *all, Own<Box> own, QObject *o, Boxes named) {
  p->open(); q->open(); l[0]->open(); for (auto *one : l) one->open(); named[0].open();
  auto made = make(); made->open();
  auto cast = qobject_cast<Box *>(o); cast->open();
  own->open(); own->own();
  p.close(); all->close(); l.close();
  if (auto *found = dynamic_cast<Box *>(o)) found->open();
}
`,
    "kit.hpp": `class Box { public: void open(); void close(); };
template <typename T> class Own { public: T *operator->(); void own(); };
typedef std::vector<Box> Boxes;
QSharedPointer<Box> make();
`,
  });
  const calls = references("a.cpp").filter((one) => /^(?:open|close|own) /.test(one));
  expect(calls).toEqual([
    ...Array.from({ length: 8 }, () => "open -> kit.hpp:Box.open inferred"),
    "own -> kit.hpp:Own.own inferred",
    "open -> kit.hpp:Box.open inferred",
  ]);
});

test("C++: what maps, optional values, iterators and conditions give", () => {
  const { references } = linkSources({
    "a.cpp": `#include "kit.hpp"
void run(Kit &kit, std::vector<Box> boxes, Pair pairs[]) {
  for (const auto &[key, box] : kit.boxes) box.open();
  auto it = kit.boxes.find("a"); it->second.open(); auto &held = it->second; held.open();
  for (auto i = boxes.begin(); i != boxes.end(); ++i) i->open();
  kit.maybe.value().open();
  auto either = kit.first ? kit.first : nullptr; either->open();
  for (const auto &[one, other] : boxes) other.open();
}
`,
    "kit.hpp": `class Box { public: void open(); };
struct Kit { std::map<std::string, Box> boxes; std::optional<Box> maybe; Box *first; };
`,
  });
  expect(references("a.cpp").filter((one) => one.startsWith("open "))).toEqual(
    Array.from({ length: 6 }, () => "open -> kit.hpp:Box.open inferred"),
  );
});

test("C: a header among examples or tests is for those, also where it is the nearest of its name", () => {
  const { references } = linkSources({
    "tests/core/a.c": '#include "common.h"\n#include "util.h"\nint main(void) { return SIZE(1); }\n',
    "examples/common.h": "#define SIZE(x) 1\n",
    "examples/main.c": '#include "common.h"\nint main(void) { return SIZE(1); }\n',
    "src/lib/common.h": "#define OTHER 1\n",
    "src/util/util.h": "#define SIZE(x) 2\n",
  });
  expect(references("tests/core/a.c")).toEqual(["SIZE -> src/util/util.h:SIZE inferred"]);
  expect(references("examples/main.c")).toEqual(["SIZE -> examples/common.h:SIZE exact"]);
});

test("C: functions of whose name a macro makes another are called by that, and are not those of the bare name", () => {
  const { references } = linkSources({
    "a.c": '#include "kit.h"\nint main(void) { return PRIV(compare)("a", "b") + compare("a"); }\n',
    "kit.h":
      "#define PRIV(name) _kit_##name\nextern int PRIV(compare)(const char *one, const char *other);\nextern const int PRIV(sizes)[];\nextern const kit PRIV(first);\n",
    "kit.c":
      '#include "kit.h"\nint\nPRIV(compare)(const char *one, const char *other)\n{\n  return PRIV(deep)(one);\n}\nstatic char *PRIV(deep)(const char *one) { return 0; }\nconst int PRIV(sizes)[] = { 1, 2 };\nkit PRIV(first) = { 0 };\n',
  });
  expect(references("a.c")).toEqual(["PRIV -> kit.h:PRIV exact", "compare -> kit.c:PRIV(compare) exact"]);
  expect(references("kit.c")).toEqual(["PRIV -> kit.h:PRIV exact", "deep -> kit.c:PRIV(deep) exact"]);
});
