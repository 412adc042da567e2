// What values of Go's functions are: variables that take the name of another, structs without a name, channels, arrays.
import { expect, test } from "vitest";
import { linkSources } from "../../../test/harness/linked-tree.ts";

const KIT = {
  "go.mod": "module acme.com/m\n",
  "kit.go": "package m\ntype Cup struct { Name string; Lid *Cup; Make func() *Cup }\n",
};

/** Members that the body of a function names, and where they lead. */
function members(body: string, before = ""): string[] {
  const text = `package m\n${before}\nfunc f(cups []Cup, cup *Cup, ch chan *Cup) {\n${body}\n}\n`;
  return linkSources({ "use.go": text, ...KIT })
    .references("use.go")
    .filter((one) => !/^(?:Cup|all) /.test(one))
    .map((one) => one.replace("kit.go:", ""));
}

const NAME = "Name -> Cup.Name inferred";
const LID = "Lid -> Cup.Lid inferred";

test.each([
  ["for _, x := range cups { x := x; x.Name() }"],
  ["if cup := cup; cup != nil { _ = cup.Name }"],
  ["{ cup, n := cup, 1; _, _ = cup.Name, n }"],
  ["for x := range ch { _ = x.Name }"],
  ["_ = (<-ch).Name"],
  ["all := [...]Cup{{}}; _ = all[0].Name"],
  ["all := []struct { in *Cup }{{in: cup}}; for _, one := range all { _ = one.in.Name }"],
  ["var one struct { In struct { Cup Cup } }; _ = one.In.Cup.Name"],
])("%s", (body) => {
  expect(members(body)).toEqual([NAME]);
});

test("what a field or variable has for a name gives its value", () => {
  expect(members("{ in, out := &cup.Lid, 1; _, _ = (*in).Name, out }")).toEqual([LID, NAME]);
  expect(members("_ = cup.Make().Name")).toEqual(["Make -> Cup.Make inferred", NAME]);
});

test("a function with a named type is called and converted, and has methods", () => {
  const types = "type Maker func() *Cup\nfunc (m Maker) Made() *Cup { return m() }";
  const made = ["Maker -> use.go:Maker exact", "Made -> use.go:Maker.Made inferred", NAME];
  expect(members("_ = Maker(cup.Make).Made().Name", types).slice(1)).toEqual([
    ...made.slice(0, 1),
    "Make -> Cup.Make inferred",
    ...made.slice(1),
  ]);
  expect(members("var m Maker; _ = m().Name", types).slice(-1)).toEqual([NAME]);
});

test("fields of structs without a name are members of what has these for a type", () => {
  const types = "type Box struct { Sub []struct { In Cup } }\nvar all = []struct { want *Cup }{{want: &Cup{}}}";
  expect(members("var box Box; _ = box.Sub[0].In.Name; _ = all[0].want.Name", types)).toEqual([
    "want -> use.go:all.want inferred",
    "Box -> use.go:Box exact",
    "Sub -> use.go:Box.Sub inferred",
    "In -> use.go:Box.Sub.In inferred",
    NAME,
    "want -> use.go:all.want inferred",
    NAME,
  ]);
});
