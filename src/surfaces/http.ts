// The HTTP server: request ids, Host and Origin checks, body limits, errors in one envelope; then REST, MCP,
// health and documentation.
import { serve, type Http2Bindings, type HttpBindings, type ServerType } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { STATUS_CODES, type Server as NodeServer } from "node:http";
import type { Socket } from "node:net";
import type { Caller } from "../access/caller.ts";
import { AppError, ERROR_CODES, type ErrorCode } from "../errors.ts";
import { reportUnexpected, run, type Operation, type Services } from "../operation.ts";
import { newRequestId } from "../platform/ids.ts";
import { withLogContext } from "../platform/log.ts";
import { issuerOf } from "../access/verify-token.ts";
import type { SignIn } from "../access/sign-in.ts";
import { challengeOf, protectedResource } from "./protected-resource.ts";
import { addressOf, trustProxies } from "./address.ts";
import { createAdmission } from "./admission.ts";
import { docsPage } from "./docs-page.ts";
import { errorResponse } from "./envelope.ts";
import { checkHealth } from "./health.ts";
import {
  BODY_BYTES_MAX,
  CONNECTIONS_LOOK_SECONDS,
  DRAIN_SECONDS_MAX,
  HEADER_BYTES_MAX,
  HEADERS_SECONDS_MAX,
  REQUEST_SECONDS_MAX,
} from "./limits.ts";
import { costOf, createMcpEndpoint, type Answer } from "./mcp.ts";
import { openApiOf } from "./openapi.ts";
import { API_PREFIX, createRestApp } from "./rest.ts";
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
  // Only the http module's server is made here.
  const turns = createTurns(server as NodeServer);
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
  const isTrusted = trustProxies(options.trustedProxies);

  const callerOf = (context: Context<Env>, cost: number): Promise<Caller> => {
    const peer = context.env.incoming.socket.remoteAddress ?? "";
    return admit({
      authorization: context.req.header("authorization"),
      organization: context.req.header("x-kota-organization"),
      address: addressOf({ peer, forwardedFor: context.req.header("x-forwarded-for") }, isTrusted),
      cost,
      onLimit: (headers) => context.set("limitHeaders", headers),
    });
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
  app.use(
    cors({
      origin: (origin) => (trust.isAllowedOrigin(origin) ? origin : null),
      allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
      allowHeaders: [
        "Authorization",
        "Content-Type",
        "Accept",
        "X-Kota-Organization",
        "MCP-Protocol-Version",
        "Mcp-Method",
        "Mcp-Name",
        "Last-Event-ID",
      ],
      exposeHeaders: [
        "X-Request-Id",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "Retry-After",
        "WWW-Authenticate",
      ],
      maxAge: 600,
    }),
  );
  app.use(
    bodyLimit({
      maxSize: BODY_BYTES_MAX,
      onError: () =>
        errorResponse(new AppError("payload_too_large", "The body is larger than 1 MiB. Ask for less at once.")),
    }),
  );

  app.get("/", (context) => context.redirect("/docs"));
  app.get("/health", async (context) => {
    const health = await checkHealth(services.database, { version, now: services.now });
    return context.json(health, health.status === "ok" && !stopping.aborted ? 200 : 503);
  });
  app.get("/openapi.json", (context) => context.json(openApiOf(operations, identity)));
  app.get("/docs", (context) => context.html(docsPage(operations, identity)));

  if (resource) {
    for (const path of resource.paths) app.get(path, (context) => context.json(resource.metadataOf(path)));
  }

  const mcp = createMcpEndpoint({ operations, version });
  app.post("/mcp", async (context) => {
    const text = await context.req.text();
    const caller = await callerOf(context, costOf(text, operations));
    const answer: Answer = (operation, input, call) => run(services, operation, input, { caller, ...call });
    return mcp.handle(context.req.raw, { answer, text, stopping });
  });
  app.route(API_PREFIX, createRestApp<Env>({ operations, services, admit: callerOf, stopping }));
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
      if (hostname === undefined || !hosts.has(hostname))
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

function listen({ port, host }: HttpOptions, fetch: Handler): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    // Only the http module's server is made here.
    const plain = (request: Request, env: HttpBindings | Http2Bindings) => fetch(request, env as HttpBindings);
    const server = serve(
      {
        fetch: plain,
        port,
        hostname: host,
        serverOptions: {
          maxHeaderSize: HEADER_BYTES_MAX,
          headersTimeout: HEADERS_SECONDS_MAX * 1000,
          requestTimeout: REQUEST_SECONDS_MAX * 1000,
          connectionsCheckingInterval: CONNECTIONS_LOOK_SECONDS * 1000,
        },
      },
      () => {
        server.off("error", refuse);
        server.on("clientError", answerClientError);
        resolve(server);
      },
    );
    const refuse = (error: NodeJS.ErrnoException) => reject(cannotListen(error, { port, host }));
    server.once("error", refuse);
  });
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

async function drain(server: ServerType): Promise<void> {
  // Only the http module's server is made here; its idle connections would hold it open.
  const http = server as NodeServer;
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();
  const timer = setTimeout(() => http.closeAllConnections(), DRAIN_SECONDS_MAX * 1000);
  await closed;
  clearTimeout(timer);
}

function portOf(server: ServerType): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the HTTP server has no port");
  return address.port;
}

function hostInUrl(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
