// How names of symbols are folded, wherever they are stored or looked up.

/**
 * A symbol's name as it is looked up whatever its case, and as it is stored for that. Postgres would fold a column by its collation and
 * a parameter by another one.
 */
export function foldedName(name: string): string {
  return name.toLowerCase();
}
