// The file system that the type checker sees: the sources of the snapshot, one configuration of ours, and the checker's own
// library. It has no disk behind it, whatever a source asks for. Modules lead where linking found them, through links in
// `node_modules` folders that only stand here: no manifest and no configuration of the repository is read.
import type { FileSystem } from "typescript/unstable/fs";

const ROOT = "/snapshot";
const SOURCES = `${ROOT}/sources`;
export const CONFIGURATION = `${ROOT}/tsconfig.json`;

/** `specifier` leads from files of `folder` to the file `to`. Relative ones are not needed. */
export interface ModuleLink {
  folder: string;
  specifier: string;
  to: string;
}

export interface VirtualFiles {
  fileSystem: Required<
    Pick<FileSystem, "fileExists" | "directoryExists" | "getAccessibleEntries" | "readFile" | "realpath">
  >;
  /** What the checker calls a file of the snapshot. */
  nameOf(path: string): string;
  /** The file of the snapshot that the checker calls so, in its spelling or in lower case; undefined: none of it. */
  find(name: string): string | undefined;
}

/** `readLibrary` gives the text of a file of the checker's library by its whole path; undefined for any other path. */
export function createVirtualFiles(
  texts: ReadonlyMap<string, string>,
  modules: readonly ModuleLink[],
  readLibrary: (path: string) => string | undefined,
): VirtualFiles {
  const nameOf = (path: string) => `${SOURCES}/${path}`;
  const files = new Map([...texts].map(([path, text]) => [nameOf(path), text]));
  files.set(CONFIGURATION, JSON.stringify(configurationOf([...texts.keys()].map(nameOf))));
  const links = new Map<string, string>();
  for (const { folder, specifier, to } of modules)
    if (texts.has(to) && isPlain(specifier))
      links.set(`${folder === "" ? SOURCES : nameOf(folder)}/node_modules/${specifier}${endingOf(to)}`, nameOf(to));
  const folders = foldersOf([...files.keys(), ...links.keys()]);
  const paths = new Map([...texts.keys()].flatMap((path) => [[nameOf(path).toLowerCase(), path] as const]));
  for (const path of texts.keys()) paths.set(nameOf(path), path);
  return {
    nameOf,
    find: (name) => paths.get(name),
    fileSystem: {
      fileExists: (name) => files.has(name) || links.has(name) || readLibrary(name) !== undefined,
      directoryExists: (name) => folders.has(name),
      getAccessibleEntries: () => ({ files: [], directories: [] }),
      // Never undefined, which would mean: look on the disk.
      readFile: (name) => files.get(links.get(name) ?? name) ?? readLibrary(name) ?? null,
      realpath: (name) => links.get(name) ?? name,
    },
  };
}

/** Lenient where nothing depends on it, strict where types are inferred; every file is a module unless it only declares. */
function configurationOf(files: readonly string[]) {
  return {
    compilerOptions: {
      target: "esnext",
      module: "preserve",
      moduleDetection: "force",
      moduleResolution: "bundler",
      resolvePackageJsonExports: false,
      resolvePackageJsonImports: false,
      strict: true,
      jsx: "preserve",
      allowJs: true,
      maxNodeModuleJsDepth: 10,
      noEmit: true,
      skipLibCheck: true,
      types: [],
    },
    files,
  };
}

/** Nothing that would name another place than the one below `node_modules`. */
function isPlain(specifier: string): boolean {
  return (
    !specifier.split("/").some((part) => part === "" || part === "." || part === "..") && !specifier.includes("\\")
  );
}

/** The checker looks for these endings in this order, and takes the link's target as what it is. */
function endingOf(path: string): string {
  const ending = /\.d\.[cm]?ts$|\.[cm]?[jt]sx?$/.exec(path)?.[0] ?? "";
  if (ending.startsWith(".d.")) return ".d.ts";
  if (ending === ".tsx" || ending === ".jsx") return ending;
  return ending.endsWith("ts") ? ".ts" : ".js";
}

function foldersOf(files: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>(["/"]);
  for (const file of files)
    for (
      let end = file.lastIndexOf("/");
      end > 0 && !folders.has(file.slice(0, end));
      end = file.lastIndexOf("/", end - 1)
    )
      folders.add(file.slice(0, end));
  return folders;
}
