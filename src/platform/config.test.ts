import { expect, test } from "vitest";
import { AppError } from "../errors.ts";
import { readConfig } from "./config.ts";

const PEPPER = "p".repeat(32);

test("nothing set means local mode with an embedded Postgres", () => {
  const config = readConfig({ HOME: "/home/me", XDG_DATA_HOME: "/data" });
  expect(config).toMatchObject({
    mode: "local",
    port: 3000,
    host: "127.0.0.1",
    dataDirectory: "/data/kota",
    databaseUrl: undefined,
  });
});

test("a DATABASE_URL means hosted mode, unless KOTA_MODE says otherwise", () => {
  const DATABASE_URL = "postgres://u:p@h/d";
  expect(readConfig({ DATABASE_URL, KOTA_KEY_PEPPER: PEPPER }).mode).toBe("hosted");
  expect(readConfig({ DATABASE_URL, KOTA_MODE: "local" }).mode).toBe("local");
  expect(readConfig({ KOTA_MODE: "hosted", KOTA_KEY_PEPPER: PEPPER }).databaseUrl).toBeUndefined();
});

test("a wrong variable is named, with what is expected", () => {
  const wrong: Record<string, string> = {
    PORT: "eighty",
    DATABASE_URL: "mysql://x",
    KOTA_MODE: "cloud",
    KOTA_PUBLIC_URL: "kota.example",
    KOTA_GIT_BASE_URL: "ftp://x",
    KOTA_WORKER_CONCURRENCY: "0",
    KOTA_KEY_PEPPER: "short",
    KOTA_ALLOWED_ORIGINS: "https://ok.example,nonsense",
    LOG_LEVEL: "loud",
  };
  for (const [name, value] of Object.entries(wrong)) {
    expect(() => readConfig({ [name]: value }), name).toThrow(new RegExp(`^${name} .*expected|^${name} .*required`));
  }
});

test("hosted mode needs a pepper, and the remote URL its key", () => {
  expect(() => readConfig({ KOTA_MODE: "hosted" })).toThrow(/KOTA_KEY_PEPPER/);
  expect(() => readConfig({ KOTA_API_URL: "https://kota.example" })).toThrow(/KOTA_API_KEY/);
  expect(() => readConfig({ KOTA_API_KEY: "x" })).toThrow(AppError);
});

test("a relative path starts where npm was called, under npm start alone", () => {
  const environment = { npm_lifecycle_event: "start", INIT_CWD: "/home/me/project" };
  expect(readConfig(environment).callerDirectory).toBe("/home/me/project");
  expect(readConfig({ ...environment, npm_lifecycle_event: "test" }).callerDirectory).toBe(process.cwd());
});

test("an empty variable is an unset one", () => {
  expect(readConfig({ PORT: "", KOTA_MODE: "" })).toMatchObject({ port: 3000, mode: "local" });
});

test("keys of Supabase go by each of their names, and the first name that is set counts", () => {
  const supabaseOf = (keys: Record<string, string>) =>
    readConfig({ SUPABASE_URL: "https://p.supabase.co/", ...keys }).supabase;
  for (const name of ["SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY"])
    expect(supabaseOf({ [name]: "k" }), name).toMatchObject({ publishableKey: "k", secretKey: undefined });
  for (const name of ["SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SERVICE_KEY"])
    expect(supabaseOf({ [name]: "k" }), name).toMatchObject({ publishableKey: undefined, secretKey: "k" });
  expect(supabaseOf({ SUPABASE_SERVICE_KEY: "old", SUPABASE_SECRET_KEY: "new" })).toMatchObject({
    url: "https://p.supabase.co",
    secretKey: "new",
  });
});
