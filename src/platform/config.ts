// Every setting, as one table: name, default, meaning, and how its text is read. The only file that reads the
// environment. `docs/config.md` is generated from the table.
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { AppError } from "../errors.ts";

const port = z.coerce.number().int().min(0).max(65_535);
const httpUrl = z.url({ protocol: /^https?$/ });
const commaList = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean),
);

export interface Variable {
  read: z.ZodType;
  /** For the documentation: what an unset variable means. */
  unset: string;
  expected: string;
  meaning: string;
  /** Older names of the same setting; the first name that is set counts. */
  aliases?: readonly string[];
}

/** Environment variables, in the order of the documentation. */
export const CONFIG_VARIABLES = {
  PORT: {
    read: port.default(3000),
    unset: "3000",
    expected: "a port, 0–65535",
    meaning: "Where `serve` listens; 0 takes a free one.",
  },
  HOST: {
    read: z.string().min(1).default("127.0.0.1"),
    unset: "127.0.0.1",
    expected: "a host name or address",
    meaning: "Address `serve` binds to.",
  },
  KOTA_DATA_DIR: {
    read: z.string().min(1).optional(),
    unset: "XDG data dir + `/kota`",
    expected: "a folder",
    meaning: "Embedded Postgres, git mirrors, and the local key file (mode 0600).",
  },
  DATABASE_URL: {
    read: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    unset: "embedded Postgres",
    expected: "a postgres:// URL",
    meaning: "Postgres 15 or later. On Supabase the direct or session connection (port 5432).",
  },
  DATABASE_POOL_MAX: {
    read: z.coerce.number().int().min(2).max(500).default(10),
    unset: "10",
    expected: "2–500",
    meaning: "Connections of a process to Postgres.",
  },
  DATABASE_POOLER: {
    read: z.enum(["none", "transaction"]).default("none"),
    unset: "none",
    expected: "none or transaction",
    meaning:
      "transaction: DATABASE_URL leads to a transaction pooler (pgbouncer, Supabase's port 6543). Statements then travel one by one.",
  },
  KOTA_MODE: {
    read: z.enum(["local", "hosted"]).optional(),
    unset: "`local` without DATABASE_URL, else `hosted`",
    expected: "local or hosted",
    meaning:
      "local: one organization, one key, folders of this machine may be indexed. hosted: many organizations, no local path is ever accepted.",
  },
  KOTA_PUBLIC_URL: {
    read: httpUrl.optional(),
    unset: "`http://HOST:PORT`",
    expected: "an http(s) URL",
    meaning: "How callers reach the server: metadata, links, Host and Origin checks.",
  },
  KOTA_ALLOWED_ORIGINS: {
    read: commaList.pipe(z.array(httpUrl)).default([]),
    unset: "none",
    expected: "origins, comma separated",
    meaning: "Browser origins that may call the API.",
  },
  KOTA_GIT_BASE_URL: {
    read: httpUrl.default("https://github.com"),
    unset: "https://github.com",
    expected: "an http(s) URL",
    meaning: "Base for `owner/repo`; the one place where plain http or a private address is allowed.",
  },
  KOTA_WORKER_CONCURRENCY: {
    read: z.coerce.number().int().min(1).max(64).optional(),
    unset: "number of cores",
    expected: "1–64",
    meaning: "Threads that index.",
  },
  KOTA_KEY_PEPPER: {
    read: z.string().min(32).optional(),
    unset: "generated and kept in local mode; required in hosted mode",
    expected: "at least 32 characters",
    meaning: "HMAC key for API key hashes. Changing it invalidates every key.",
  },
  SUPABASE_URL: {
    read: httpUrl.optional(),
    unset: "no sign-in: API keys alone",
    expected: "an http(s) URL",
    meaning: "The Supabase project whose users may sign in. Their tokens are checked against its published keys.",
  },
  SUPABASE_PUBLISHABLE_KEY: {
    read: z.string().min(1).optional(),
    unset: "none",
    expected: "a key",
    meaning: "Key of browsers and other clients of the project; `kota doctor` tries it.",
    aliases: ["SUPABASE_ANON_KEY"],
  },
  SUPABASE_SECRET_KEY: {
    read: z.string().min(1).optional(),
    unset: "none: nobody can be invited",
    expected: "a key",
    meaning: "Key that administers users: sends invitations, and tells whether an address is confirmed.",
    aliases: ["SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SERVICE_KEY"],
  },
  SUPABASE_JWT_SECRET: {
    read: z.string().min(32).optional(),
    unset: "HS256 tokens are refused",
    expected: "at least 32 characters",
    meaning: "Secret of projects that still sign their tokens with HS256.",
  },
  KOTA_ORGANIZATION: {
    read: z.string().min(1).max(100).optional(),
    unset: "none",
    expected: "an organization's name",
    meaning: "Command line with DATABASE_URL: the organization it acts for.",
  },
  KOTA_API_URL: {
    read: httpUrl.optional(),
    unset: "none",
    expected: "an http(s) URL",
    meaning: "Command line: call this server instead of the database.",
  },
  KOTA_API_KEY: {
    read: z.string().min(1).optional(),
    unset: "none",
    expected: "an API key",
    meaning: "Command line: the key for KOTA_API_URL.",
  },
  KOTA_TRUSTED_PROXIES: {
    read: commaList.pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))).default([]),
    unset: "none",
    expected: "addresses or networks, comma separated",
    meaning:
      "Proxies whose X-Forwarded-For is believed: where each connects from. Without it all callers behind a proxy count as one address, and wrong keys of one shut out the others.",
  },
  KOTA_SEMANTIC_TIER: {
    read: z.enum(["on", "off"]).default("on"),
    unset: "on",
    expected: "on or off",
    meaning:
      "on: after indexing, TypeScript's type checker looks for what members of TypeScript and JavaScript mean that names and written types do not tell. off: no type checker is started.",
  },
  LOG_LEVEL: {
    read: z.enum(["debug", "info", "warn", "error"]).optional(),
    unset: "info; one-shot commands: error",
    expected: "debug, info, warn or error",
    meaning: "Least severe line that is logged (on stderr).",
  },
} as const satisfies Record<string, Variable>;

export interface SupabaseConfig {
  url: string;
  publishableKey: string | undefined;
  secretKey: string | undefined;
  jwtSecret: string | undefined;
}

export interface Config {
  port: number;
  host: string;
  dataDirectory: string;
  databaseUrl: string | undefined;
  databasePoolMax: number;
  isDatabasePooled: boolean;
  mode: "local" | "hosted";
  publicUrl: string | undefined;
  allowedOrigins: string[];
  trustedProxies: string[];
  gitBaseUrl: string;
  workerConcurrency: number | undefined;
  keyPepper: string | undefined;
  supabase: SupabaseConfig | undefined;
  organization: string | undefined;
  api: { url: string; key: string } | undefined;
  isSemanticTierOn: boolean;
  logLevel: "debug" | "info" | "warn" | "error" | undefined;
  /** PATH, for the programs we start. */
  searchPath: string;
  /** Where a relative path on the command line starts. `npm start` moves to the package and says where it was called. */
  callerDirectory: string;
}

/**
 * Reads and checks the environment. Throws `invalid_input` naming the first wrong variable and what is expected.
 */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const values = readVariables(environment);
  const mode = values.KOTA_MODE ?? (values.DATABASE_URL === undefined ? "local" : "hosted");
  if (mode === "hosted" && values.KOTA_KEY_PEPPER === undefined && values.KOTA_API_URL === undefined) {
    throw wrong(
      "KOTA_KEY_PEPPER",
      "is required in hosted mode: set it to at least 32 random characters, e.g. `openssl rand -hex 32`",
    );
  }
  if ((values.KOTA_API_URL === undefined) !== (values.KOTA_API_KEY === undefined)) {
    throw wrong(
      values.KOTA_API_URL === undefined ? "KOTA_API_URL" : "KOTA_API_KEY",
      "is missing: KOTA_API_URL and KOTA_API_KEY go together",
    );
  }
  const supabase = {
    publishableKey: values.SUPABASE_PUBLISHABLE_KEY,
    secretKey: values.SUPABASE_SECRET_KEY,
    jwtSecret: values.SUPABASE_JWT_SECRET,
  };
  return {
    port: values.PORT,
    host: values.HOST,
    dataDirectory: resolve(
      values.KOTA_DATA_DIR ?? join(environment["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), "kota"),
    ),
    databaseUrl: values.DATABASE_URL,
    databasePoolMax: values.DATABASE_POOL_MAX,
    isDatabasePooled: values.DATABASE_POOLER === "transaction",
    mode,
    publicUrl: values.KOTA_PUBLIC_URL,
    allowedOrigins: values.KOTA_ALLOWED_ORIGINS,
    trustedProxies: values.KOTA_TRUSTED_PROXIES,
    gitBaseUrl: values.KOTA_GIT_BASE_URL.replace(/\/+$/, ""),
    workerConcurrency: values.KOTA_WORKER_CONCURRENCY,
    keyPepper: values.KOTA_KEY_PEPPER,
    supabase:
      values.SUPABASE_URL === undefined ? undefined : { url: values.SUPABASE_URL.replace(/\/+$/, ""), ...supabase },
    organization: values.KOTA_ORGANIZATION,
    api:
      values.KOTA_API_URL !== undefined && values.KOTA_API_KEY !== undefined
        ? { url: values.KOTA_API_URL.replace(/\/+$/, ""), key: values.KOTA_API_KEY }
        : undefined,
    isSemanticTierOn: values.KOTA_SEMANTIC_TIER === "on",
    logLevel: values.LOG_LEVEL,
    searchPath: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    callerDirectory: (environment["npm_lifecycle_event"] === "start" && environment["INIT_CWD"]) || process.cwd(),
  };
}

type Values = { [Name in keyof typeof CONFIG_VARIABLES]: z.output<(typeof CONFIG_VARIABLES)[Name]["read"]> };

function readVariables(environment: Record<string, string | undefined>): Values {
  const values: Record<string, unknown> = {};
  // Each row as the type that all have in common.
  for (const [name, { read, expected, aliases = [] }] of Object.entries<Variable>(CONFIG_VARIABLES)) {
    // An empty variable is an unset one: `PORT= kota serve` and a blank line in an env file mean "default".
    const used = [name, ...aliases].find((known) => environment[known]) ?? name;
    const parsed = read.safeParse(environment[used] || undefined);
    if (!parsed.success) throw wrong(used, `is wrong: expected ${expected}`);
    values[name] = parsed.data;
  }
  // The loop read every variable of the table with its own schema.
  return values as Values;
}

function wrong(name: string, what: string): AppError {
  return new AppError("invalid_input", `${name} ${what}. See docs/config.md.`, {
    details: [{ path: name, message: what }],
  });
}
