// Where an operation is reached over REST.
import type { Operation } from "../operation.ts";

export const API_PREFIX = "/api/v1";

export interface Route {
  method: string;
  /** Below API_PREFIX, with `{field}`. */
  path: string;
  /** Fields that the path carries. */
  pathFields: string[];
}

export function routeOf({ route }: Pick<Operation, "route">): Route {
  const [method = "", path = ""] = route.split(" ");
  return { method, path, pathFields: [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "") };
}

/** Whether its input, but for what the path carries, is a JSON body rather than a query. */
export function hasBody(operation: Pick<Operation, "route">): boolean {
  const { method } = routeOf(operation);
  return method !== "GET" && method !== "DELETE";
}
