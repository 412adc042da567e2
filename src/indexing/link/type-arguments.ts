// What the type parameters of generic types stand for.
import type { Definition } from "../../graph/links.ts";
import type { Target } from "../../languages/facts.ts";
import type { Arguments, Within, Written } from "./found.ts";
import type { World } from "./world.ts";

export function createTypeArguments({ files }: World) {
  const { firstOf } = files;
  const texts = new WeakMap<Target | readonly Target[], string>();
  /** Short keys by long ones: they are part of every question about what has type arguments. */
  const keys = new Map<string, string>();
  return { argumentOf, applied };

  /** The type that a type parameter stands for. */
  function argumentOf(
    path: string,
    { owner, index }: Target & { kind: "type-parameter" },
    { arguments: given }: Within,
  ): Written | undefined {
    const type = given?.types[index];
    if (!type || given.owner.path !== path || given.owner.symbol !== firstOf({ path, symbol: owner })) return undefined;
    return type;
  }

  /**
   * A type argument that is a type parameter itself is what that stands for there. What is further inside stands for its
   * bounds: what else it may be is not followed.
   */
  function applied(
    of: Definition,
    { path, types, within }: { path: string; types: readonly Target[]; within: Within },
  ): Arguments {
    const owner = { path: of.path, symbol: firstOf(of) };
    const known = types.map((type) => (type.kind === "type-parameter" ? argumentOf(path, type, within) : undefined));
    const given = known.map((type) => (type ? `${textOf(type.type)} ${type.path}` : "")).join();
    return {
      owner,
      types: types.map((type, index) => known[index] ?? { path, type }),
      key: keyOf(`${owner.symbol} ${owner.path} ${path} ${textOf(types)} ${given}`),
    };
  }

  function keyOf(text: string): string {
    const known = keys.get(text) ?? `<${keys.size}>`;
    keys.set(text, known);
    return known;
  }

  function textOf(types: Target | readonly Target[]): string {
    const known = texts.get(types) ?? JSON.stringify(types);
    texts.set(types, known);
    return known;
  }
}
