import { expect, test } from "vitest";
import { extractFacts } from "./extract.ts";
import { grammarOf } from "./grammar.ts";

test.each([
  [
    "pyproject.toml",
    `[project]
name = "Acme-Money"
requires-python = ">=3.9"
classifiers = ["a", "b"]
dependencies = [
  "redis[hiredis]>=4 ; python_version > '3'", # "not-this"
  'httpx',
  # "nor-this",
]
[project.optional-dependencies]
fast = ["orjson", "uv.loop"]
[dependency-groups]
dev = [{ include-group = "x" }, "pytest"]
[build-system]
requires = ["hatchling"]
`,
    { name: "acme_money", dependencies: ["httpx", "orjson", "pytest", "redis", "uv_loop"] },
  ],
  [
    "services/till/pyproject.toml",
    `[tool.poetry]
name = "till"
[tool.poetry.dependencies]
python = "^3.10"
redis = { version = "^5", extras = ["x"] }
[tool.poetry.group.dev.dependencies]
black = "*"
`,
    { name: "till", dependencies: ["black", "redis"] },
  ],
  [
    "setup.cfg",
    `[metadata]
name = till
[options]
install_requires =
    redis>=4
    PyYAML
packages = find:
[options.extras_require]
tests = pytest
    tox
`,
    { name: "till", dependencies: ["pytest", "pyyaml", "redis", "tox"] },
  ],
  ["requirements-dev.txt", "-r base.txt\n# redis\nredis==4.1 # why\n\nhttpx\n", { dependencies: ["httpx", "redis"] }],
  ["requirements/base.in", "redis\n", { dependencies: ["redis"] }],
])("%s tells a project's name and what it asks for", (path, text, expected) => {
  expect(extractFacts(grammarOf(path) ?? "", { path, text }).manifest?.content).toEqual(expected);
});
