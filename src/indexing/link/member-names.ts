// Members by name alone, for references whose object nobody knows: a guess, and only where few members have the name.
import type { Facts } from "../../languages/facts.ts";
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

/** Members of that name in the language's own files, at most CANDIDATES_MAX; none where more have it. */
export type MemberNames = (name: string, language: string) => readonly Definition[];

export function createMemberNames(tree: Tree): MemberNames {
  const known = new Map<string, readonly Definition[]>();
  return (name, language) => {
    if (ORDINARY.has(name)) return [];
    const family = familyOf(language);
    const key = `${family} ${name}`;
    const members = known.get(key) ?? find(tree, name, family);
    known.set(key, members);
    return members;
  };
}

function find(tree: Tree, name: string, family: string): readonly Definition[] {
  const paths: string[] = [];
  for (const path of tree.withMember(name)) {
    if (familyOf(tree.language(path)) === family && !isTestPath(path)) paths.push(path);
    if (paths.length > CANDIDATES_MAX) return [];
  }
  const found = paths.flatMap((path) => membersIn(path, tree.facts(path), name));
  return found.length > CANDIDATES_MAX ? [] : found;
}

function membersIn(path: string, { symbols }: Facts, wanted: string): Definition[] {
  const found: Definition[] = [];
  for (const [symbol, { name, container, mergesWith, isTest }] of symbols.entries())
    if (name === wanted && container !== undefined && mergesWith === undefined && !isTest) found.push({ path, symbol });
  return found;
}

/** Languages whose members can be used from one another. */
function familyOf(language: string): string {
  return /^(?:typescript|javascript|vue|svelte|astro)$/.test(language) ? "javascript" : language;
}
