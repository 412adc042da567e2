// What a stranger does: a copy of the checkout in an empty folder, the README's command, the first answer. Without
// install scripts, as root in a folder that root alone may enter, and as another user.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chown, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeRepository } from "../harness/repository.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NOBODY = 65_534;

/** A fresh checkout with its packages, as the given user has it. */
async function checkOut(folder: string, user: { uid?: number; gid?: number }): Promise<void> {
  const left = new Set(["node_modules", ".git"]);
  await cp(ROOT, folder, {
    recursive: true,
    filter: (source) => !left.has(source.slice(ROOT.length).split("/")[0] ?? ""),
  });
  if (user.uid !== undefined) await promisify(execFile)("chown", ["-R", `${user.uid}:${user.gid}`, folder]);
  await promisify(execFile)("npm", ["ci", "--ignore-scripts"], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder },
    maxBuffer: 1 << 26,
    ...user,
  });
}

/** Starts `npm start -- PATH --port 0` and answers where it listens. */
async function start(
  folder: string,
  { path, user }: { path: string; user: { uid?: number; gid?: number } },
): Promise<{ url: string; key: string; child: ChildProcess }> {
  const child = spawn("npm", ["start", "--", path, "--port", "0"], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, XDG_DATA_HOME: join(folder, "xdg") },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...user,
  });
  let output = "";
  return new Promise((resolve, reject) => {
    const look = (text: Buffer) => {
      output += String(text);
      const match = /kota (\S+)\/mcp --header "Authorization: Bearer (\S+)"[^]*Serving until/.exec(output);
      if (match) resolve({ url: match[1] ?? "", key: match[2] ?? "", child });
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.on("close", () => reject(new Error(`npm start ended: ${output}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.on("close", resolve));
  if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
  await ended;
}

const cases = [
  { who: "the same user, in a folder nobody else may enter", user: {}, parent: homedir() },
  { who: "another user", user: process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}, parent: tmpdir() },
];

test.each(cases)(
  "npm ci --ignore-scripts && npm start as $who",
  async ({ user, parent }) => {
    const folder = await mkdtemp(join(parent, ".kota-fresh-"));
    if ("uid" in user) await chown(folder, NOBODY, NOBODY);
    const repository = await makeRepository({ "hello.ts": "export const hello = 'fresh clone';\n" });
    try {
      await mkdir(join(folder, "kota"));
      await checkOut(join(folder, "kota"), user);
      const { url, key, child } = await start(join(folder, "kota"), { path: repository.path, user });
      try {
        const response = await fetch(`${url}/api/v1/search?query=fresh+clone`, {
          headers: { Authorization: `Bearer ${key}` },
        });
        expect(await response.json()).toMatchObject({
          data: { results: [{ path: "hello.ts", matches: [{ line: 1 }] }] },
        });
      } finally {
        await stop(child);
      }
    } finally {
      await repository.remove();
      await rm(folder, { recursive: true, force: true, maxRetries: 100, retryDelay: 200 });
    }
  },
  300_000,
);
