// Paths of a repository as text: `/` between names, none at the start, the root is "".

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Its name without the ending. */
export function stemOf(path: string): string {
  return nameOf(path).replace(/\.\w+$/, "");
}

/** `name` in `folder`, with `.` and `..` worked out. Undefined: it is outside the repository. */
export function pathIn(folder: string, name: string): string | undefined {
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

/** The folder itself and all around it, nearest first, "" last. */
export function foldersAround(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; at !== "";) {
    at = folderOf(at);
    folders.push(at);
  }
  return folders;
}

/** Those that share the most folders with `from`, of these the least deep: several, the shortest first, where they are as near. */
export function nearestPaths(from: string, paths: readonly string[]): string[] {
  let nearest: string[] = [];
  let [most, least] = [-1, 0];
  for (const path of paths) {
    const [shared, depth] = [sharedFolders(from, path), path.split("/").length];
    if (shared < most || (shared === most && depth > least)) continue;
    if (shared > most || depth < least) nearest = [];
    nearest.push(path);
    [most, least] = [shared, depth];
  }
  return nearest.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

function sharedFolders(one: string, other: string): number {
  let shared = 0;
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length && one[at] === other[at]; at++) if (one[at] === "/") shared++;
  return shared;
}

/** The folder of examples, tests or the like that the path stands in; undefined for one of the repository proper. */
export function asideFolderOf(path: string): string | undefined {
  return ASIDE.exec(path)?.[1];
}

const ASIDE =
  /^((?:.*?\/)?(?:examples?|samples?|demos?|docs?|tests?|testing|testdata|e2e|__(?:fixtures|mocks|tests)__|(?:test[-_])?fixtures|playgrounds?|templates?|benchmarks?|tutorials?))(?:\/|$)/;

export function isAside(path: string): boolean {
  return asideFolderOf(path) !== undefined;
}
