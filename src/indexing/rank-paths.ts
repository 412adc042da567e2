// What paths alone tell about files, and in which order a tree is packed: pure.
import { isGeneratedPath } from "../languages/generated.ts";
import { isCode, languageOf } from "../languages/language.ts";
import { rememberedByPath } from "../languages/remembered-paths.ts";
import { isTestPath } from "../languages/test-file.ts";

/** What a path alone tells about a file. */
export interface PathFacts {
  language: string;
  isTest: boolean;
  isGenerated: boolean;
}

export const pathFacts = rememberedByPath((path): PathFacts => ({
  language: languageOf(path),
  isTest: isTestPath(path),
  isGenerated: isGeneratedPath(path),
}));

/**
 * Paths in static rank order: what a reader most likely wants comes first, because a page of results stops early.
 * Written before generated, sources before tests, code before prose and data, shallow before deep, then by name.
 */
export function rankPaths(paths: readonly string[]): string[] {
  return paths
    .map((path) => {
      const { isTest, isGenerated, language } = pathFacts(path);
      const kind = Number(isGenerated) * 4 + Number(isTest) * 2 + Number(!isCode(language));
      return { path, key: kind * 1_000_000 + path.split("/").length };
    })
    .sort((a, b) => a.key - b.key || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
}
