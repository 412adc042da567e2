// Things of one name in several files, of which distance decides, or nothing does.
import { expect, test } from "vitest";
import { linkSources } from "../../../test/harness/linked-tree.ts";

/** What the first of the files depends on, and what its references lead to, each once. */
function check(files: Record<string, string>, expected: { edges: string[]; references: string[] }) {
  const [from = ""] = Object.keys(files);
  const linked = linkSources(files);
  expect({ edges: linked.edges(from), references: [...new Set(linked.references(from))] }).toEqual(expected);
}

const CONFIG =
  "package com.acme; public class Config { public static int size; public Config next() { return this; } }";

test("Java: a class in two modules is ambiguous from a third, and so is what it has", () => {
  const main =
    "package com.acme.app; import com.acme.Config; class Main { void run(Config it) { it.next().next(); int x = Config.size; } }";
  check(
    {
      "app/src/main/java/com/acme/app/Main.java": main,
      "a/src/main/java/com/acme/Config.java": CONFIG,
      "b/src/main/java/com/acme/Config.java": CONFIG,
    },
    {
      edges: [],
      references: [
        "Config -> a/src/main/java/com/acme/Config.java:Config & b/src/main/java/com/acme/Config.java:Config ambiguous",
        "next -> a/src/main/java/com/acme/Config.java:Config.next & b/src/main/java/com/acme/Config.java:Config.next ambiguous",
        "size -> a/src/main/java/com/acme/Config.java:Config.size & b/src/main/java/com/acme/Config.java:Config.size ambiguous",
      ],
    },
  );
  check(
    {
      "b/src/main/java/com/acme/app/Main.java": main,
      "a/src/main/java/com/acme/Config.java": CONFIG,
      "b/src/main/java/com/acme/Config.java": CONFIG,
    },
    {
      edges: ["b/src/main/java/com/acme/Config.java import,symbol"],
      references: [
        "Config -> b/src/main/java/com/acme/Config.java:Config inferred",
        "next -> b/src/main/java/com/acme/Config.java:Config.next inferred",
        "size -> b/src/main/java/com/acme/Config.java:Config.size inferred",
      ],
    },
  );
});

test("PHP: a class that two packages declare is the nearest, unless composer's folders say which", () => {
  const main = "<?php namespace App; use Acme\\Till; new Till();";
  const till = "<?php namespace Acme; class Till {}";
  const both = ["a/src/Till.php:Till", "b/src/Till.php:Till"];
  check(
    { "app/Main.php": main, "a/src/Till.php": till, "b/src/Till.php": till },
    { edges: [], references: [`Till -> ${both.join(" & ")} ambiguous`] },
  );
  check(
    { "a/Main.php": main, "a/src/Till.php": till, "b/src/Till.php": till },
    { edges: ["a/src/Till.php import,symbol"], references: ["Till -> a/src/Till.php:Till inferred"] },
  );
  check(
    {
      "app/Main.php": main,
      "a/src/Till.php": till,
      "b/src/Till.php": till,
      "composer.json": '{ "autoload": { "psr-4": { "Acme\\\\": "b/src/" } } }',
    },
    { edges: ["b/src/Till.php import,symbol"], references: ["Till -> b/src/Till.php:Till exact"] },
  );
});

test("Ruby: classes of two libraries with one name are ambiguous, parts of one module are not", () => {
  check(
    {
      "app/main.rb": "Config.new\nAcme\n",
      "a/lib/config.rb": "class Config\nend\n",
      "b/lib/config.rb": "class Config\nend\n",
      "a/lib/acme/one.rb": "module Acme\nend\n",
      "b/lib/acme/two.rb": "module Acme\nend\n",
    },
    {
      edges: ["a/lib/acme/one.rb symbol"],
      references: [
        "Config -> a/lib/config.rb:Config & b/lib/config.rb:Config ambiguous",
        "Acme -> a/lib/acme/one.rb:Acme inferred",
      ],
    },
  );
});

test("C: a header that two folders have is the nearest, and none of them where they are as near", () => {
  const util = "#define LIMIT 1\nstruct box { int size; };\n";
  check(
    {
      "src/main.c": '#include "util.h"\nint f(struct box *b) { return LIMIT; }\n',
      "a/util.h": util,
      "b/util.h": util,
    },
    {
      edges: [],
      references: [
        "box -> a/util.h:box & b/util.h:box ambiguous",
        "LIMIT -> a/util.h:LIMIT & b/util.h:LIMIT ambiguous",
      ],
    },
  );
  check(
    {
      "a/src/main.c": '#include "util.h"\nint f(struct box *b) { return LIMIT; }\n',
      "a/inc/util.h": util,
      "b/inc/util.h": util,
    },
    {
      edges: ["a/inc/util.h include,symbol"],
      references: ["box -> a/inc/util.h:box inferred", "LIMIT -> a/inc/util.h:LIMIT inferred"],
    },
  );
});

test("C: a header that stands where no compiler is told to look by itself may be another one", () => {
  const main = '#include "config.h"\n#include <fmt/core.h>\nint f() { return LIMIT + CORE; }\n';
  check(
    { "src/main.c": main, "win32/vs/config.h": "#define LIMIT 1\n", "include/fmt/core.h": "#define CORE 1\n" },
    {
      edges: ["include/fmt/core.h include,symbol", "win32/vs/config.h include,symbol"],
      references: ["LIMIT -> win32/vs/config.h:LIMIT inferred", "CORE -> include/fmt/core.h:CORE exact"],
    },
  );
});

test("Python: a package of two projects is ambiguous from a third, also where it is passed on", () => {
  const project = { "pyproject.toml": "", "money/__init__.py": "class Rate: ...\n" };
  const [a, b] = ["a", "b"].map((folder) =>
    Object.fromEntries(Object.entries(project).map(([path, text]) => [`${folder}/${path}`, text])),
  );
  check(
    {
      "c/app.py": "from money import Rate\nfrom given import Rate as Given\nGiven()\n",
      "c/given.py": "from money import Rate\n",
      ...a,
      ...b,
    },
    {
      edges: ["c/given.py import"],
      references: [
        "Rate -> a/money/__init__.py:Rate & b/money/__init__.py:Rate ambiguous",
        "Given -> a/money/__init__.py:Rate & b/money/__init__.py:Rate ambiguous",
      ],
    },
  );
});
