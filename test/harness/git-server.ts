// A real git server over HTTP on loopback: `git http-backend` behind node:http, with what servers do to clients.
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

export interface GitServerOptions {
  /** Without it, as Basic password or Bearer, a request is answered 401. */
  token?: string;
  /**
   * What a request gets instead of an answer of git: never anything, a status, or a redirect to this origin.
   * `where` limits it to paths it matches.
   */
  instead?: ({ hang: true } | { status: number } | { redirectTo: string }) & { where?: RegExp };
  /** Wait before each chunk of an answer to `git-upload-pack`. */
  chunkDelayMs?: number;
}

export interface GitServer {
  /** Base of the repositories, for KOTA_GIT_BASE_URL. */
  url: string;
  /** May be changed between requests. */
  options: GitServerOptions;
  requests: { path: string; authorization: string | undefined }[];
  /** Settles when somebody asks for an upload-pack result (a fetch has begun). */
  nextFetch(): Promise<void>;
  /** Serves a bare copy of the repository at `path` as `name`; called again it brings the copy up to date. */
  publish(path: string, name: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startGitServer(options: GitServerOptions = {}): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), "kota-git-server-"));
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    git.requests.push({ path, authorization: request.headers.authorization });
    if (path.endsWith("/git-upload-pack")) for (const wake of waiting.splice(0)) wake();
    answer({ root, options: git.options, request, response });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const git: GitServer = {
    url: `http://127.0.0.1:${port}`,
    options,
    requests: [],
    nextFetch: () => new Promise((resolve) => waiting.push(resolve)),
    async publish(path, name) {
      const copy = join(root, `${name}.git`);
      await rm(copy, { recursive: true, force: true });
      await mkdir(dirname(copy), { recursive: true });
      await promisify(execFile)("git", ["clone", "-q", "--bare", path, copy], { env: ENVIRONMENT });
      return copy;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(root, { recursive: true, force: true });
    },
  };
  return git;
}

interface Exchange {
  root: string;
  options: GitServerOptions;
  request: IncomingMessage;
  response: ServerResponse;
}

function answer({ root, options, request, response }: Exchange): void {
  const { token } = options;
  const instead = options.instead?.where?.test(request.url ?? "") === false ? undefined : options.instead;
  if (instead && "hang" in instead) return;
  if (instead && "status" in instead)
    return void response.writeHead(instead.status, { "content-type": "text/html" }).end("<html>\n<p>A page\n</html>\n");
  if (instead) return void response.writeHead(302, { location: `${instead.redirectTo}${request.url}` }).end();
  if (token !== undefined && !isAllowed(request.headers.authorization, token)) {
    return void response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
  }
  runBackend({ root, options, request, response });
}

function isAllowed(authorization: string | undefined, token: string): boolean {
  const [scheme = "", value = ""] = (authorization ?? "").split(" ");
  if (scheme.toLowerCase() === "bearer") return value === token;
  return Buffer.from(value, "base64").toString("utf8").endsWith(`:${token}`);
}

/** CGI: headers of the answer up to an empty line, then its body. */
function runBackend({ root, options, request, response }: Exchange): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const backend = spawn("git", ["http-backend"], {
    env: {
      ...ENVIRONMENT,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: request.method ?? "GET",
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      HTTP_GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_ADDR: "127.0.0.1",
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on("error", () => undefined);
  backend.stderr.resume();
  response.on("close", () => backend.kill());
  void sendAnswer(backend.stdout, {
    response,
    delayMs: url.pathname.endsWith("/git-upload-pack") ? options.chunkDelayMs : 0,
  });
}

async function sendAnswer(
  stdout: AsyncIterable<Buffer>,
  { response, delayMs = 0 }: { response: ServerResponse; delayMs?: number | undefined },
): Promise<void> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of stdout) {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (head === undefined) {
      response.write(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) continue;
    const headers = head
      .toString("latin1", 0, end)
      .split("\r\n")
      .map((line) => line.split(/: (.*)/s));
    const status = headers.find(([name]) => name === "Status")?.[1] ?? "200";
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== "Status")));
    response.write(head.subarray(end + 4));
    head = undefined;
  }
  response.end();
}

const ENVIRONMENT = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
};
