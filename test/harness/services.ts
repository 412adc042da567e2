// What a process offers to operations, made by a test for a database: to run an operation, or a server with operations
// of its own, inside the test.
import type { Services } from "../../src/operation.ts";
import { createCursorCodec } from "../../src/platform/cursor.ts";
import { openDatabase } from "../../src/platform/database.ts";
import { createLog } from "../../src/platform/log.ts";
import { authenticatorPasswordOf } from "../../src/platform/login.ts";
import { createMemory } from "../../src/platform/memory.ts";
import type { TestDatabase } from "./database.ts";

/** `close` its database when done. */
export function makeServices(
  { url, pepper }: TestDatabase,
  {
    mirrorDirectory,
    isLimited,
    gitBaseUrl = "https://github.com",
  }: { mirrorDirectory: string; isLimited: boolean; gitBaseUrl?: string },
): Services {
  const log = createLog({ level: "error" });
  return {
    database: openDatabase({
      connectionString: url,
      authenticatorPassword: authenticatorPasswordOf(pepper),
      poolMax: 10,
      log,
    }),
    log,
    git: { searchPath: process.env["PATH"] ?? "", gitBaseUrl, log },
    mirrorDirectory,
    cursors: createCursorCodec(pepper),
    pepper,
    isLimited,
    memory: createMemory(),
    now: () => new Date(),
  };
}
