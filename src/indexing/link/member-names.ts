// Members by name alone, for references whose object nobody knows: a guess, and only where few members have the name.
import { isTestPath } from "../../languages/test-file.ts";
import type { Definition } from "../../graph/links.ts";
import type { Tree } from "./tree.ts";

const CANDIDATES_MAX = 3;

/** Names that objects of the language itself have, in most languages: they say nothing. */
const ORDINARY = new Set(
  "add all any append apply at bind call catch clear clone close concat copy count data delete done each emit end entries equals error every exec extend fill filter finally find first flat flatMap forEach format from get getItem group has hash id includes index indexOf insert is isEmpty items join key keys kind last length list load lock log map match message name next node of off on once open options params parse parent path pop prepend push put query read reduce remove replace reset resolve reverse run save search send set setItem size slice some sort source splice split start startsWith state status stop string sub substring target test text then title toJSON toString trim type unwrap update url use value valueOf values version write".split(
    " ",
  ),
);

export interface MemberNames {
  /** Members of that name in the language's own files, at most CANDIDATES_MAX; none where more have it. */
  candidates(name: string, language: string): readonly Definition[];
}

export function createMemberNames(tree: Tree): MemberNames {
  let byLanguage: Map<string, Map<string, Definition[]>> | undefined;
  return {
    candidates(name, language) {
      if (ORDINARY.has(name)) return [];
      byLanguage ??= collect(tree);
      const found = byLanguage.get(familyOf(language))?.get(name) ?? [];
      return found.length > CANDIDATES_MAX ? [] : found;
    },
  };
}

function collect(tree: Tree): Map<string, Map<string, Definition[]>> {
  const byLanguage = new Map<string, Map<string, Definition[]>>();
  for (const path of tree.paths) {
    const { symbols } = tree.facts(path);
    if (!symbols.length || isTestPath(path)) continue;
    const family = familyOf(tree.language(path));
    let names = byLanguage.get(family);
    if (!names) byLanguage.set(family, (names = new Map()));
    symbols.forEach(({ name, container, mergesWith, isTest }, symbol) => {
      if (container === undefined || mergesWith !== undefined || isTest || ORDINARY.has(name)) return;
      const found = names.get(name);
      if (!found) names.set(name, [{ path, symbol }]);
      else if (found.length <= CANDIDATES_MAX) found.push({ path, symbol });
    });
  }
  return byLanguage;
}

/** Languages whose members can be used from one another. */
function familyOf(language: string): string {
  return /^(?:typescript|javascript|vue|svelte|astro)$/.test(language) ? "javascript" : language;
}
