// What TypeScript's own module resolution says of a tree: the truth for import edges where no compiler's run is at hand.
// Packages of the tree are linked into node_modules, as a package manager would, and the nearest tsconfig.json holds.
import { existsSync } from "node:fs";
import { mkdir, readFile, realpath, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import ts from "typescript-parser";
import type { Oracle } from "./score.ts";

const MODULE = /\.[cm]?[jt]sx?$/;

/** Links the packages of `root` into its node_modules, the nearest to the root under each name; answers name → folder. */
export async function linkPackages(root: string, paths: readonly string[]): Promise<Map<string, string>> {
  const packages = new Map<string, string>();
  const manifests = paths.filter((path) => /(^|\/)package\.json$/.test(path));
  for (const path of manifests.toSorted((a, b) => a.split("/").length - b.split("/").length)) {
    const name = nameOf(await readFile(join(root, path), "utf8"));
    if (name === undefined || packages.has(name)) continue;
    packages.set(name, dirname(path));
    const place = join(root, "node_modules", name);
    if (existsSync(place)) continue;
    await mkdir(dirname(place), { recursive: true });
    await symlink(join(root, dirname(path)), place);
  }
  return packages;
}

/** Optional: from a file whose import of a package of the tree leads nowhere (to what a build makes), all of that package. */
export async function moduleTruth(
  root: string,
  { paths, packages }: { paths: readonly string[]; packages: ReadonlyMap<string, string> },
): Promise<Oracle> {
  const files = paths.filter((path) => MODULE.test(path));
  const numbers = new Map(files.map((path, number) => [path, number]));
  const edges = new Set<string>();
  const optional = new Set<string>();
  const optionsOf = configurations(root);
  const top = await realpath(root);
  for (const [number, path] of files.entries()) {
    const options = optionsOf(dirname(path));
    for (const specifier of specifiersOf(path, await readFile(join(root, path), "utf8"))) {
      const found = ts.resolveModuleName(specifier, join(root, path), options, ts.sys).resolvedModule?.resolvedFileName;
      const to = found && numbers.get(relative(top, await realpath(found)));
      if (to !== undefined) edges.add(`${number} ${to}`);
      const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
      const folder = found === undefined ? packages.get(name) : undefined;
      if (folder === undefined) continue;
      for (const [one, at] of numbers)
        if (folder === "." || one.startsWith(`${folder}/`)) optional.add(`${number} ${at}`);
    }
  }
  const pairs = (list: ReadonlySet<string>) =>
    [...list].map((one) => one.split(" ").map(Number)).filter(([a, b]) => a !== b) as [number, number][];
  return { files, import_edges: pairs(edges), import_edges_optional: pairs(optional), references: [] };
}

function nameOf(manifest: string): string | undefined {
  try {
    // Only a name is read of it.
    const { name } = JSON.parse(manifest) as { name?: unknown };
    return typeof name === "string" && /^(@[\w.-]+\/)?[\w.-]+$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** The compiler options that hold in a folder. */
function configurations(root: string): (folder: string) => ts.CompilerOptions {
  const known = new Map<string, ts.CompilerOptions>();
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
  return (folder) => {
    const config = ts.findConfigFile(join(root, folder), ts.sys.fileExists) ?? "";
    let options = known.get(config);
    if (!options) {
      const own = config.startsWith(root) ? ts.getParsedCommandLineOfConfigFile(config, {}, host)?.options : undefined;
      const bundler = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
      known.set(config, (options = { ...own, ...bundler, allowJs: true, resolveJsonModule: true }));
    }
    return options;
  };
}

function specifiersOf(path: string, text: string): Set<string> {
  const found = new Set<string>();
  const take = (node: ts.Node | undefined) => {
    if (node && ts.isStringLiteralLike(node)) found.add(node.text);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) take(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) take(node.expression);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) take(node.argument.literal);
    else if (ts.isCallExpression(node) && isLoader(node.expression)) take(node.arguments[0]);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false));
  return found;
}

function isLoader(callee: ts.Node): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require");
}
