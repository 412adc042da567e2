// What every HTTP answer of ours looks like.
import { ERROR_CODES, type AppError } from "../errors.ts";

export function errorResponse(error: AppError, headers: Record<string, string> = {}): Response {
  const { code, message, details } = error;
  const body = { error: { code, message, ...(details !== undefined && { details }) } };
  return Response.json(body, {
    status: ERROR_CODES[code].status,
    headers: {
      ...(code === "rate_limited" && { "Retry-After": String(retryAfterOf(details)) }),
      ...headers,
    },
  });
}

/** Seconds; a minute where nothing better is known. */
function retryAfterOf(details: unknown): number {
  const seconds =
    typeof details === "object" && details !== null && "retry_after" in details ? details.retry_after : 60;
  return typeof seconds === "number" ? seconds : 60;
}

/** `{ data, meta? }`: pages say in meta.pagination how to go on. */
export function successResponse(
  data: Record<string, unknown>,
  { status, limit }: { status: number; limit: unknown },
): Response {
  const pagination = "next_cursor" in data ? { next_cursor: data["next_cursor"], limit } : undefined;
  return Response.json({ data, ...(pagination && { meta: { pagination } }) }, { status });
}
