// Configuration files that decide where JavaScript imports lead: only the fields that matter.
import ts from "typescript-parser";
import { NO_FACTS, type Facts } from "./facts.ts";

export interface PackageManifest {
  name?: string;
  main?: string;
  module?: string;
  types?: string;
  exports?: unknown;
  imports?: unknown;
}

export interface TsconfigManifest {
  extends?: string[];
  baseUrl?: string;
  paths?: Record<string, string[]>;
}

export function readPackageJson({ path, text }: { path: string; text: string }): Facts {
  const json = parse(path, text);
  const content: PackageManifest = {
    ...texts(json, ["name", "main", "module", "types"]),
    ...(json["exports"] !== undefined && { exports: json["exports"] }),
    ...(json["imports"] !== undefined && { imports: json["imports"] }),
  };
  return { ...NO_FACTS, manifest: { kind: "package.json", content } };
}

export function readTsconfig({ path, text }: { path: string; text: string }): Facts {
  const json = parse(path, text);
  const options = isObject(json["compilerOptions"]) ? json["compilerOptions"] : {};
  const bases = [json["extends"]].flat().filter((one) => typeof one === "string");
  const paths = isObject(options["paths"])
    ? Object.entries(options["paths"]).map(([key, value]) => [
        key,
        [value].flat().filter((one) => typeof one === "string"),
      ])
    : undefined;
  const content: TsconfigManifest = {
    ...(bases.length > 0 && { extends: bases }),
    ...texts(options, ["baseUrl"]),
    ...(paths && { paths: Object.fromEntries(paths) as Record<string, string[]> }),
  };
  return { ...NO_FACTS, manifest: { kind: "tsconfig.json", content } };
}

/** JSON with comments and trailing commas; what can be read of a broken one. */
function parse(path: string, text: string): Record<string, unknown> {
  const { config } = ts.parseConfigFileTextToJson(path, text) as { config?: unknown };
  return isObject(config) ? config : {};
}

function texts(json: Record<string, unknown>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (typeof json[name] === "string" ? [[name, json[name]]] : [])));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
