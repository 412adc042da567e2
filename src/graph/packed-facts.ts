// What indexing reads from a text, as it is stored: declarations and references apart, for most that open a file's facts
// want what it declares, and references are four fifths of them. Positions are numbers beside the JSON, and so is what
// repeats, in tables of it (docs/adr/0019). Pure.
//
// u32 bytes of what comes next | declarations | references, where there are any; each as packNumbers gives it
import {
  REFERENCE_KINDS,
  SYMBOL_KINDS,
  type Facts,
  type Handed,
  type ReferenceFact,
  type SymbolFact,
  type Target,
  UNKNOWN,
} from "../languages/facts.ts";
import { NumberWriter, packNumbers, unpackNumbers } from "../platform/packed-numbers.ts";
import { FACTS_BYTES_MAX } from "./limits.ts";

const HEADER_BYTES = 4;
/** What the numbers of one mostly take. */
const SYMBOL_BYTES = 8;
const REFERENCE_BYTES = 8;

/** Deterministic. */
export function packFacts({ references, lambdas, ...declared }: Facts): Uint8Array {
  const declarations = packDeclarations(declared);
  const rest = references.length > 0 || lambdas ? packReferences({ references, lambdas }) : NOTHING;
  const packed = new Uint8Array(HEADER_BYTES + declarations.length + rest.length);
  new DataView(packed.buffer).setUint32(0, declarations.length, true);
  packed.set(declarations, HEADER_BYTES);
  packed.set(rest, HEADER_BYTES + declarations.length);
  return packed;
}

const NOTHING = new Uint8Array(0);

/** As packFacts was given them. References and lambdas are opened when they are first asked for. */
export function openFacts(data: Uint8Array): Facts {
  const restAt = HEADER_BYTES + declarationBytes(data);
  let opened: Pick<Facts, "references" | "lambdas"> | undefined;
  const rest = () => (opened ??= restAt < data.length ? openReferences(data.subarray(restAt)) : { references: [] });
  return {
    ...openDeclarations(data.subarray(HEADER_BYTES, restAt)),
    get references() {
      return rest().references;
    },
    get lambdas() {
      return rest().lambdas;
    },
  };
}

/** Bytes of packed facts that hold what the file declares. */
function declarationBytes(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(0, true);
}

const LIMIT = { bytesMax: FACTS_BYTES_MAX };

interface Declarations extends Pick<Facts, "imports" | "exports" | "package" | "manifest" | "isCut"> {
  names: string[];
  signatures: string[];
  /** What few symbols have, with the number of the symbol. */
  others: (readonly [symbol: number, OtherFacts])[];
}

type OtherFacts = Omit<
  SymbolFact,
  "name" | "kind" | "container" | "line" | "column" | "startLine" | "endLine" | "signature" | "isExported"
>;

function packDeclarations({ symbols, ...facts }: Omit<Facts, "references" | "lambdas">): Uint8Array {
  const numbers = new NumberWriter(symbols.length * SYMBOL_BYTES);
  const packed: Declarations = { ...facts, names: [], signatures: [], others: [] };
  let before = 0;
  for (const [number, symbol] of symbols.entries()) {
    const { name, kind, container, line, column, startLine, endLine, signature, isExported, ...rest } = symbol;
    numbers.put(2 * SYMBOL_KINDS.indexOf(kind) + Number(isExported));
    numbers.put(container === undefined ? 0 : number - container);
    numbers.putSigned(startLine - before);
    numbers.putSigned(line - startLine);
    numbers.putSigned(endLine - startLine);
    numbers.put(column);
    packed.names.push(name);
    packed.signatures.push(signature);
    if (Object.keys(rest).length > 0) packed.others.push([number, rest]);
    before = startLine;
  }
  return packNumbers(packed, numbers);
}

function openDeclarations(data: Uint8Array): Omit<Facts, "references" | "lambdas"> {
  const { value, numbers } = unpackNumbers(data, LIMIT);
  // Written by packDeclarations alone.
  const { names, signatures, others, ...facts } = value as Declarations;
  let startLine = 0;
  const symbols = names.map((name, number): SymbolFact => {
    const kind = numbers.take();
    const up = numbers.take();
    startLine += numbers.takeSigned();
    const symbol: SymbolFact = {
      name,
      kind: SYMBOL_KINDS[kind >> 1] ?? "variable",
      line: startLine + numbers.takeSigned(),
      endLine: startLine + numbers.takeSigned(),
      column: numbers.take(),
      startLine,
      signature: signatures[number] ?? "",
      isExported: kind % 2 === 1,
    };
    if (up > 0) symbol.container = number - up;
    return symbol;
  });
  for (const [number, rest] of others) Object.assign(symbols[number] ?? {}, rest);
  return { ...facts, symbols };
}

/** A file uses few names, and the same ones often: its references have numbers in tables of them. */
interface References extends Pick<Facts, "lambdas"> {
  count: number;
  names: string[];
  targets: Target[];
  /** What few references have, with the number of the reference. */
  arguments: (readonly [reference: number, readonly Handed[]])[];
  typeArguments: (readonly [reference: number, number])[];
}

function packReferences({ references, lambdas }: Pick<Facts, "references" | "lambdas">): Uint8Array {
  const names = new Table<string>();
  const targets = new Table<Target>();
  const handed: References["arguments"] = [];
  const typeArguments: References["typeArguments"] = [];
  const numbers = new NumberWriter(references.length * REFERENCE_BYTES);
  let lineBefore = 0;
  let enclosingBefore = 0;
  for (const [number, reference] of references.entries()) {
    const { name, kind, line, column, target, enclosing = -1, arguments: given, isNoFunction } = reference;
    numbers.put(REFERENCE_KINDS.indexOf(kind) * 2 + (isNoFunction ? 1 : 0));
    numbers.putSigned(line - lineBefore);
    numbers.put(column);
    numbers.put(names.numberOf(name, name));
    numbers.put(targets.numberOf(keyOf(target), target));
    numbers.putSigned(enclosing - enclosingBefore);
    if (given) handed.push([number, given]);
    if (reference.typeArguments) typeArguments.push([number, reference.typeArguments]);
    lineBefore = line;
    enclosingBefore = enclosing;
  }
  const { length: count } = references;
  const values = { names: names.values, targets: targets.values };
  const packed: References = { count, ...values, arguments: handed, typeArguments, lambdas };
  return packNumbers(packed, numbers);
}

function openReferences(data: Uint8Array): Pick<Facts, "references" | "lambdas"> {
  const { value, numbers } = unpackNumbers(data, LIMIT);
  // Written by packReferences alone.
  const { count, names, targets, arguments: handed, typeArguments, lambdas } = value as References;
  let line = 0;
  let enclosing = 0;
  const references = Array.from({ length: count }, (): ReferenceFact => {
    const kind = numbers.take();
    line += numbers.takeSigned();
    const column = numbers.take();
    const name = names[numbers.take()] ?? "";
    const target = targets[numbers.take()] ?? UNKNOWN;
    enclosing += numbers.takeSigned();
    const reference: ReferenceFact = { name, kind: REFERENCE_KINDS[kind >> 1] ?? "read", line, column, target };
    if (enclosing >= 0) reference.enclosing = enclosing;
    if (kind % 2 === 1) reference.isNoFunction = true;
    return reference;
  });
  for (const [number, given] of handed) Object.assign(references[number] ?? {}, { arguments: given });
  for (const [number, given] of typeArguments) Object.assign(references[number] ?? {}, { typeArguments: given });
  return { references, lambdas };
}

/** Values by their keys, each once, in the order they came. */
class Table<Value> {
  readonly values: Value[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(key: string, value: Value): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** Equal for equal targets alone. By hand for those that most are: as JSON it takes as long as all else of packing. */
function keyOf(target: Target): string {
  switch (target.kind) {
    case "symbol":
      return `s${target.symbol}`;
    case "imported":
      return `i${target.import} ${target.isExtension === true} ${target.name}`;
    case "free":
      return `f${target.name.length} ${target.name}${target.scopes === undefined ? "" : ` ${target.scopes}`}`;
    case "member":
      return `m${target.name.length} ${target.name}${keyOf(target.object)}`;
    default:
      return JSON.stringify(target);
  }
}
