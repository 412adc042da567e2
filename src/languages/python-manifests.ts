// pyproject.toml, setup.cfg and requirements files: what a Python project is called and which packages it asks for. Read
// line by line, and only what matters; a setup.py is a program, and is not run.
import { NO_FACTS, type Facts } from "./facts.ts";

export interface PythonProject {
  /** As `distributionName` leaves it. */
  name?: string;
  /** The same of all kinds of dependencies, each once, sorted. */
  dependencies: string[];
}

/** Names of packages with case and signs as they are compared (PEP 503), and as modules are mostly called. */
export function distributionName(name: string): string {
  return name.replace(/[-_.]+/g, "_").toLowerCase();
}

export function readPyproject({ text }: { text: string }): Facts {
  const project = draft();
  let section = "";
  let isInList = false;
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    const header = isInList ? undefined : /^\[+([^\]]+)\]+/.exec(line)?.[1];
    if (header !== undefined) {
      section = header.replaceAll('"', "").trim();
      continue;
    }
    const [, key = "", value = ""] = (isInList ? undefined : /^"?([\w.-]+)"?\s*=\s*(.*)$/.exec(line)) ?? [];
    if (/^(?:project|tool\.poetry)$/.test(section) && key === "name") project.name ??= /^["']([^"']+)/.exec(value)?.[1];
    if (/^tool\.poetry\.(?:.*\.)?(?:dev-)?dependencies$/.test(section) && key !== "" && key !== "python")
      project.add(key);
    const isList = /(?:^|[.-])(?:dependencies|dependency-groups)$/.test(key) || OF_LISTS.test(section);
    if (!isInList && !(isList && value.startsWith("["))) continue;
    // Groups that include others are written as tables.
    const written: string = (isInList ? line : value.slice(1)).replace(/\{[^}]*\}/g, "");
    for (const [, double, single] of written.matchAll(TEXT_OR_COMMENT)) project.add(double ?? single ?? "");
    // Requirements hold brackets (`celery[redis]`).
    isInList = !written.replace(TEXT_OR_COMMENT, "").includes("]");
  }
  return project.facts("pyproject.toml");
}

const TEXT_OR_COMMENT = /"([^"]*)"|'([^']*)'|#.*/g;

/** Sections all of whose keys are lists of requirements. */
const OF_LISTS = /^(?:project\.optional-dependencies|dependency-groups|tool\.pdm\.dev-dependencies)$/;

export function readSetupCfg({ text }: { text: string }): Facts {
  const project = draft();
  let section = "";
  let key = "";
  for (const line of text.split("\n")) {
    section = /^\[([^\]]+)\]/.exec(line)?.[1] ?? section;
    const [, name = "", value = ""] = /^([\w.-]+)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    key = /^\s/.test(line) ? key : name;
    const written = name === "" ? line.trim() : value;
    if (section === "metadata" && name === "name") project.name = value.trim();
    if ((section === "options" && key === "install_requires") || section === "options.extras_require")
      project.add(written);
  }
  return project.facts("setup.cfg");
}

export function readRequirements({ text }: { text: string }): Facts {
  const project = draft();
  for (const line of text.split("\n")) project.add(line.trim());
  return project.facts("requirements.txt");
}

function draft() {
  const dependencies = new Set<string>();
  return {
    name: undefined as string | undefined,
    /** What a requirement asks for: `celery[redis]>=5 ; python_version > "3"`. */
    add(requirement: string) {
      const name = /^[A-Za-z\d][\w.-]*/.exec(requirement)?.[0];
      if (name !== undefined) dependencies.add(distributionName(name));
    },
    facts(kind: string): Facts {
      const content: PythonProject = {
        ...(this.name !== undefined && { name: distributionName(this.name) }),
        dependencies: [...dependencies].sort(),
      };
      return { ...NO_FACTS, manifest: { kind, content } };
    },
  };
}
