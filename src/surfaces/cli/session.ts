// Where a command's questions go: to a server (KOTA_API_URL), or to the database by this process itself.
import { SCOPES, type Caller } from "../../access/caller.ts";
import { findOrganization } from "../../access/store.ts";
import { AppError, ERROR_CODES, invalidInput, type ErrorCode } from "../../errors.ts";
import { run, type Call, type Operation } from "../../operation.ts";
import type { Config } from "../../platform/config.ts";
import { createLog, type Log } from "../../platform/log.ts";
import { API_PREFIX, routeOf } from "../routes.ts";
import { REMOTE_SECONDS_MAX } from "./limits.ts";
import type { Kota, Launcher, OpenOptions } from "./launcher.ts";

export interface Session {
  call: (
    operation: Operation,
    input: Record<string, unknown>,
    options?: Pick<Call, "signal" | "onProgress">,
  ) => Promise<Record<string, unknown>>;
  /** Undefined when a server answers. */
  local: { kota: Kota; caller: Caller } | undefined;
  close(): Promise<void>;
}

/** Logs of one-shot commands: only what needs somebody, unless more is asked for. */
export function commandLog(config: Config): Log {
  return createLog({ level: config.logLevel ?? "error" });
}

/** For commands that work on the database itself. */
export function refuseApi(config: Config, command: string): void {
  if (config.api)
    throw new AppError(
      "not_configured",
      `\`kota ${command}\` works where the database is: unset KOTA_API_URL and KOTA_API_KEY.`,
    );
}

export async function openSession(config: Config, launcher: Launcher, options: OpenOptions = {}): Promise<Session> {
  if (config.api) return remoteSession(config.api);
  const kota = await launcher.openKota(config, commandLog(config), options);
  try {
    return await sessionOf(kota);
  } catch (error) {
    await kota.close();
    throw error;
  }
}

/** A session of a process that is connected already. */
export async function sessionOf(kota: Kota): Promise<Session> {
  const caller = await callerOf(kota);
  const mayReadFolders = kota.config.mode === "local";
  return {
    call: (operation, input, options) => run(kota.services, operation, input, { caller, mayReadFolders, ...options }),
    local: { kota, caller },
    close: () => kota.close(),
  };
}

/** Whoever has the database's URL may do everything, in the organization they name. */
export async function callerOf({ local, config, services }: Kota): Promise<Caller> {
  if (local) return { organizationId: local.organizationId, scopes: SCOPES, keyId: undefined };
  const name = config.organization;
  if (name === undefined)
    throw invalidInput(
      "KOTA_ORGANIZATION",
      "is needed in hosted mode: set it to the organization this command acts for",
    );
  const organizationId = await services.database.unsafeAllOrganizations.once((sql) => findOrganization(sql, name));
  if (!organizationId)
    throw new AppError(
      "not_found",
      `No organization '${name}'. \`kota keys create --organization '${name}'\` makes it.`,
    );
  return { organizationId, scopes: SCOPES, keyId: undefined };
}

/** Questions to a server. */
export function remoteSession({ url, key }: { url: string; key: string }): Session {
  return {
    async call(operation, input, { signal } = {}) {
      const { address, init } = requestOf(operation, input);
      const limit = AbortSignal.timeout(REMOTE_SECONDS_MAX * 1000);
      const response = await fetch(`${url}${address}`, {
        ...init,
        headers: { Authorization: `Bearer ${key}`, Accept: "application/json", ...init.headers },
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      }).catch((error: unknown) => {
        throw new AppError("unavailable", `${url} does not answer. Check KOTA_API_URL and that the server runs.`, {
          cause: error,
        });
      });
      return readAnswer(response, url);
    },
    local: undefined,
    close: () => Promise.resolve(),
  };
}

function requestOf(
  operation: Operation,
  input: Record<string, unknown>,
): { address: string; init: { method: string; body?: string; headers?: Record<string, string> } } {
  const { method, path, pathFields } = routeOf(operation);
  const filled = path.replace(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(String(input[name] ?? "")));
  const rest = Object.entries(input).filter(([name, value]) => !pathFields.includes(name) && value !== undefined);
  const address = `${API_PREFIX}${filled}`;
  if (method !== "GET" && method !== "DELETE") {
    return {
      address,
      init: { method, body: JSON.stringify(Object.fromEntries(rest)), headers: { "Content-Type": "application/json" } },
    };
  }
  const query = new URLSearchParams(
    rest.flatMap(([name, value]): [string, string][] =>
      Array.isArray(value) ? value.map((item) => [name, String(item)]) : [[name, String(value)]],
    ),
  );
  return { address: query.size > 0 ? `${address}?${query}` : address, init: { method } };
}

async function readAnswer(response: Response, url: string): Promise<Record<string, unknown>> {
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && isObject(body) && isObject(body["data"])) return body["data"];
  const error = isObject(body) && isObject(body["error"]) ? body["error"] : undefined;
  const code = error?.["code"];
  if (typeof code === "string" && isErrorCode(code))
    throw new AppError(code, String(error?.["message"]), { details: error?.["details"] });
  throw new AppError(
    "upstream_failed",
    `${url} answered ${response.status} in no form of ours. KOTA_API_URL must be a Kota server's own address, without a path.`,
  );
}

function isErrorCode(code: string): code is ErrorCode {
  return code in ERROR_CODES;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
