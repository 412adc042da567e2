// From lines and columns, as facts count them, back to offsets in the text. Pure.

/** For each place its offset in UTF-16 units; undefined for a place that the text does not have. */
export function offsetsIn(text: string, places: readonly { line: number; column: number }[]): (number | undefined)[] {
  const starts = [0, ...[...text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)].map((end) => end.index + end[0].length)];
  const hasAstral = /[\ud800-\udbff]/.test(text);
  return places.map(({ line, column }) => {
    const start = starts[line - 1];
    if (start === undefined) return undefined;
    const before = hasAstral
      ? Array.from(text.slice(start, starts[line] ?? text.length))
          .slice(0, column - 1)
          .join("").length
      : column - 1;
    return start + before < text.length ? start + before : undefined;
  });
}
