// How a file is read for its facts. The same bytes under two names may be read in two ways, so facts are kept by
// content and grammar; two files of one grammar and one content say the same.
import { languageOf } from "./language.ts";
import { rememberedByPath } from "./remembered-paths.ts";

/** To be raised whenever the same text yields other facts, or the same facts other links: everything is then made anew. */
export const FACTS_VERSION = 20;

export type ManifestKind =
  | "Cargo.toml"
  | "composer.json"
  | "go.mod"
  | "go.work"
  | "package.json"
  | "pnpm-workspace.yaml"
  | "pyproject.toml"
  | "requirements.txt"
  | "setup.cfg"
  | "tsconfig.json";

/** Configuration that decides where imports lead, by the end of the path. */
const MANIFESTS: readonly [kind: ManifestKind, end: RegExp][] = [
  ["Cargo.toml", /(?:^|\/)Cargo\.toml$/],
  ["composer.json", /(?:^|\/)composer\.json$/],
  ["go.mod", /(?:^|\/)go\.mod$/],
  ["go.work", /(?:^|\/)go\.work$/],
  ["package.json", /(?:^|\/)package\.json$/],
  ["pnpm-workspace.yaml", /(?:^|\/)pnpm-workspace\.yaml$/],
  ["pyproject.toml", /(?:^|\/)pyproject\.toml$/],
  ["requirements.txt", /(?:^|[/_.-])requirements(?:[_.-][^/]*|\/[^/]+)?\.(?:in|txt)$/],
  ["setup.cfg", /(?:^|\/)setup\.cfg$/],
  ["tsconfig.json", /(?:^|[/.])(?:tsconfig(?:[.-][^/]+)?|jsconfig)\.json$/],
  // What packages of shared configuration hold: `typescript-config/base.json`.
  [
    "tsconfig.json",
    /(?:^|\/)(?:[\w.-]+-)?(?:tsconfigs?|ts-configs?|typescript-configs?|configs?-(?:ts|typescript))(?:-[\w-]+)?\/(?:[\w-]+\/)?[\w.-]+\.json$/,
  ],
];

/** Variants of a language: what the ending says changes how the text is read. */
const BY_ENDING: readonly [grammar: string, ending: RegExp][] = [
  ["d.ts", /\.d\.[cm]?ts$/],
  ["tsx", /\.tsx$/],
  ["go-test", /_test\.go$/],
  ["h", /\.h$/],
  ["hpp", /\.(?:hh|hpp|hxx|h\+\+|ipp|inl|cuh)$/],
  ["ocaml-interface", /\.mli$/],
];

/** A component is named by its file: its grammar is `vue Panel`. */
const COMPONENT = /^(.+)\.(vue|svelte|astro)$/;

const LANGUAGES: ReadonlySet<string> = new Set(
  "bash c cpp csharp elixir go haskell hcl java javascript kotlin lua ocaml php python ruby rust scala typescript zig".split(
    " ",
  ),
);

export const MANIFEST_KINDS = MANIFESTS.map(([kind]) => kind);

/** Which manifest the file is, by its path. */
export const manifestKindOf = rememberedByPath(
  (path): ManifestKind | undefined => MANIFESTS.find(([, end]) => end.test(path))?.[0],
);

/** Undefined: the file has no facts. */
export const grammarOf = rememberedByPath(findGrammar);

function findGrammar(path: string): string | undefined {
  const manifest = manifestKindOf(path);
  if (manifest) return manifest;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const component = COMPONENT.exec(name);
  if (component) return `${component[2]} ${component[1]}`;
  const variant = BY_ENDING.find(([, ending]) => ending.test(name))?.[0];
  if (variant !== undefined) return variant;
  const language = languageOf(path);
  return LANGUAGES.has(language) ? language : undefined;
}
