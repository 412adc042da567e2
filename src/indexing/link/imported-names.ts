// Where a name leads that is imported, passed on by other files, or declared nowhere in its file.
import { EXPORT_ASSIGNMENT, nameInKey } from "../../languages/facts.ts";
import type { Definition } from "../../graph/links.ts";
import type { Choice } from "./choice.ts";
import { FOUND_MAX, limited, NOTHING, tied, unsure, type Found } from "./found.ts";
import { TYPES } from "./symbol-kinds.ts";
import { ANYTHING, type Note, type Resolution, type Resolver } from "./tree.ts";
import type { World } from "./world.ts";

/** A name that a file offers. */
interface Step {
  path: string;
  name: string;
}

export type ImportedNames = ReturnType<typeof createImportedNames>;

export function createImportedNames(world: World) {
  const { tree, memory, resolverOf } = world;
  const { tableAt, exportsOf, symbolAt } = world.files;
  const resolutions = new Map<string, Noted<Resolution>[]>();
  return { resolution, imported, ofModule, free };

  /** Where import `number` of the file leads. */
  function resolution(path: string, number: number): Resolution {
    return read(resolve(path, number));
  }

  function read<Value>({ value, places, names }: Noted<Value>): Value {
    for (const place of places) memory.readPlace(place);
    for (const name of names) memory.readName(name);
    return value;
  }

  function resolve(path: string, number: number): Noted<Resolution> {
    let known = resolutions.get(path);
    if (!known) resolutions.set(path, (known = []));
    let one = known[number];
    if (!one) {
      const fact = tree.facts(path).imports[number];
      one = noting((note) => (fact ? resolverOf(path).resolveImport(path, fact, note) : { kind: "missing" }));
      known[number] = one;
    }
    return one;
  }

  function imported(path: string, number: number, name: string): readonly Found[] {
    const to = resolution(path, number);
    if (to.kind !== "files")
      return to.kind === "dynamic" ? NOTHING : [{ is: "outside", name: nameInKey(name), from: path }];
    const fact = tree.facts(path).imports[number];
    if (!fact) return NOTHING;
    const { paths, isGuess, isTied } = to;
    const module: Found = { is: "module", paths, isSure: true, isGuess, isTied, fact, from: path };
    if (name === "*") return limited([...to.paths.flatMap(assigned), module]);
    return ofModule(module, name);
  }

  /** What `export =` makes of the module. */
  function assigned(path: string): readonly Found[] {
    return exportsOf(path, EXPORT_ASSIGNMENT).exports.has(EXPORT_ASSIGNMENT)
      ? exported(path, EXPORT_ASSIGNMENT)
      : NOTHING;
  }

  function ofModule(module: Found & { is: "module" }, name: string): readonly Found[] {
    const found = memberOfModule(module, name);
    return module.isGuess ? unsure(found) : found;
  }

  function memberOfModule(module: Found & { is: "module" }, name: string): readonly Found[] {
    const member = memberOfFolder(module, name);
    if (member && "types" in member) {
      const isOne = member.types.length === 1;
      return limited(member.types.flatMap((type) => world.member(foundOf(type, isOne), member.name)));
    }
    if (member && !("file" in member)) return likeliest(member, resolverOf(module.from));
    if (module.isTied) return tied(limited(module.paths.flatMap((path) => exported(path, name))));
    let secondary = NOTHING;
    for (const path of module.paths) {
      const found = exported(path, name);
      if (found.length === 0) continue;
      if (!found.every((one) => one.is === "symbol" && symbolAt(one)?.isSecondary)) return found;
      if (secondary.length === 0) secondary = found;
    }
    if (secondary.length > 0) return secondary;
    if (!member) return NOTHING;
    return [{ ...module, paths: [member.file], isMember: true }];
  }

  function memberOfFolder({ paths, from }: Found & { is: "module" }, name: string) {
    const resolver = resolverOf(from);
    if (!resolver.findMember) return undefined;
    memory.readName(name);
    return read(noting((note) => resolver.findMember?.(paths, name, note, from)));
  }

  /** What the file offers under `name`, through any chain of re-exports. Chains are walked without recursion. */
  function exported(path: string, name: string): readonly Found[] {
    const steps: Step[] = [];
    const seen = new Set<string>();
    for (let at: Step | undefined = { path, name }; at; at = memory.isKnown(keyOf(at)) ? undefined : nextStep(at)) {
      const key = keyOf(at);
      if (seen.has(key)) break;
      seen.add(key);
      steps.push(at);
    }
    let found = NOTHING;
    for (const step of steps.reverse()) found = passedOn(step);
    return found;
  }

  /** From the far end of a chain to its beginning, each of these finds the next one's answer known. */
  function passedOn(step: Step): readonly Found[] {
    const next = nextStep(step);
    if (!next) return memory.ask(keyOf(step), NOTHING, () => branching(step.path, step.name));
    return memory.pass(keyOf(step), NOTHING, () => {
      exportsOf(step.path, step.name);
      resolution(step.path, next.through);
      return passedOn(next);
    });
  }

  /** The one place that the name is passed on from, if it is only passed on. */
  function nextStep({ path, name }: Step): (Step & { through: number }) | undefined {
    const { exports, stars } = tableAt(path);
    const target = exports.get(name);
    if (target && (target.kind !== "imported" || target.name === "*")) return undefined;
    const isStar = stars.length === 1 && name !== "default" && !exports.has(EXPORT_ASSIGNMENT);
    const through = target?.kind === "imported" ? target.import : isStar ? stars[0] : undefined;
    if (through === undefined) return undefined;
    const to = resolve(path, through).value;
    const only = to.kind === "files" && to.paths.length === 1 && !to.isGuess ? to.paths[0] : undefined;
    if (only === undefined) return undefined;
    return { path: only, name: target?.kind === "imported" ? target.name : name, through };
  }

  function branching(path: string, name: string): readonly Found[] {
    const { exports, stars } = exportsOf(path, name);
    const target = exports.get(name);
    if (target) return world.evaluate(path, target);
    const assignment = exports.get(EXPORT_ASSIGNMENT);
    if (assignment) {
      const whole = world.evaluate(path, assignment);
      return name === "default" ? whole : limited(whole.flatMap((one) => world.member(one, name)));
    }
    if (name === "default") return NOTHING;
    return limited(stars.flatMap((number) => imported(path, number, name)).filter(({ is }) => is !== "outside"));
  }

  /** Of several definitions that a resolver finds the first; of functions of one name, and a type that is called so, all. */
  function likeliest(all: readonly Choice[], { hasOverloads }: Resolver): readonly Found[] {
    const [first] = all;
    if (hasOverloads) return all.slice(0, FOUND_MAX).map((one) => foundOf(one, all.length === 1));
    const isType = (one: Definition) => TYPES.has(symbolAt(one)?.kind ?? "variable");
    const isOverloaded = all.length > 1 && all.every((one) => isType(one) || symbolAt(one)?.takes !== undefined);
    const types = isOverloaded ? all.filter(isType).length : 0;
    const meant = isOverloaded ? all : first?.isTied ? all.filter(({ isTied }) => isTied) : all.slice(0, 1);
    return meant.map((one) => foundOf(one, (isType(one) && isOverloaded ? types : all.length - types) === 1));
  }

  /** A name that its file does not declare. */
  function free(path: string, name: string, scopes?: string): readonly Found[] {
    memory.readName(name);
    const own = resolverOf(path).findFree?.(path, name, scopes);
    if (own?.length) return likeliest(own, resolverOf(path));
    const { imports } = tree.facts(path);
    for (const [number, fact] of imports.entries()) {
      if (!fact.isStar) continue;
      const found = imported(path, number, name).filter(({ is }) => is !== "outside");
      if (found.length) return found;
    }
    return [{ is: "outside", name: nameInKey(name), from: path }];
  }
}

function foundOf({ path, symbol, isGuess, isTied }: Choice, isSure: boolean): Found {
  return { is: "symbol", path, symbol, isSure: isSure && !isGuess && !isTied, isTied };
}

const keyOf = ({ path, name }: Step) => `export ${name} ${path}`;

/** What is worked out, with what was noted meanwhile; where nothing was, it may depend on any place. */
interface Noted<Value> {
  value: Value;
  places: readonly string[];
  names: readonly string[];
}

function noting<Value>(work: (note: Note) => Value): Noted<Value> {
  const places: string[] = [];
  const names: string[] = [];
  const value = work((what) => void (typeof what === "string" ? places.push(what) : names.push(what.name)));
  return { value, places: places.length + names.length > 0 ? places : [ANYTHING], names };
}
