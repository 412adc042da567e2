// The calls to make: for each operation, from the fields of its schema, with what Acme has and with what Beta has. A new
// operation is called by existing; a new field that is required has to say here what to put into it.
import type { Operation } from "../../src/operation.ts";
import { fieldsOf } from "../../src/surfaces/fields.ts";
import { slug, type Surface, type World } from "./worlds.ts";

export interface Call {
  operation: Operation;
  /** For messages: which field holds what. */
  about: string;
  isForeign: boolean;
  input: Record<string, unknown>;
}

type Value = (world: World, surface: Surface) => unknown;

/** What Acme means by a field; a key `operation.field` goes before the field alone. */
const OWN: Record<string, Value> = {
  query: () => "lookalike",
  symbol: () => "lookalike",
  path: () => "src/main.ts",
  "search_code.path": () => "src/**",
  file_path: () => "src/main.ts",
  repository: ({ acme }) => acme.repository,
  "remove_repository.repository": ({ acme }, surface) => `${acme.repository}-${slug(surface)}`,
  project: ({ acme }) => acme.project,
  "delete_project.project": (_world, surface) => `doomed ${slug(surface)}`,
  repositories: ({ acme }) => [acme.repositoryId],
  job_id: ({ acme }) => acme.jobId,
  key_id: ({ acme }, surface) => acme.keyIds[surface],
  name: (_world, surface) => `made over ${surface}`,
};

/** Ways to say the same, or less of it, that each have a look-up of their own. */
const WITHIN: Record<string, readonly Value[]> = {
  repository: [({ acme }) => acme.repository.toUpperCase(), ({ acme }) => acme.repositoryId],
  project: [({ acme }) => acme.project, ({ acme }) => acme.project.toUpperCase(), ({ acme }) => acme.projectId],
  ref: [() => "main"],
  query: [() => "main"],
  symbol: [() => "main"],
  file_path: [() => "src/shared.ts", () => "src/main.test.ts"],
  limit: [() => 1, () => 2],
};

/** Optional fields that Acme sets all the same: where a call needs them, or its answer depends on them. */
const ALSO: Record<string, readonly string[]> = {
  find_usages: ["repository"],
  read_file: ["repository"],
  search_dependencies: ["repository"],
  update_project: ["repositories"],
};

/** What could name or reach something of Beta's. */
const FOREIGN: Record<string, readonly Value[]> = {
  query: [() => "zebra-of-beta"],
  symbol: [() => "betaOnlySymbol"],
  path: [() => "src/beta-only.ts"],
  file_path: [() => "src/beta-only.ts"],
  repository: [({ beta }) => beta.repositoryId, ({ beta }) => beta.repository],
  // By its name anybody may index what git lets them read.
  "index_repository.repository": [({ beta }) => beta.repositoryId],
  project: [({ beta }) => beta.projectId, ({ beta }) => beta.project],
  repositories: [({ beta }) => [beta.repositoryId]],
  job_id: [({ beta }) => beta.jobId],
  key_id: [({ beta }, surface) => beta.keyIds[surface]],
};

/** Not asked for by choice: `index_repository` would go on working behind the test. */
const ALWAYS: Record<string, Record<string, unknown>> = { index_repository: { wait_seconds: 60 } };

/** Closed sets of which every choice is tried; `language` has too many. */
const CHOICES_MAX = 8;

export function callsOf(operation: Operation, world: World, surface: Surface): Call[] {
  const fields = fieldsOf(operation);
  const own = (field: string): unknown => {
    const value = OWN[`${operation.name}.${field}`] ?? OWN[field];
    if (!value) throw new Error(`test/tenancy/calls.ts does not say what to put into ${operation.name}.${field}`);
    return value(world, surface);
  };
  const wanted = fields.filter(({ name, isRequired }) => isRequired || ALSO[operation.name]?.includes(name));
  const base = { ...Object.fromEntries(wanted.map(({ name }) => [name, own(name)])), ...ALWAYS[operation.name] };
  const call = (about: string, input: object, isForeign = false): Call => ({
    operation,
    about: `${operation.name} ${about}`,
    isForeign,
    input: { ...base, ...input },
  });
  const choices =
    operation.effect !== "read"
      ? []
      : fields.flatMap(({ name, type, choices: closed }) =>
          (type === "boolean"
            ? [true, false]
            : type === "string" && closed && closed.length <= CHOICES_MAX
              ? closed
              : []
          ).map((value) => call(`${name}=${String(value)}`, { [name]: value })),
        );
  const scopes = fields
    .filter(() => operation.effect === "read")
    .flatMap(({ name }) =>
      (WITHIN[name] ?? []).map((value, i) => call(`within ${name} ${i}`, { [name]: value(world, surface) })),
    );
  const foreign = fields.flatMap(({ name }) =>
    (FOREIGN[`${operation.name}.${name}`] ?? FOREIGN[name] ?? []).map((value, i) =>
      call(`foreign ${name} ${i}`, { [name]: value(world, surface) }, true),
    ),
  );
  return [...foreign, call("as usual", {}), ...choices, ...scopes];
}
