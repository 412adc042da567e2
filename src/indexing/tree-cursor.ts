// A cursor over a tree of web-tree-sitter. The package's own copies its state into the memory of the WASM and back at
// every step, which takes two thirds of a walk; this one calls the same functions and leaves the state where they look
// for it. That place is one for all: until a cursor is deleted, nothing else may be asked of the package.
import type { Tree } from "web-tree-sitter";
import type { Cursor } from "../languages/syntax-tree.ts";

/** What is called of the compiled library; each is handed the address of a tree. */
const FUNCTIONS = {
  enterRoot: "_ts_tree_root_node_wasm",
  descendantCount: "_ts_node_descendant_count_wasm",
  create: "_ts_tree_cursor_new_wasm",
  nodeTypeId: "_ts_tree_cursor_current_node_type_id_wasm",
  fieldId: "_ts_tree_cursor_current_field_id_wasm",
  startIndex: "_ts_tree_cursor_start_index_wasm",
  endIndex: "_ts_tree_cursor_end_index_wasm",
  gotoFirstChild: "_ts_tree_cursor_goto_first_child_wasm",
  gotoNextSibling: "_ts_tree_cursor_goto_next_sibling_wasm",
  gotoParent: "_ts_tree_cursor_goto_parent_wasm",
  delete: "_ts_tree_cursor_delete_wasm",
};

type Library = Record<keyof typeof FUNCTIONS, (tree: number) => number>;

/** `module`: what Parser.init was handed, which it fills. Throws where a function is missing, as in another version of the package. */
export function cursorsOf(module: object): (tree: Tree) => Cursor {
  const found = Object.entries(FUNCTIONS).map(([name, exported]) => {
    const call: unknown = Reflect.get(module, exported);
    if (typeof call !== "function") throw new Error(`web-tree-sitter has no ${exported}.`);
    return [name, call];
  });
  // Each name of FUNCTIONS has its function; what those take and give is web-tree-sitter's, whose version is pinned.
  const library = Object.fromEntries(found) as Library;
  return (tree) => new LibraryCursor(library, addressOf(tree));
}

/** Its declaration leaves the handle out, which every class of the package keeps as its element 0. */
function addressOf(tree: Tree): number {
  const address: unknown = Reflect.get(tree, 0);
  if (typeof address !== "number" || address === 0) throw new Error("A tree of web-tree-sitter has no address.");
  return address;
}

class LibraryCursor implements Cursor {
  readonly descendantCount: number;
  readonly #library: Library;
  readonly #tree: number;

  constructor(library: Library, tree: number) {
    this.#library = library;
    this.#tree = tree;
    // Leaves the root where the other two look for their node.
    library.enterRoot(tree);
    this.descendantCount = library.descendantCount(tree);
    library.create(tree);
  }

  get nodeTypeId(): number {
    return this.#library.nodeTypeId(this.#tree);
  }

  get currentFieldId(): number {
    return this.#library.fieldId(this.#tree);
  }

  get startIndex(): number {
    return this.#library.startIndex(this.#tree);
  }

  get endIndex(): number {
    return this.#library.endIndex(this.#tree);
  }

  gotoFirstChild(): boolean {
    return this.#library.gotoFirstChild(this.#tree) === 1;
  }

  gotoNextSibling(): boolean {
    return this.#library.gotoNextSibling(this.#tree) === 1;
  }

  gotoParent(): boolean {
    return this.#library.gotoParent(this.#tree) === 1;
  }

  delete(): void {
    this.#library.delete(this.#tree);
  }
}
