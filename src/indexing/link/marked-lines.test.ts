// Languages with classes, on lines that say themselves where their names lead: `one() // one A:3` is line 3 of the file whose name begins
// with `A.`; `?` behind it: inferred, `??`: one of several, `-`: nowhere.
import { expect, test } from "vitest";
import { linkSources, treeOfSources } from "../../../test/harness/linked-tree.ts";

/** What the marked lines of a file say, and the same names where they lead. */
function marked(sources: Record<string, string>): { said: string[]; found: string[] } {
  const [[path, text] = ["", ""]] = Object.entries(sources);
  const tree = treeOfSources(sources);
  const links = new Map(
    linkSources(sources)
      .links.get(path)
      ?.links.map((link) => [link.reference, link]),
  );
  const lines = text.split("\n").map((line) => /\/\/ (.*)$/.exec(line)?.[1] ?? "");
  const found = lines.map((said, index) => {
    const names = new Set(said.split(", ").map((each) => each.split(" ")[0]));
    return tree.facts(path).references.flatMap(({ name, line, kind }, number) => {
      if (line !== index + 1 || !names.has(name) || kind === "import") return [];
      const { definitions = [], confidence = "exact" } = links.get(number) ?? {};
      const to = definitions.map(
        (one) => `${one.path.split(/[/.]/).at(-2)}:${tree.facts(one.path).symbols[one.symbol]?.line}`,
      );
      const sign = confidence === "exact" ? "" : confidence === "inferred" ? "?" : "??";
      return [`${name} ${to.join(" ") || "-"}${sign}`];
    });
  });
  return { said: lines, found: found.map((each) => each.join(", ")) };
}

function check(sources: Record<string, string>): void {
  const { said, found } = marked(sources);
  expect(found).toEqual(said);
}

test("Java: static imports are of all overloads of a name, inherited ones too", () =>
  check({
    "q/Main.java": `package q;
import static p.Less.any;
import static p.Base.mock;
import static p.Base.Kind.*;
class Main {
  void run() {
    any(); // any Base:3
    any(Main.class); // any Base:4
    mock(Main.class); // mock Base:6
    mock(Main.class, "x"); // mock Base:7
    mock(); // mock Base:5
    use(ONE); // ONE Base:8
  }
}
class Other { void run() { hidden(); } } // hidden -`,
    "p/Base.java": `package p;
public class Base {
  public static <T> T any() { return null; }
  public static <T> T any(Class<T> type) { return null; }
  public static <T> T mock(T... none) { return null; }
  public static <T> T mock(Class<T> type) { return null; }
  public static <T> T mock(Class<T> type, String name) { return null; }
  public enum Kind { ONE }
  public static void hidden() {}
}`,
    "p/Less.java": "package p; public class Less extends Base {}",
  }));

test("Java: a static star import is of what a type inherits as well", () =>
  check({
    "q/Main.java": `package q;
import static p.Less.*;
class Main { void run() {
  any(Main.class); // any Base:4
} }`,
    "p/Base.java": `package p;
public class Base {
  public static <T> T any() { return null; }
  public static <T> T any(Class<T> type) { return null; }
}`,
    "p/Less.java": "package p; public class Less extends Base {}",
  }));
