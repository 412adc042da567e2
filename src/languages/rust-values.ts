// What Rust expressions, types and patterns lead to. References and pointers that own are what they point to, options and
// results what they hold: methods are called on that far more often than on them.
import {
  bindLocal,
  eitherOf,
  elementOf,
  findBinding,
  firstOf,
  instanceOf,
  listOf,
  memberOf,
  resultOf,
  type Scope,
} from "./draft.ts";
import { UNKNOWN, type Target } from "./facts.ts";
import { valueOfTokens } from "./rust-macros.ts";
import { lowerPath, type RustFile } from "./rust-imports.ts";
import type { Node } from "./syntax-tree.ts";

const HOLDERS = new Set([
  "Arc",
  "Box",
  "CachePadded",
  "Cell",
  "Cow",
  "Lazy",
  "LazyLock",
  "ManuallyDrop",
  "MaybeUninit",
  "Mutex",
  "MutexGuard",
  "NonNull",
  "OnceCell",
  "OnceLock",
  "Option",
  "Pin",
  "Poll",
  "Rc",
  "Ref",
  "RefCell",
  "RefMut",
  "Result",
  "RwLock",
  "RwLockReadGuard",
  "RwLockWriteGuard",
  "UnsafeCell",
  "Weak",
]);
const COLLECTIONS = new Set([
  "Vec",
  "VecDeque",
  "HashSet",
  "BTreeSet",
  "IndexSet",
  "SmallVec",
  "LinkedList",
  "BinaryHeap",
  "Iterator",
  "IntoIterator",
  "IndexMap",
  "HashMap",
  "BTreeMap",
]);
const PASSED_ON =
  /^(?:as_deref|as_deref_mut|as_mut|as_pin_mut|as_pin_ref|as_ref|as_slice|borrow|borrow_mut|by_ref|chain|clone|cloned|collect|copied|drain|expect|filter|get_mut|get_ref|get_unchecked_mut|inspect|into_inner|into_iter|iter|iter_mut|lock|ok|ok_or|ok_or_else|or_else|peekable|project|project_ref|rev|skip|skip_while|take|take_while|to_owned|to_vec|try_lock|unwrap|unwrap_or|unwrap_or_default|unwrap_or_else|unwrap_unchecked|upgrade|values|values_mut)$/;
const ELEMENT = /^(?:first|get|get_mut|last|last_mut|next|peek|pop|pop_front|remove)$/;
/** What they are handed is called with what the value holds. */
const HANDS_ELEMENT =
  /^(?:all|and_then|any|filter|filter_map|find|find_map|flat_map|for_each|inspect|is_none_or|is_some_and|map|map_or|map_or_else|map_while|max_by_key|min_by_key|partition|position|retain|skip_while|sort_by_key|take_while|then)$/;

/** Whether a pattern's `Some(x)` holds what the value is. */
export function isPassedOn(type: string): boolean {
  return /^(?:Some|Ok|Box|Ready|Poll::Ready|Cow::(?:Borrowed|Owned))$/.test(type);
}

export function lowerRust(of: RustFile, node: Node, scope: Scope): Target {
  const { tree, draft } = of;
  const part = draft.partOf(node, scope);
  switch (tree.type(node)) {
    case "identifier":
    case "type_identifier":
    case "self":
      return draft.valueOf(tree.textOf(node), scope);
    case "scoped_identifier":
    case "scoped_type_identifier":
      return lowerPath(of, node, scope);
    case "field_expression": {
      const value = part("value");
      return value.kind === "unknown" ? UNKNOWN : memberOf(value, tree.textOf(tree.field(node, "field")));
    }
    case "reference_type":
    case "pointer_type":
      return part("type");
    case "dynamic_type":
    case "abstract_type":
      return part("trait");
    case "bounded_type":
      return eitherOf(typesIn(of, node).map((type) => draft.value(type, scope)));
    case "higher_ranked_trait_bound":
      return part("type");
    case "function_type": {
      const parameters = typesIn(of, tree.field(node, "parameters")).map((type) => draft.value(type, scope));
      return { kind: "function", parameters, type: part("return_type") };
    }
    case "array_type":
      return listOf(part("element"));
    case "bracketed_type":
      return draft.value(tree.children(node)[0], scope);
    case "qualified_type":
      return part("type");
    case "generic_type":
    case "generic_type_with_turbofish": {
      const named = tree.field(node, "type");
      const name = tree.textOf(named).replace(/^.*::/s, "");
      const types = typesIn(of, tree.field(node, "type_arguments")).map((type) => draft.value(type, scope));
      const held = HOLDERS.has(name) ? types[0] : COLLECTIONS.has(name) ? listOf(types.at(-1) ?? UNKNOWN) : undefined;
      if (held && isStandard(of, tree.textOf(named), scope)) return held;
      const generic = part("type");
      // A type's own parameters say nothing of themselves.
      const isTold = types.some(
        (type) =>
          type.kind !== "unknown" &&
          !(
            type.kind === "type-parameter" &&
            !type.bound &&
            generic.kind === "symbol" &&
            type.owner === generic.symbol
          ),
      );
      const applied: Target = generic.kind === "unknown" || !isTold ? generic : { kind: "applied", of: generic, types };
      // A type of one's own may be called as a standard one: its methods come first.
      return held ? firstOf([applied, held]) : applied;
    }
    case "generic_function":
      return part("function");
    case "struct_expression":
      return instanceOf(part("name"));
    case "reference_expression":
      return part("value");
    case "try_expression":
    case "await_expression":
    case "parenthesized_expression":
    case "unary_expression":
    case "return_expression":
      return draft.value(tree.children(node)[0], scope);
    case "macro_invocation":
      return /^(?:ready|try|dbg)$/.test(tree.textOf(tree.field(node, "macro")).replace(/^.*::/s, ""))
        ? valueOfTokens(of, tree.child(node, "token_tree"), scope)
        : UNKNOWN;
    case "type_cast_expression":
      return instanceOf(part("type"));
    case "index_expression":
      return elementOf(draft.value(tree.children(node)[0], scope));
    case "call_expression": {
      const callee = tree.field(node, "function");
      const name = tree.textOf(tree.field(callee, "field"));
      const [first] = tree.children(tree.field(node, "arguments"));
      const own = () => resultOf(draft.value(callee, scope));
      if (PASSED_ON.test(name) || ELEMENT.test(name)) {
        const value = draft.value(tree.field(callee, "value"), scope);
        const inner = ELEMENT.test(name) ? elementOf(value) : UNKNOWN;
        const held = PASSED_ON.test(name) ? value : UNKNOWN;
        // A type of one's own can have a method of that name. Not asked again and again along a chain.
        return value.kind === "first" ? firstOf([inner, held]) : firstOf([own(), inner, held]);
      }
      const written = tree.textOf(callee);
      if (/^(?:Some|Ok|Pin::new(?:_unchecked)?)$/.test(written)) return draft.value(first, scope);
      if (/^(?:Box|Rc|Arc|RefCell|Mutex|Cell|RwLock)::(?:new|pin)$/.test(written))
        return firstOf([own(), draft.value(first, scope)]);
      return own();
    }
    default:
      return UNKNOWN;
  }
}

/** Types in a list, without lifetimes. */
function typesIn({ tree }: RustFile, list: Node | undefined): Node[] {
  return tree
    .children(list)
    .filter((type) => !tree.is(type, "lifetime", "type_binding", "removed_trait_bound"))
    .map((type) => (tree.is(type, "parameter") ? (tree.field(type, "type") ?? type) : type));
}

/** Whether a type is the standard library's, as far as its own file tells. */
function isStandard({ draft }: RustFile, path: string, scope: Scope): boolean {
  const [first = "", ...rest] = path.split("::");
  if (/^(?:std|core|alloc)$/.test(first)) return true;
  const target = findBinding(scope, first)?.target();
  if (target?.kind === "imported") return /^(?:std|core|alloc)\b/.test(draft.imports[target.import]?.specifier ?? "");
  return target === undefined && rest.length === 0;
}

/** What parameter number `index` of a closure is called with, by what the closure is handed to. */
export function handedTo(
  { tree, draft }: RustFile,
  closure: Node,
  { scope, index }: { scope: Scope; index: number },
): Target {
  const list = tree.parent(closure);
  const call = tree.is(list, "arguments") ? tree.parent(list) : undefined;
  const callee = tree.field(call, "function");
  if (callee === undefined) return UNKNOWN;
  const taker = draft.value(callee, scope);
  const position = tree.children(list).indexOf(closure);
  const own: Target =
    taker.kind === "unknown"
      ? UNKNOWN
      : { kind: "parameter", of: { kind: "parameter", of: taker, index: position }, index };
  if (index > 0 || !HANDS_ELEMENT.test(tree.textOf(tree.field(callee, "field")))) return own;
  const value = draft.value(tree.field(callee, "value"), scope);
  return firstOf([own, elementOf(value), value]);
}

/** True: the pattern is a name, or holds nothing but one, and binds it. */
export function bindRustPattern(
  { tree }: RustFile,
  node: Node,
  { scope, value }: { scope: Scope; value: () => Target },
): boolean {
  if (!tree.is(node, "identifier")) return false;
  // Constants and variants are written large.
  if (/^\p{Lu}/u.test(tree.textOf(node))) return false;
  // `let x = x.y()` is another variable of the same name.
  scope.names.delete(tree.textOf(node));
  bindLocal(scope, tree.textOf(node), value);
  return true;
}
