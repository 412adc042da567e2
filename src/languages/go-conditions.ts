// Whether a file of Go is part of an ordinary build: on Linux and x86-64, without tags of its own (go.dev/cmd/go, "Build
// constraints"). Only told where definitions of one name have to be chosen from.

const SYSTEMS =
  "aix android darwin dragonfly freebsd illumos ios js netbsd openbsd plan9 solaris wasip1 windows zos".split(" ");
const PROCESSORS = "386 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm".split(" ");
const OTHERS = new Set([...SYSTEMS, ...PROCESSORS]);
const HOLD = /^(?:linux|unix|amd64|gc|cgo|go1\.\d+)$/;
const DEPTH_MAX = 40;

export function isFileLeftOut(path: string, text: string): boolean {
  const [, ...words] = path
    .replace(/^.*\//, "")
    .replace(/(?:_test)?\.go$/, "")
    .split("_");
  if (words.slice(-2).some((word) => OTHERS.has(word))) return true;
  const constraint = /^\/\/go:build[ \t]+(.*)$/m.exec(text.slice(0, Math.max(0, text.search(/^package\b/m))))?.[1];
  if (constraint === undefined) return false;
  return !either(constraint.match(/[\w.]+|&&|\|\||[!()]/g) ?? [], 0);
}

function either(tokens: string[], depth: number): boolean {
  let holds = both(tokens, depth);
  while (tokens.at(0) === "||") {
    tokens.shift();
    holds = both(tokens, depth) || holds;
  }
  return holds;
}

function both(tokens: string[], depth: number): boolean {
  let holds = one(tokens, depth);
  while (tokens.at(0) === "&&") {
    tokens.shift();
    holds = one(tokens, depth) && holds;
  }
  return holds;
}

function one(tokens: string[], depth: number): boolean {
  const word = tokens.shift() ?? "";
  if (depth > DEPTH_MAX) return false;
  if (word === "!") return !one(tokens, depth + 1);
  if (word !== "(") return HOLD.test(word);
  const holds = either(tokens, depth + 1);
  if (tokens.at(0) === ")") tokens.shift();
  return holds;
}
