// What paths alone tell, remembered.

/** About 40 MB for what is told of a path, as long as others hold the path itself. */
const PATHS_REMEMBERED_MAX = 200_000;

/**
 * What a path alone tells, kept of the last paths: an edit asks several times for each file of its repository, which took 100 ms at
 * 22,000 files, and 10 so.
 */
export function rememberedByPath<Value>(find: (path: string) => Value): (path: string) => Value {
  const remembered = new Map<string, { value: Value }>();
  return (path) => {
    const known = remembered.get(path);
    if (known) return known.value;
    if (remembered.size >= PATHS_REMEMBERED_MAX) remembered.clear();
    const value = find(path);
    remembered.set(path, { value });
    return value;
  };
}
