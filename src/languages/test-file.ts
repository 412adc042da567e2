// Whether a file belongs to the tests of its repository, by the conventions of test runners. Whole path segments and
// marked file names count; a name that merely contains the letters (`latest.ts`, `contest/`) does not. What is for the tests of
// others (`testing` in Go, Python and PHP, JUnit itself) is no test.

const TEST_FOLDERS = new Set([
  "__fixtures__",
  "__mocks__",
  "__snapshots__",
  "__tests__",
  "e2e",
  "test",
  "test-fixtures",
  "testdata",
  "tests",
]);

/** Runners' conventions: vitest, jest, playwright, pytest, go test, JUnit, PHPUnit, NUnit, ExUnit, bats. */
const TEST_NAME =
  /(?:[._-](?:test|tests|e2e|test-d|cy)\.[\w.]+|^test_[^/]*\.\w+|^conftest\.py|[A-Za-z\d](?:Tests?|TestCase|(?<=[a-z\d])IT)\.(?:java|kt|kts|scala|groovy|php|swift)|Tests\.cs|\.bats)$/;

/** Of RSpec, Jasmine, busted and phpspec: a specification in other languages is a thing that programs read. */
const SPEC_LANGUAGES = "(?:[cm]?[jt]sx?|coffee|lua|php|rb)";
const SPEC_NAME = new RegExp(`[._-]spec\\.${SPEC_LANGUAGES}(?:\\.\\w+)?$`);
const SPEC_FOLDER = new RegExp(
  `^(?!(?:.*/)?(?:app|lib|src)/.*\\bspecs?/)(?:.*/)?specs?/(?:.*\\.${SPEC_LANGUAGES}|(?:fixtures|support)/.*)$`,
);

/** Source sets of Gradle and Maven: `src/main` and `src/jvmMain`, `src/androidTest` and `src/testFixtures`. */
const MAIN_SOURCES = /(?:^|\/)src\/(?:main|\w+Main)\/(?:(?:java|kotlin|resources|scala)\/|.*\.(?:java|kt|scala)$)/;
const TEST_SOURCES = /(?:^|\/)src\/(?:test[A-Z]\w*|\w+Tests?)\//;

/** Projects of C# and Swift: `Acme.Tests`, `AcmeUITests`. */
const TEST_PROJECT = /(?:^|\/)[\w.-]*(?:Tests?|Specs)\/.*\.(?:cs|swift)$/;

/** At the root it is the project's own (pytest, terraform), unless it is a package of Go (client-go). */
const TESTING = /^testing\/(?!.*\.go$)/;

export function isTestPath(path: string): boolean {
  if (MAIN_SOURCES.test(path)) return false;
  const segments = path.split("/");
  const name = segments.pop() ?? "";
  return (
    TEST_NAME.test(name) ||
    SPEC_NAME.test(name) ||
    segments.some((segment) => TEST_FOLDERS.has(segment.toLowerCase())) ||
    [SPEC_FOLDER, TESTING, TEST_SOURCES, TEST_PROJECT].some((pattern) => pattern.test(path))
  );
}
