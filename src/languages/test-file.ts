// Whether a file belongs to the tests of its repository, by the conventions of test runners. Whole path segments and
// marked file names count; a name that merely contains the letters (`latest.ts`, `contest/`) does not.

const TEST_FOLDERS = new Set([
  "__fixtures__",
  "__mocks__",
  "__snapshots__",
  "__tests__",
  "e2e",
  "spec",
  "specs",
  "test",
  "test-fixtures",
  "testdata",
  "testing",
  "tests",
]);

/** Runner's conventions: vitest, jest, playwright, pytest, go test, RSpec, JUnit, PHPUnit, NUnit, ExUnit, bats. */
const TEST_NAME =
  /(?:[._-](?:test|tests|spec|e2e|test-d|cy)\.[\w.]+|_(?:test|spec)\.\w+|^test_[^/]*\.\w+|^conftest\.py|(?:Test|Tests|TestCase|IT|Spec)\.(?:java|kt|kts|scala|cs|php|groovy|swift)|\.bats)$/;

export function isTestPath(path: string): boolean {
  const segments = path.split("/");
  const name = segments.pop() ?? "";
  return TEST_NAME.test(name) || segments.some((segment) => TEST_FOLDERS.has(segment.toLowerCase()));
}
