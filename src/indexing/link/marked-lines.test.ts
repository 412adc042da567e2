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

test("Java: a name that is not called is no function", () =>
  check({
    "q/Main.java": `package q;
import static p.Tools.made;
class Main extends Base {
  int count() { return 1; }
  int count;
  void size() {}
  void run() {
    use(count); // count Main:5
    size.trim(); // size Base:2?
    use(made.x); // made -
    made(); // made Tools:2
    count(); // count Main:4
  }
}`,
    "q/Base.java": "package q; class Base {\n String size; }",
    "p/Tools.java": "package p; public class Tools {\n public static Object made() { return null; } }",
  }));

test("Kotlin: a name before a member is no function", () =>
  check({
    "q/Main.kt": `package q
import p.*
fun run(): Any {
  String.format("x") // String -
  String("x") // String Tools:2
  Box.open() // Box Box:1
  return ::String // String Tools:2
}
class Box2 {
  fun Box() {}
  fun run() {
    Box.open() // Box Box:1
    Box() // Box Main:10
  }
}`,
    "p/Tools.kt": "package p\nfun String(x: Any) = 1",
    "q/Box.kt": "package q; object Box { fun open() {} }",
  }));

test("Kotlin: what stands between two values is called; numbers have their own, packages see nothing of those around", () =>
  check({
    "p/q/Main.kt": `package p.q
import p.Shelf.Companion.with
import p.Shelf.Companion.apart
class Shelf
fun run(count: Int, flags: Byte, box: Box) {
  count and 1 // and -
  flags and 1 // and -
  box beside box // beside Main:14?
  box with 1 // with Shelf:5?
  unknown().with(1) // with Shelf:4 Shelf:5??
  unknown().apart(1) // apart -
  apart(1) // apart Shelf:6
}
infix fun Box.beside(other: Box) = 1
class Box`,
    "p/Shelf.kt": `package p
class Shelf {
  companion object {
    infix fun Int.with(x: Int) = 1
    infix fun Box.with(x: Int) = 1
    fun apart(x: Int) = 1
  }
}
infix fun Int.and(x: Long) = x
infix fun Byte.and(x: Int) = x`,
  }));

test("Kotlin: defaults of parameters, extension properties, extensions of generic types", () =>
  check({
    "q/Main.kt": `package q
fun run(kind: Kind = Kind.ONE, count: Int = make()) { // Kind Main:4, Kind Main:4, ONE Main:4, make Main:5
}
enum class Kind { ONE }
fun make() = 1
fun use(box: Box, all: List<Box>) {
  run(Kind.ONE) // run Main:2
  box.half // half Main:16?
  all.half // half Main:17?
  box.each() // each -
  all.each() // each Main:18?
}
class Box {
  val size = 1
}
val Box.half: Int get() = size + this.size // size Main:14?, size Main:14?
val List<Box>.half: Int get() = 1
fun List<Box>.each() {}`,
  }));

test("C#: types and methods by how many type parameters they have", () =>
  check({
    "Main.cs": `using N;
namespace M;
class Main {
  IExpr<int, int> two; // IExpr Expr:3
  IExpr one; // IExpr Expr:2
  void Run(IMap map) {
    map.To<int>(1); // To Expr:5?
    map.To<int, string>(1); // To Expr:6?
    map.Make<int, string>().Turn(); // Turn Expr:3?
    one.Turn(); // Turn Expr:2?
    Box<int>.Of(); // Box Expr:10, Of Expr:10
    Box.Of(); // Box Expr:9, Of Expr:9
    Outer.In<int>.Of(); // In Expr:11, Of Expr:11
    var all = nameof(Box<int>); // Box Expr:10
    Take(two); // Take Main:22
  }
  void Retry(Policy b, Policy<int> c) {
    b.Retry(1); // Retry Expr:13?
    c.Retry(1); // Retry Expr:14?
  }
  void Take(IExpr x) {}
  void Take<A, B>(IExpr<A, B> x) {}
}`,
    "Expr.cs": `namespace N;
public interface IExpr { void Turn(); }
public interface IExpr<A, B> { void Turn(); }
public interface IMap {
  D To<D>(object s);
  D To<S, D>(S s);
  IExpr<S, D> Make<S, D>();
}
public static class Box { public static void Of() {} }
public static class Box<T> { public static void Of() {} }
public class Outer { public static class In { public static void Of() {} } public static class In<T> { public static void Of() {} } }
public static class Retries {
  public static void Retry(this Policy b, int count) {}
  public static void Retry<T>(this Policy<T> b, int count) {}
}
public class Policy {}
public class Policy<T> {}`,
  }));

test("C#: what collections have themselves, and extensions of those that hold something else", () =>
  check({
    "Main.cs": `using System.Collections.Generic;
using N;
class Main {
  List<int> numbers; List<Config> all; IEnumerable<Sub> some;
  void Run(string name) {
    numbers.Add(1); // Add -
    all.Add(new Config()); // Add -
    numbers.Twice(); // Twice -
    all.Twice(); // Twice Tools:4?
    some.Twice(); // Twice Tools:4?
    numbers.Each(1); // Each Tools:5?
    name.Cut(1); // Cut Tools:6?
    name.Cut("x", 2); // Cut Tools:7?
    name.Cut(); // Cut -
    Tools.Cut(name, 1); // Cut Tools:6
  }
}
class Config {}
class Sub : Config {}`,
    "Tools.cs": `namespace N;
public static class Tools {
  public static void Add<T>(this List<Config> list, System.Func<T, T> make) {}
  public static void Twice(this IEnumerable<Config> list) {}
  public static void Each<T>(this List<T> list, int count) {}
  public static void Cut(this string text, int count) {}
  public static void Cut(this string text, string with, int count) {}
}`,
  }));

test("Kotlin: names that begin like words of the language, and a property called set", () =>
  check({
    "Main.kt": `class Main {
  private var set: Int = 0
  private val in1 = Stream()
  fun run() {
    val bit = 1
    set = bit // set Main:2
    in1.close() // in1 Main:3, close Main:15?
    after() // after Main:13
  }
  var size: Int
    get() = 1
    set(value) { after() } // after Main:13
  fun after() {}
}
class Stream { fun close() {} }`,
  }));

test("C#: functions handed to constructors, also where the type is written elsewhere", () =>
  check({
    "Main.cs": `using System;
class Main {
  Made field = new(x => x.One()); // One Main:13?
  Made Value => new(x => x.One()); // One Main:13?
  Made Make() => new(x => { x.One(); }); // One Main:13?
  Made Give() { return new(x => x.One()); } // One Main:13?
  void Run() {
    new Made(x => x.One()); // One Main:13?
    Made local = new(x => x.One()); // One Main:13?
  }
}
class Made { public Made(Action<Taken> act) {} public Made(int x) {} }
class Taken { public void One() {} }`,
  }));

test("Java: functions handed to constructors, and components of records", () =>
  check({
    "Main.java": `import java.util.function.Consumer;
record Main(Taken taken) {
  void run() {
    new Made(x -> x.one()); // one Main:9?
    taken().one(); // one Main:9?
  }
}
class Made { Made(Consumer<Taken> act) {} }
class Taken { void one() {} }`,
  }));

test("Kotlin: values of branches, delegates, indexes, what gives itself, names of patterns", () =>
  check({
    "Main.kt": `val late by lazy { Client() }
fun run(client: Client, all: Map<String, Client>) {
  Builder().named("x").also2().build() // named Main:21?, also2 Main:22?, build Main:23?
  late.call() // call Main:17?
  client[0].body() // body Main:26?
  val a = if (true) client else null
  a?.call() // call Main:17?
  val b = when (client) { is Client -> client; else -> throw Error() }
  b.call() // call Main:17?
  val c = try { client } catch (e: Exception) { null }
  c?.call() // call Main:17?
  for ((key, e) in all) e.call() // call -
  val e = client
  e.call() // call Main:17?
}
class Client {
  fun call() {}
  operator fun get(at: Int) = Part()
}
class Builder {
  fun named(name: String) = apply { }
  fun also2() = also { it.build() }
  fun build() {}
}
class Part {
  fun body() {}
}`,
  }));
