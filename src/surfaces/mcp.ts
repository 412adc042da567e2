// MCP over Streamable HTTP and stdio: tools derived from the operations. Both protocol eras on one endpoint; the
// low-level Server, because the high-level one turns a crash into a tool result and rebuilds its schemas on each
// request. Nothing else knows the SDK.
import {
  createMcpHandler,
  isJsonContentType,
  isLegacyRequest,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  WebStandardStreamableHTTPServerTransport,
  type Tool,
} from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { AppError, invalidInput } from "../errors.ts";
import { TOOLSETS, type Call, type Operation, type OperationProgress, type Toolset } from "../operation.ts";
import { inputSchemaOf, outputSchemaOf } from "./fields.ts";
import { mayStartEarly } from "./early-start.ts";
import { MESSAGES_OF_BATCH_MAX } from "./limits.ts";

export interface McpOptions {
  operations: readonly Operation[];
  version: string;
}

/** Answers an operation for whoever asks. */
export type Answer = (
  operation: Operation,
  input: Record<string, unknown>,
  options: Pick<Call, "signal" | "onProgress">,
) => Promise<Record<string, unknown>>;

/** Who asks, as the way to an answer; and which tools they see. */
interface Audience {
  answer: Answer;
  toolsets: readonly Toolset[];
  /** Aborts when nobody waits for an answer any more: the connection is closed, or the server stops. */
  signal?: AbortSignal;
}

const INSTRUCTIONS =
  "Kota answers questions about indexed git repositories. list_repositories shows what is indexed; index_repository adds one; search_code finds code; read_file shows it. `freshness` in an answer tells which commit it was read from.";

/** The tools of an operation list, as tools/list gives them. */
export function toolsOf(operations: readonly Operation[], toolsets: readonly Toolset[] = TOOLSETS): Tool[] {
  return operations
    .filter((operation) => operation.toolset !== undefined && toolsets.includes(operation.toolset))
    .map((operation) => ({
      name: operation.name,
      title: operation.title,
      description: operation.description,
      // A JSON Schema of an object; the SDK's type wants that told.
      inputSchema: { ...inputSchemaOf(operation), type: "object" },
      outputSchema: { ...outputSchemaOf(operation), type: "object" },
      annotations: {
        title: operation.title,
        readOnlyHint: operation.effect === "read",
        destructiveHint: operation.effect === "delete",
        idempotentHint: true,
        openWorldHint: operation.isOpenWorld === true,
      },
    }));
}

/** `?toolsets=search,graph` as a list; all without it. Throws `invalid_input`. */
function parseToolsets(text: string | null): readonly Toolset[] {
  if (text === null || text === "") return TOOLSETS;
  return text.split(",").map((name) => {
    const toolset = TOOLSETS.find((known) => known === name.trim());
    if (!toolset) throw invalidInput("toolsets", `'${name}' is none of ${TOOLSETS.join(", ")}`);
    return toolset;
  });
}

/**
 * The requests that a body counts for: what its tool calls cost, and 1 for everything else; and whether it is a single
 * call that may start early.
 */
export function weigh(text: string, operations: readonly Operation[]): { cost: number; isEarly: boolean } {
  const body = parseJson(text);
  const messages: unknown[] = Array.isArray(body) ? body : [body];
  // Refused whole by the SDK.
  if (messages.length > MESSAGES_OF_BATCH_MAX) return { cost: 1, isEarly: false };
  const called = messages.map((message) => {
    const call = toolCall.safeParse(message);
    return call.success ? operations.find(({ name }) => name === call.data.params.name) : undefined;
  });
  const cost = called.reduce((sum, operation) => sum + (operation?.cost ?? 1), 0);
  const [only, ...others] = called;
  return { cost: Math.max(1, cost), isEarly: only !== undefined && others.length === 0 && mayStartEarly(only) };
}

const toolCall = z.object({ method: z.literal("tools/call"), params: z.object({ name: z.string() }) });

/** Answers POST /mcp for a caller who is let in. The body was read already. */
export function createMcpEndpoint(options: McpOptions) {
  const makeServer = serverMaker(options);
  const audiences = new WeakMap<Request, Audience>();
  const modern = createMcpHandler(
    ({ requestInfo }) => {
      const audience = requestInfo && audiences.get(requestInfo);
      if (!audience) throw new Error("an MCP server was asked for without a caller");
      return makeServer(audience);
    },
    // auto: one JSON body, or a stream once progress was asked for and is told.
    { legacy: "reject", responseMode: "auto" },
  );
  return {
    async handle(
      request: Request,
      { answer, text, stopping }: { answer: Answer; text: string; stopping: AbortSignal },
    ): Promise<Response> {
      const toolsets = parseToolsets(new URL(request.url).searchParams.get("toolsets"));
      const signal = AbortSignal.any([request.signal, stopping]);
      const audience: Audience = { answer, toolsets, signal };
      if (!isJsonContentType(request.headers.get("content-type")))
        return protocolError(415, -32_000, "Content-Type must be application/json");
      const body = parseJson(text);
      if (body === undefined)
        return protocolError(400, ProtocolErrorCode.ParseError, "Parse error: the body is not valid JSON");
      if (await isLegacyRequest(request, body)) return answerLegacy(request, { body, server: makeServer(audience) });
      audiences.set(request, audience);
      return modern.fetch(request, { parsedBody: body });
    },
  };
}

async function answerLegacy(request: Request, { body, server }: { body: unknown; server: Server }): Promise<Response> {
  // A 2025 client that asked for progress gets a stream, for a JSON answer has no room for it.
  const transport = new WebStandardStreamableHTTPServerTransport({
    enableJsonResponse: !wantsProgress.safeParse(body).success,
  });
  await server.connect(transport);
  const response = await transport.handleRequest(request, { parsedBody: body });
  // A JSON answer is complete here. A stream ends when its tool does, and closes the transport then.
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) void server.close();
  return response;
}

const wantsProgress = z.object({
  method: z.literal("tools/call"),
  params: z.object({
    _meta: z.object({ progressToken: z.union([z.string(), z.number()]) }),
    arguments: z.object({ wait_seconds: z.number().positive() }),
  }),
});

/** Serves stdin and stdout until stdin ends. */
export function serveMcpOverStdio(options: McpOptions, answer: Answer): Promise<void> {
  const makeServer = serverMaker(options);
  return new Promise((resolve) => {
    const handle = serveStdio(() => makeServer({ answer, toolsets: TOOLSETS }));
    process.stdin.once("end", () => void handle.close().then(resolve));
    process.stdin.once("close", () => void handle.close().then(resolve));
  });
}

function serverMaker({ operations, version }: McpOptions): (audience: Audience) => Server {
  const tools = new Map(TOOLSETS.map((toolset) => [toolset, toolsOf(operations, [toolset])]));
  return ({ answer, toolsets, signal: left }) => {
    const server = new Server(
      { name: "kota", title: "Kota", version },
      { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
    );
    server.setRequestHandler("tools/list", () => ({ tools: toolsets.flatMap((toolset) => tools.get(toolset) ?? []) }));
    server.setRequestHandler("tools/call", async ({ params }, context) => {
      const operation = operations.find(
        ({ name, toolset }) => name === params.name && toolset !== undefined && toolsets.includes(toolset),
      );
      if (!operation) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
      const token = params._meta?.progressToken ?? context.mcpReq._meta?.progressToken;
      let told = -1;
      const onProgress = ({ message, done, total }: OperationProgress) => {
        // The protocol wants every notification to be further than the last.
        if (token === undefined || done <= told) return;
        told = done;
        // A client that went away is no failure: its signal ends the wait.
        void context.mcpReq
          .notify({
            method: "notifications/progress",
            params: { progressToken: token, progress: done, total, message },
          })
          .catch(() => undefined);
      };
      const cancelled = context.mcpReq.signal;
      const signal = left ? AbortSignal.any([cancelled, left]) : cancelled;
      return toToolResult(() => answer(operation, params.arguments ?? {}, { signal, onProgress }));
    });
    return server;
  };
}

async function toToolResult(answer: () => Promise<Record<string, unknown>>) {
  try {
    const structuredContent = await answer();
    return { structuredContent, content: [{ type: "text" as const, text: JSON.stringify(structuredContent) }] };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "internal")
      throw new ProtocolError(
        ProtocolErrorCode.InternalError,
        error instanceof AppError ? error.message : "Internal error",
      );
    return { isError: true, content: [{ type: "text" as const, text: `${error.code}: ${error.message}` }] };
  }
}

function protocolError(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
