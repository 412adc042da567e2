// Methods that a value has by a trait which its type does not name: `impl<T: Bound> Trait for T`, or an `impl` that a macro
// makes. Rust asks that such a trait is in scope, so that few have the name.
import type { Definition } from "../../graph/links.ts";
import type { ReferenceFact, Target } from "../../languages/facts.ts";
import type { Evaluator } from "./evaluate.ts";
import type { Tree } from "./tree.ts";

/** Of the standard library's traits and holders, which any type can have without saying so. */
const STANDARD = new Set(
  "all and_then any as_bytes as_mut as_path as_ref as_slice as_str borrow borrow_mut by_ref bytes chain chars clone clone_from clone_into cloned cmp collect contains copied count cycle default deref deref_mut drain drop entry enumerate eq err expect extend filter filter_map find find_map finish first flat_map flatten flush fmt fold for_each from from_iter from_str fuse ge get get_mut get_or_insert_with gt hash index index_mut insert inspect into into_boxed into_inner into_iter into_owned is_empty is_err is_none is_ok is_some iter iter_mut join keys last le len lines lock lt map map_err map_or map_or_else max max_by max_by_key min min_by min_by_key ne next next_back not nth ok ok_or ok_or_else or or_else parse partial_cmp partition peek peekable poll pop position product push push_str read read_exact read_line read_to_end read_to_string remove replace rev rfind scan seek size_hint skip skip_while sort split step_by sum take take_while to_owned to_string to_vec trim try_borrow try_from try_into type_id unwrap unwrap_or unwrap_or_default unwrap_or_else unzip upgrade values with write write_all write_fmt write_str zip".split(
    " ",
  ),
);
/** A name that more files have is no trait's own. */
const FILES_MAX = 64;
const HAVE_METHODS: ReadonlySet<string | undefined> = new Set(["struct", "enum", "trait"]);

export type TraitMethods = (path: string, fact: ReferenceFact) => Definition | undefined;

/** The method of the only trait in scope that has one of that name; of a value of a type of the tree alone. */
export function createTraitMethods(tree: Tree, evaluator: Evaluator): TraitMethods {
  const methods = new Map<string, readonly Definition[]>();
  const imports = new Map<string, Map<string, Target[]>>();

  return (path, { name, kind, target }) => {
    if (kind !== "call" || target.kind !== "member" || STANDARD.has(name)) return undefined;
    const values = evaluator.valuesOf(path, target.object);
    const isOfTree = values.every((one) => one.is === "instance" && HAVE_METHODS.has(evaluator.symbolAt(one)?.kind));
    if (values.length === 0 || !isOfTree) return undefined;
    const [only, other] = methodsCalled(name).filter((method) => isInScope(path, traitOf(method)));
    return other ? undefined : only;
  };

  function methodsCalled(name: string): readonly Definition[] {
    let known = methods.get(name);
    if (!known) {
      const paths = tree.withMember(name).filter((path) => tree.language(path) === "rust");
      known = paths.length > FILES_MAX ? [] : paths.flatMap((path) => methodsIn(path, name));
      methods.set(name, known);
    }
    for (const method of known) evaluator.symbolAt(method);
    return known;
  }

  function methodsIn(path: string, name: string): Definition[] {
    const { symbols } = tree.facts(path);
    return symbols.flatMap((one, symbol) =>
      one.name === name && one.kind === "method" && !one.isStatic && symbols[one.container ?? -1]?.kind === "trait"
        ? [{ path, symbol }]
        : [],
    );
  }

  function traitOf({ path, symbol }: Definition): Definition {
    return { path, symbol: evaluator.symbolAt({ path, symbol })?.container ?? symbol };
  }

  function isInScope(path: string, trait: Definition): boolean {
    const name = evaluator.symbolAt(trait)?.name ?? "";
    const isMeant = (one: Definition) => one.path === trait.path && one.symbol === trait.symbol;
    return (
      evaluator.typesNamed(path, name).some(isMeant) ||
      (importsOf(path).get(name) ?? []).some((target) =>
        evaluator.definitions(evaluator.evaluate(path, target)).some(isMeant),
      )
    );
  }

  /** What `use`s of a file name, `as _` or not. */
  function importsOf(path: string): Map<string, Target[]> {
    let known = imports.get(path);
    if (!known) {
      imports.set(path, (known = new Map()));
      for (const { kind, name, target } of tree.facts(path).references)
        if (kind === "import" || kind === "reexport") known.set(name, [...(known.get(name) ?? []), target]);
    }
    return known;
  }
}
