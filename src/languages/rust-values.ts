// What Rust expressions, types and patterns lead to. References and pointers that own are what they point to, options and
// results what they hold: methods are called on that far more often than on them.
import { bindLocal, elementOf, instanceOf, listOf, memberOf, resultOf, type Scope } from "./draft.ts";
import { UNKNOWN, type Target } from "./facts.ts";
import { lowerPath, type RustFile } from "./rust-imports.ts";
import type { Node } from "./syntax-tree.ts";

const HOLDERS = new Set([
  "Arc",
  "Box",
  "Cell",
  "Cow",
  "MaybeUninit",
  "Mutex",
  "Option",
  "Pin",
  "Rc",
  "Ref",
  "RefCell",
  "RefMut",
  "Result",
  "RwLock",
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
  /^(?:as_deref|as_deref_mut|as_mut|as_ref|borrow|borrow_mut|clone|cloned|copied|expect|into_iter|iter|iter_mut|lock|ok|take|to_owned|to_vec|unwrap|unwrap_or|unwrap_or_default|unwrap_or_else|values|values_mut)$/;
const ELEMENT = /^(?:first|get|get_mut|last|last_mut|next|peek|pop|pop_front|remove)$/;

/** Whether a pattern's `Some(x)` holds what the value is. */
export function isPassedOn(type: string): boolean {
  return /^(?:Some|Ok|Box)$/.test(type);
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
      const field = tree.field(node, "field");
      return tree.is(field, "field_identifier") ? memberOf(part("value"), tree.textOf(field)) : UNKNOWN;
    }
    case "reference_type":
    case "pointer_type":
      return part("type");
    case "dynamic_type":
    case "abstract_type":
      return part("trait");
    case "array_type":
      return listOf(part("element"));
    case "bracketed_type":
      return draft.value(tree.children(node)[0], scope);
    case "qualified_type":
      return part("type");
    case "generic_type":
    case "generic_type_with_turbofish": {
      const name = tree.textOf(tree.field(node, "type")).replace(/^.*::/s, "");
      const parameters = tree.children(tree.field(node, "type_arguments")).filter((type) => !tree.is(type, "lifetime"));
      if (HOLDERS.has(name)) return draft.value(parameters[0], scope);
      if (COLLECTIONS.has(name)) return listOf(draft.value(parameters.at(-1), scope));
      return part("type");
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
    case "type_cast_expression":
      return instanceOf(part("type"));
    case "index_expression":
      return elementOf(draft.value(tree.children(node)[0], scope));
    case "call_expression": {
      const callee = tree.field(node, "function");
      const name = tree.textOf(tree.field(callee, "field"));
      const [first] = tree.children(tree.field(node, "arguments"));
      if (PASSED_ON.test(name)) return draft.value(tree.field(callee, "value"), scope);
      if (ELEMENT.test(name)) return elementOf(draft.value(tree.field(callee, "value"), scope));
      if (/^(?:Some|Ok|(?:Box|Rc|Arc|RefCell|Mutex|Cell|RwLock)::new)$/.test(tree.textOf(callee)))
        return draft.value(first, scope);
      return resultOf(draft.value(callee, scope));
    }
    default:
      return UNKNOWN;
  }
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
