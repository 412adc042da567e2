// The Postgres of Debian, run by us on a free port: the oldest major that we support, with nothing of Supabase in it.
import { execFile, spawn } from "node:child_process";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { withClient } from "./database.ts";

const NOBODY = 65_534;
/** Postgres and pgbouncer refuse to run as root. */
export const ORDINARY = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

export interface DebianPostgres {
  port: number;
  /** Of its superuser, without a database. */
  serverUrl: string;
  stop(): Promise<void>;
}

export async function startDebianPostgres(): Promise<DebianPostgres> {
  const [major] = (await readdir("/usr/lib/postgresql")).sort((a, b) => Number(a) - Number(b));
  const bin = `/usr/lib/postgresql/${major}/bin`;
  const folder = await makeOrdinaryFolder("kota-debian-");
  const data = join(folder, "data");
  await promisify(execFile)(
    join(bin, "initdb"),
    ["-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust"],
    ORDINARY,
  );
  const port = await freePort();
  const server = spawn(
    join(bin, "postgres"),
    ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    { ...ORDINARY, stdio: "ignore" },
  );
  const serverUrl = `postgres://postgres@127.0.0.1:${port}`;
  await untilReady(`${serverUrl}/postgres`);
  return {
    port,
    serverUrl,
    async stop() {
      server.kill("SIGQUIT");
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** A folder that who is not root may write. */
export async function makeOrdinaryFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  if ("uid" in ORDINARY) await chown(folder, NOBODY, NOBODY);
  return folder;
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== "object" || !address) throw new Error("no free port");
  return address.port;
}

/** Until a server answers at a connection string. */
export async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const isUp = await withClient(url, (client) => client.query("select 1")).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await sleep(100);
  }
  throw new Error(`nothing answers at ${url}`);
}
