// The HTTP server: request ids, Host and Origin checks, body limits, errors in one envelope; then REST, MCP,
// health and documentation.
import { getRequestListener, RequestError, type HttpBindings } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { isUtf8 } from "node:buffer";
import { createServer, STATUS_CODES, type Server } from "node:http";
import type { Socket } from "node:net";
import { AppError, ERROR_CODES, type ErrorCode } from "../errors.ts";
import { reportUnexpected, run, type Operation, type Services } from "../operation.ts";
import { newRequestId } from "../platform/ids.ts";
import { withLogContext } from "../platform/log.ts";
import { issuerOf } from "../access/tokens.ts";
import type { SignIn } from "../access/sign-in.ts";
import { challengeOf, protectedResource } from "./protected-resource.ts";
import { createNetworkFinder } from "./address.ts";
import { ANSWER_HEADERS, REQUEST_HEADERS } from "./answers.ts";
import { createAdmission } from "./admission.ts";
import { docsPage } from "./docs-page.ts";
import { createEarlyStart } from "./early-start.ts";
import { errorResponse } from "./envelope.ts";
import { createHealthCheck } from "./health.ts";
import {
  BODY_BYTES_MAX,
  CONNECTIONS_LOOK_SECONDS,
  DOCUMENTS_PER_MINUTE_MAX,
  DRAIN_SECONDS_MAX,
  HEADER_BYTES_MAX,
  HEADERS_SECONDS_MAX,
  REQUEST_SECONDS_MAX,
} from "./limits.ts";
import { createMcpEndpoint, weigh, type Answer } from "./mcp.ts";
import { openApiOf } from "./openapi.ts";
import { createRestApp, type Admitted } from "./rest.ts";
import { API_PREFIX } from "./routes.ts";
import { createThrottle } from "./throttle.ts";
import { createTurns } from "./turns.ts";

export interface HttpOptions {
  operations: readonly Operation[];
  services: Services;
  version: string;
  port: number;
  host: string;
  publicUrl: string | undefined;
  allowedOrigins: readonly string[];
  trustedProxies: readonly string[];
  /** Undefined: API keys alone. */
  supabase: { url: string; signIn: SignIn } | undefined;
}

export interface HttpServer {
  url: string;
  /** Takes no new request, answers those at hand within DRAIN_SECONDS_MAX, and closes. */
  stop(): Promise<void>;
}

type Handler = (request: Request, env: HttpBindings) => Response | Promise<Response>;

/** Listens; throws `unavailable` when the port is taken or may not be used. */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  let handler: Handler = () => new Response(null, { status: 503 });
  const server = await listen(options, (request, env) => handler(request, env));
  const url = `http://${hostInUrl(options.host)}:${portOf(server)}`;
  const stopping = new AbortController();
  const app = createApp(options, { url, stopping: stopping.signal });
  const turns = createTurns(server);
  handler = async (request, env) => {
    if (env.incoming.url !== "/health") await turns.next();
    return app.fetch(request, env);
  };
  return {
    url,
    async stop() {
      stopping.abort();
      await drain(server);
    },
  };
}

/** Headers that a request has earned on its way in. */
type Env = { Variables: { limitHeaders: Record<string, string> }; Bindings: HttpBindings };

function createApp(options: HttpOptions, { url, stopping }: { url: string; stopping: AbortSignal }): Hono<Env> {
  const { operations, services, version } = options;
  const identity = { version, publicUrl: options.publicUrl ?? url };
  const trust = trustOf(identity.publicUrl, url, options);
  const app = new Hono<Env>();
  const admit = createAdmission({ ...services, signIn: options.supabase?.signIn });
  const resource = options.supabase && protectedResource(identity.publicUrl, issuerOf(options.supabase.url));
  const networkOfRequest = createNetworkFinder(options.trustedProxies, (peer) => {
    if (!services.isLimited) return;
    services.log.warn(
      `${peer} sends X-Forwarded-For and is none of KOTA_TRUSTED_PROXIES: all callers behind it count as one, and wrong keys of one shut out the others. If it is your proxy, add it.`,
      { peer },
    );
  });

  const whoAsks = (context: Context<Env>): string =>
    networkOfRequest({
      peer: context.env.incoming.socket.remoteAddress ?? "",
      forwardedFor: context.req.header("x-forwarded-for"),
    });
  const startEarly = createEarlyStart();
  const admitted: Admitted<Env> = async (context, { cost, isEarly }, work) => {
    const authorization = context.req.header("authorization");
    const organization = asUtf8(context.req.header("x-kota-organization"));
    const address = whoAsks(context);
    const onLimit = (headers: Record<string, string>) => context.set("limitHeaders", headers);
    const admitNow = () => admit({ authorization, organization, address, cost, onLimit });
    if (!isEarly || authorization === undefined) return work(await admitNow());
    return startEarly({ credential: JSON.stringify([authorization, organization]), admit: admitNow, work });
  };

  app.use(async (context, next) => {
    const requestId = newRequestId();
    const startedMs = services.now().getTime();
    await withLogContext({ requestId }, async () => {
      await next();
      context.res.headers.set("X-Request-Id", requestId);
      for (const [name, value] of Object.entries(context.get("limitHeaders") ?? {}))
        context.res.headers.set(name, value);
      const { method, path } = context.req;
      const status = context.res.status;
      services.log.info(`${method} ${path} → ${status}`, {
        method,
        path,
        status,
        durationMs: services.now().getTime() - startedMs,
      });
    });
  });
  app.onError((error, context) => {
    const known = reportUnexpected(error, services.log, "A request");
    if (known.code === "method_not_allowed")
      return errorResponse(new AppError(known.code, known.message), allowHeader(known.details));
    const headers =
      known.code === "unauthenticated" ? { "WWW-Authenticate": challengeOf(context.req.raw, resource) } : {};
    return errorResponse(known, headers);
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    }),
  );
  app.use(async (context, next) => {
    // Balancers ask for health by address.
    if (context.req.path !== "/health") trust.check(context.req.raw);
    await next();
  });
  const answerPages = cors({
    origin: (origin) => (trust.isAllowedOrigin(origin) ? origin : null),
    allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: [
      "Authorization",
      "Content-Type",
      "Accept",
      ...Object.keys(REQUEST_HEADERS),
      "MCP-Protocol-Version",
      "Mcp-Method",
      "Mcp-Name",
      "Last-Event-ID",
    ],
    exposeHeaders: Object.keys(ANSWER_HEADERS),
    maxAge: 600,
  });
  // Only where they have something to do: either makes the adapter build whole Request and Response objects, whose bodies
  // then travel as streams. That took longer than most searches, a timer of 1 ms included.
  app.use(async (context, next) => {
    if (context.req.header("origin") !== undefined) return answerPages(context, next);
    await next();
    context.res.headers.append("Vary", "Origin");
  });
  const limitBody = bodyLimit({
    maxSize: BODY_BYTES_MAX,
    onError: () =>
      // Its connection is closed while the rest of the body still comes: nobody may send the next request over it.
      errorResponse(new AppError("payload_too_large", "The body is larger than 1 MiB. Ask for less at once."), {
        Connection: "close",
      }),
  });
  app.use((context, next) => {
    const { headers } = context.env.incoming;
    const hasBody = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
    return hasBody ? limitBody(context, next) : next();
  });

  app.get("/", (context) => context.redirect("/docs"));
  const checkHealth = createHealthCheck(services.database, { version, now: services.now });
  app.get("/health", async (context) => {
    const health = await checkHealth();
    return context.json(health, health.status === "ok" && !stopping.aborted ? 200 : 503);
  });
  const documents = createThrottle({
    what: "documents",
    countMax: DOCUMENTS_PER_MINUTE_MAX,
    checkMax: DOCUMENTS_PER_MINUTE_MAX,
  });
  // Written when they are first asked for, and once: it takes up to 60 ms.
  const addDocument = (path: string, type: string, write: () => string) => {
    let text: string | undefined;
    app.get(path, (context) => {
      if (services.isLimited) documents.count(whoAsks(context), services.now());
      return context.body((text ??= write()), 200, { "Content-Type": type });
    });
  };
  addDocument("/openapi.json", "application/json", () => JSON.stringify(openApiOf(operations, identity)));
  addDocument("/docs", "text/html; charset=UTF-8", () => docsPage(operations, identity));
  for (const path of resource?.paths ?? [])
    addDocument(path, "application/json", () => JSON.stringify(resource?.metadataOf(path)));

  const mcp = createMcpEndpoint({ operations, version });
  app.post("/mcp", async (context) => {
    const text = await context.req.text();
    return admitted(context, weigh(text, operations), (caller) => {
      const answer: Answer = (operation, input, call) => run(services, operation, input, { caller, ...call });
      return mcp.handle(context.req.raw, { answer, text, stopping });
    });
  });
  app.route(API_PREFIX, createRestApp<Env>({ operations, services, admitted, stopping }));
  for (const [path, allow] of [
    ["/mcp", "POST"],
    ["/health", "GET"],
    ["/openapi.json", "GET"],
    ["/docs", "GET"],
  ] as const) {
    app.all(path, () => {
      throw new AppError("method_not_allowed", `${path} takes ${allow} alone.`, { details: { allow: [allow] } });
    });
  }
  app.notFound((context) =>
    errorResponse(new AppError("not_found", `No such path: ${context.req.path}. GET /docs lists what there is.`)),
  );
  return app;
}

function allowHeader(details: unknown): Record<string, string> {
  const allow = typeof details === "object" && details !== null && "allow" in details ? details.allow : undefined;
  return Array.isArray(allow) ? { Allow: allow.join(", ") } : {};
}

/** DNS rebinding and foreign pages: which Host and Origin a request may name. */
function trustOf(publicUrl: string, url: string, { allowedOrigins, host }: HttpOptions) {
  const local = ["localhost", "127.0.0.1", "[::1]"];
  const hosts = new Set([...local, hostInUrl(host), new URL(publicUrl).hostname]);
  const port = new URL(url).port;
  const origins = new Set([
    new URL(publicUrl).origin,
    ...local.map((name) => `http://${name}:${port}`),
    ...allowedOrigins.map((origin) => new URL(origin).origin),
  ]);
  const isAllowedOrigin = (origin: string) => origins.has(origin);
  return {
    isAllowedOrigin,
    check(request: Request) {
      const named = request.headers.get("host");
      const hostname = named && URL.canParse(`http://${named}`) ? new URL(`http://${named}`).hostname : undefined;
      // Of a request line that holds the whole URL, the host in it counts.
      if (hostname === undefined || !hosts.has(hostname) || !hosts.has(new URL(request.url).hostname))
        throw new AppError(
          "forbidden",
          `This server does not answer for host '${named ?? ""}'. Set KOTA_PUBLIC_URL to the URL it is reached by.`,
        );
      const origin = request.headers.get("origin");
      if (origin !== null && !isAllowedOrigin(origin))
        throw new AppError(
          "forbidden",
          `Pages of '${origin}' may not call this server. KOTA_ALLOWED_ORIGINS lists those that may.`,
        );
    },
  };
}

function listen({ port, host, services }: HttpOptions, fetch: Handler): Promise<Server> {
  // Only the http module's server is made here.
  const listener = getRequestListener((request, env) => fetch(request, env as HttpBindings), {
    hostname: host,
    errorHandler(error) {
      const known =
        error instanceof RequestError
          ? new AppError("invalid_input", `This is no request for here: ${error.message}. Check its URL and Host.`)
          : reportUnexpected(error, services.log, "A request");
      return withRequestId(errorResponse(known));
    },
  });
  const options = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_SECONDS_MAX * 1000,
    requestTimeout: REQUEST_SECONDS_MAX * 1000,
    connectionsCheckingInterval: CONNECTIONS_LOOK_SECONDS * 1000,
    // Refused by our own check, in the envelope.
    requireHostHeader: false,
  };
  const server = createServer(options, (incoming, outgoing) => void listener(incoming, outgoing));
  // Of an unknown expectation nothing is expected: Node would answer 417 without a word.
  server.on("checkExpectation", (incoming, outgoing) => void listener(incoming, outgoing));
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(cannotListen(error, { port, host }));
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      server.on("clientError", answerClientError);
      resolve(server);
    });
  });
}

function withRequestId(response: Response): Response {
  response.headers.set("X-Request-Id", newRequestId());
  return response;
}

/** A header as its sender meant it: Node reads its bytes as Latin-1, and most clients write UTF-8. */
function asUtf8(header: string | undefined): string | undefined {
  const bytes = Buffer.from(header ?? "", "latin1");
  return header === undefined || !isUtf8(bytes) ? header : bytes.toString("utf8");
}

function cannotListen(error: NodeJS.ErrnoException, { port, host }: { port: number; host: string }): AppError {
  const what =
    error.code === "EADDRINUSE"
      ? `Port ${port} on ${host} is taken. Stop what listens there, or choose another port with --port (0 takes a free one).`
      : error.code === "EACCES"
        ? `Port ${port} may not be used by this user. Choose one above 1023 with --port.`
        : `Cannot listen on ${host}:${port}: ${error.message}. Check HOST and PORT.`;
  return new AppError("unavailable", what, { cause: error });
}

/** What never became a request is answered in the envelope too, as far as the socket still takes it. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const [code, message] = problemOf(error);
  const body = JSON.stringify({ error: { code, message } });
  const status = ERROR_CODES[code].status;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nX-Request-Id: ${newRequestId()}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function problemOf({ code }: NodeJS.ErrnoException): [ErrorCode, string] {
  if (code === "HPE_HEADER_OVERFLOW")
    return [
      "payload_too_large",
      "The request line and headers are larger than 64 KiB. Send long input as a JSON body.",
    ];
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return ["invalid_input", "The request took too long to arrive. Send it again, in one go."];
  return ["invalid_input", "This is not HTTP."];
}

async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // They would hold it open.
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_SECONDS_MAX * 1000);
  await closed;
  clearTimeout(timer);
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the HTTP server has no port");
  return address.port;
}

function hostInUrl(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
