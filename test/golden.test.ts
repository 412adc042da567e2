// The whole outside, pinned: every change of it shows as a difference of a file.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ERROR_CODES } from "../src/errors.ts";
import { LANGUAGES } from "../src/languages/language.ts";
import { OPERATIONS } from "../src/operations/index.ts";
import { CONFIG_VARIABLES, type Variable } from "../src/platform/config.ts";
import { PHASES, PROBLEM_REASONS } from "../src/repositories/problems.ts";
import { ANSWER_HEADERS, failuresOf, REQUEST_HEADERS } from "../src/surfaces/answers.ts";
import { inputSchemaOf, outputSchemaOf } from "../src/surfaces/fields.ts";
import { toolsOf } from "../src/surfaces/mcp.ts";
import { createTestDatabase, withClient, type TestDatabase } from "./harness/database.ts";
import { expectGolden } from "./harness/golden.ts";
import { dumpSchema } from "./harness/schema.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("operations, tools, errors and closed sets are as golden/surface.json says", async () => {
  const surface = {
    operations: OPERATIONS.map((operation) => ({
      name: operation.name,
      title: operation.title,
      route: operation.route,
      status: operation.status ?? 200,
      toolset: operation.toolset ?? null,
      scope: operation.scope,
      effect: operation.effect,
      positional: operation.positional ?? null,
      description: operation.description,
      input: inputSchemaOf(operation),
      output: outputSchemaOf(operation),
      failures: failuresOf(operation).map(({ code }) => code),
    })),
    request_headers: REQUEST_HEADERS,
    answer_headers: ANSWER_HEADERS,
    annotations: Object.fromEntries(toolsOf(OPERATIONS).map(({ name, annotations }) => [name, annotations])),
    errors: ERROR_CODES,
    languages: LANGUAGES,
    problem_reasons: PROBLEM_REASONS,
    phases: PHASES,
  };
  await expectGolden(new URL("golden/surface.json", import.meta.url), `${JSON.stringify(surface, null, 2)}\n`);
});

test("the schema is as db-schema.sql says", async () => {
  const schema = await withClient(database.url, dumpSchema);
  expect(schema).not.toMatch(/DISABLED|NOT FORCED|NO POLICY/);
  await expectGolden(new URL("../db-schema.sql", import.meta.url), schema);
});

test("docs/config.md is generated from the table of settings", async () => {
  const rows = Object.entries<Variable>(CONFIG_VARIABLES).map(
    ([name, { unset, expected, meaning, aliases = [] }]) =>
      `| ${[name, ...aliases].map((known) => `\`${known}\``).join(" or ")} | ${unset} | ${expected} | ${meaning} |`,
  );
  const page = `# Settings\n\nEnvironment variables only. A wrong one stops the start with its name and what is expected.\n\n| variable | when unset | expected | meaning |\n|---|---|---|---|\n${rows.join("\n")}\n`;
  await expectGolden(new URL("../docs/config.md", import.meta.url), page);
});
