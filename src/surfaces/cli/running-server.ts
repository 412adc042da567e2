// Which server serves this data folder, if one does: a note it leaves in the folder, believed only when it answers.
import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { PROBE_MS_MAX } from "./limits.ts";

const note = z.object({ url: z.url(), pid: z.int() });
export type RunningServer = z.output<typeof note>;

const pathOf = (dataDirectory: string) => join(dataDirectory, "server.json");

/** Leaves the note, unless another server that answers has left one; what comes back takes it away again. */
export async function noteRunningServer(dataDirectory: string, url: string): Promise<() => Promise<void>> {
  const path = pathOf(dataDirectory);
  if (await findRunningServer(dataDirectory)) return () => Promise.resolve();
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, JSON.stringify({ url, pid: process.pid } satisfies RunningServer), { mode: 0o600 });
  await rename(draft, path);
  return async () => {
    const current = await readNote(path);
    if (current?.pid === process.pid) await rm(path, { force: true });
  };
}

/** The server that serves this folder and answers now. */
export async function findRunningServer(dataDirectory: string): Promise<RunningServer | undefined> {
  const found = await readNote(pathOf(dataDirectory));
  if (!found || !isAlive(found.pid)) return undefined;
  const answer = await fetch(`${found.url}/health`, { signal: AbortSignal.timeout(PROBE_MS_MAX) }).catch(
    () => undefined,
  );
  const body: unknown = await answer?.json().catch(() => undefined);
  const isKota = typeof body === "object" && body !== null && "api_version" in body;
  return isKota ? found : undefined;
}

async function readNote(path: string): Promise<RunningServer | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return note.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
