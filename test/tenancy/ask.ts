// One call over one surface, and its answer as text in which nothing is left that may differ between two worlds.
import type { Client } from "@modelcontextprotocol/client";
import { routeOf } from "../../src/surfaces/routes.ts";
import { runKota } from "../harness/command.ts";
import type { Call } from "./calls.ts";
import type { Surface, World } from "./worlds.ts";

export interface Answer {
  isSuccess: boolean;
  /** The operation's output; undefined for a failure. */
  data: Record<string, unknown> | undefined;
  /** All that the caller could read: status, headers, body; exit code, stdout, stderr. */
  text: string;
}

export interface Asker {
  world: World;
  key: string;
  /** Of a user who says which organization they mean. */
  token: string;
  organization: string;
  mcp: Client;
}

export function ask({ world, key, token, organization, mcp }: Asker, surface: Surface, call: Call): Promise<Answer> {
  if (surface === "command line") return askCommandLine(world, call);
  if (surface === "signed in") return askRest(world, { credential: token, organization }, call);
  // What is no tool is asked for over REST a second time.
  return surface === "MCP" && call.operation.toolset ? askMcp(mcp, call) : askRest(world, { credential: key }, call);
}

export async function askRest(
  { server }: World,
  { credential, organization }: { credential: string; organization?: string },
  { operation, input }: Call,
): Promise<Answer> {
  const { method, path, pathFields } = routeOf(operation);
  const filled = path.replace(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(String(input[name])));
  const rest = Object.entries(input).filter(([name]) => !pathFields.includes(name));
  const isQuery = method === "GET" || method === "DELETE";
  const query = new URLSearchParams(
    rest.flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
    ),
  );
  const response = await fetch(`${server.url}/api/v1${filled}${isQuery ? `?${query}` : ""}`, {
    method,
    headers: {
      Authorization: `Bearer ${credential}`,
      "Content-Type": "application/json",
      ...(organization !== undefined && { "X-Kota-Organization": organization }),
    },
    ...(!isQuery && { body: JSON.stringify(Object.fromEntries(rest)) }),
  });
  const body = (await response.json()) as { data?: Record<string, unknown> };
  const headers = [...response.headers].filter(([name]) => !UNEQUAL_HEADERS.has(name));
  return { isSuccess: response.ok, data: body.data, text: JSON.stringify({ status: response.status, headers, body }) };
}

/** The request's own, and the clock's. */
const UNEQUAL_HEADERS = new Set(["x-request-id", "date", "x-ratelimit-reset"]);

async function askMcp(client: Client, { operation, input }: Call): Promise<Answer> {
  const result = await client.callTool({ name: operation.name, arguments: input });
  const isSuccess = result.isError !== true;
  return {
    isSuccess,
    data: isSuccess ? (result.structuredContent as Record<string, unknown>) : undefined,
    text: JSON.stringify(result),
  };
}

async function askCommandLine({ env }: World, { operation, input }: Call): Promise<Answer> {
  const flags = Object.entries(input).map(
    ([name, value]) => `--${name.replaceAll("_", "-")}=${Array.isArray(value) ? value.join(",") : String(value)}`,
  );
  const { exitCode, stdout, stderr } = await runKota([operation.name.replaceAll("_", "-"), ...flags, "--json"], {
    env,
  });
  const isSuccess = exitCode === 0;
  return {
    isSuccess,
    data: isSuccess ? (JSON.parse(stdout) as Record<string, unknown>) : undefined,
    text: JSON.stringify({ exitCode, stdout, stderr }),
  };
}

/** Ids, times, keys and cursors: the listed set of what may differ between two worlds. */
const UNEQUAL: readonly [RegExp, string][] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "<time>"],
  [/kota_live_\w+/g, "<key>"],
  [/(\\*"last_four\\*":\\*")\w{4}/g, "$1<four>"],
  [/(\\*"next_cursor\\*":\\*")[\w.=-]+/g, "$1<cursor>"],
  // How much was used shows in a header, and two worlds made the same calls in different numbers before.
  [/\["(x-ratelimit-remaining|content-length)","\d+"\]/g, '["$1","<n>"]'],
];

export function masked(text: string): string {
  return UNEQUAL.reduce((left, [pattern, label]) => left.replace(pattern, label), text);
}
