// REST: one route for each operation, derived from its definition.
import { Hono, type Context, type Env, type HonoRequest } from "hono";
import type { Caller } from "../access/caller.ts";
import { AppError, invalidInput } from "../errors.ts";
import { run, type Operation, type Services } from "../operation.ts";
import { mayStartEarly } from "./early-start.ts";
import { successResponse } from "./envelope.ts";
import { coerce, fieldsOf, type Field } from "./fields.ts";
import { hasBody, routeOf } from "./routes.ts";

/** `work` for the caller of a request that may come in, charged `cost`; throws for one that may not. */
export type Admitted<E extends Env> = <T>(
  context: Context<E>,
  asked: { cost: number; isEarly: boolean },
  work: (caller: Caller) => Promise<T>,
) => Promise<T>;

/** The routes, below API_PREFIX. */
export function createRestApp<E extends Env>({
  operations,
  services,
  admitted,
  stopping,
}: {
  operations: readonly Operation[];
  services: Services;
  admitted: Admitted<E>;
  /** Aborts when the server stops: a call that only waits then ends. */
  stopping: AbortSignal;
}): Hono<E> {
  const app = new Hono<E>();
  const methods = new Map<string, string[]>();
  for (const operation of operations) {
    const { method, path } = routeOf(operation);
    const pattern = path.replace(/\{(\w+)\}/g, ":$1");
    const fields = fieldsOf(operation);
    const limit = fields.find((field) => field.name === "limit")?.default;
    methods.set(pattern, [...(methods.get(pattern) ?? []), method]);
    const asked = { cost: operation.cost ?? 1, isEarly: mayStartEarly(operation) };
    app.on(method, pattern, (context) =>
      admitted(context, asked, async (caller) => {
        const input = await readInput(context.req, { isBody: hasBody(operation), fields, path: context.req.param() });
        const data = await run(services, operation, input, {
          caller,
          // What reads ends by itself, and for the signal the adapter would build a whole Request: 0.3 ms.
          signal: operation.effect === "read" ? stopping : AbortSignal.any([context.req.raw.signal, stopping]),
        });
        return successResponse(data, { status: operation.status ?? 200, limit: input["limit"] ?? limit });
      }),
    );
  }
  for (const [pattern, allowed] of methods) {
    app.all(pattern, () => {
      throw new AppError("method_not_allowed", `This path takes ${allowed.join(", ")}.`, {
        details: { allow: allowed },
      });
    });
  }
  return app;
}

/** Path fields, then the query (GET, DELETE) or the JSON body. Throws `invalid_input`, `unsupported_media_type`. */
async function readInput(
  request: HonoRequest,
  { isBody, fields, path }: { isBody: boolean; fields: readonly Field[]; path: Record<string, string> },
): Promise<Record<string, unknown>> {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const fromPath = Object.fromEntries(
    Object.entries(path).map(([name, text]) => [name, coerce(byName.get(name), [text])]),
  );
  const query = new URL(request.url).searchParams;
  const repeated = Object.keys(path).find((name) => query.has(name));
  if (repeated !== undefined) throw invalidInput(repeated, "stands in the path already");
  const fromQuery = Object.fromEntries(
    [...new Set(query.keys())].map((name) => [name, coerce(byName.get(name), query.getAll(name))]),
  );
  if (!isBody) return { ...fromQuery, ...fromPath };
  const [stray] = Object.keys(fromQuery);
  if (stray !== undefined) throw invalidInput(stray, "belongs into the JSON body, not into the query");
  const body = await readJsonObject(request);
  const doubled = Object.keys(path).find((name) => name in body);
  if (doubled !== undefined) throw invalidInput(doubled, "stands in the path already");
  return { ...body, ...fromPath };
}

async function readJsonObject(request: HonoRequest): Promise<Record<string, unknown>> {
  const text = await request.text();
  if (text.trim() === "") return {};
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(request.header("content-type") ?? ""))
    throw new AppError("unsupported_media_type", "Send the body as JSON, with Content-Type: application/json.");
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw invalidInput(
      "",
      `The body is not valid JSON: ${error instanceof Error ? error.message : "it cannot be read"}`,
      error,
    );
  }
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw invalidInput("", "The body must be a JSON object");
  return { ...body };
}
