// OpenAPI 3.1, generated from the schemas that validate, and a page of it for people.
import { ERROR_CODES } from "../errors.ts";
import type { Operation } from "../operation.ts";
import {
  ANSWER_HEADERS,
  CREDENTIALS,
  FAILURES,
  failuresOf,
  headersOf,
  REQUEST_HEADERS,
  type Header,
} from "./answers.ts";
import { fieldsOf, inputSchemaOf, outputSchemaOf } from "./fields.ts";
import { API_PREFIX, hasBody, routeOf } from "./routes.ts";

export interface ApiIdentity {
  version: string;
  publicUrl: string;
}

/** The document that GET /openapi.json answers. */
export function openApiOf(
  operations: readonly Operation[],
  { version, publicUrl }: ApiIdentity,
): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const { method, path } = routeOf(operation);
    const full = `${API_PREFIX}${path}`;
    paths[full] = { ...paths[full], [method.toLowerCase()]: describeOperation(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Kota",
      version,
      description:
        "Code intelligence for coding agents. Every operation is also an MCP tool or command of the same name.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: publicUrl }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer", description: CREDENTIALS } },
      schemas: { Error: errorSchema },
      parameters: mapValues(REQUEST_HEADERS, (header, name) => ({ name, in: "header", ...describeHeader(header) })),
      headers: mapValues(ANSWER_HEADERS, describeHeader),
      responses: Object.fromEntries(
        FAILURES.map(({ code, when }) => [
          code,
          {
            description: `${code}: ${when}`,
            headers: headerReferences(headersOf(code)),
            content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
          },
        ]),
      ),
    },
  };
}

const errorSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: {
        code: { type: "string", enum: Object.keys(ERROR_CODES) },
        message: { type: "string", description: "What is wrong and what to do next." },
        details: {
          description: "For invalid_input a list of { path, message }, for rate_limited { retry_after } in seconds.",
        },
      },
    },
  },
};

function describeHeader({ type, meaning }: Header) {
  return { description: meaning, schema: { type } };
}

function headerReferences(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function mapValues<From, To>(values: Readonly<Record<string, From>>, change: (value: From, name: string) => To) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));
}

function describeOperation(operation: Operation): Record<string, unknown> {
  const { pathFields } = routeOf(operation);
  const isBody = hasBody(operation);
  const { $schema: _dialect, ...schema } = inputSchemaOf(operation);
  const properties = Object.entries(schema["properties"] ?? {});
  const required = fieldsOf(operation)
    .filter((field) => field.isRequired)
    .map((field) => field.name);
  const parameters = properties
    .filter(([name]) => !isBody || pathFields.includes(name))
    .map(([name, value]) => ({
      name,
      in: pathFields.includes(name) ? "path" : "query",
      required: pathFields.includes(name) || required.includes(name),
      schema: value,
    }));
  const body = {
    ...schema,
    properties: Object.fromEntries(properties.filter(([name]) => !pathFields.includes(name))),
    required: required.filter((name) => !pathFields.includes(name)),
  };
  return {
    operationId: operation.name,
    summary: operation.title,
    description: `${operation.description}\n\nScope: \`${operation.scope}\`.`,
    parameters: [
      ...parameters,
      ...Object.keys(REQUEST_HEADERS).map((name) => ({ $ref: `#/components/parameters/${name}` })),
    ],
    ...(isBody && { requestBody: { required: true, content: { "application/json": { schema: body } } } }),
    responses: { [operation.status ?? 200]: successAnswer(operation), ...failureAnswers(operation) },
  };
}

function successAnswer(operation: Operation) {
  const { $schema: _dialect, ...data } = outputSchemaOf(operation);
  const isPaged = "next_cursor" in operation.output.shape;
  const pagination = {
    type: "object",
    properties: { next_cursor: { type: ["string", "null"] }, limit: { type: "integer" } },
    required: ["next_cursor", "limit"],
  };
  const meta = isPaged ? { meta: { type: "object", properties: { pagination }, required: ["pagination"] } } : {};
  const schema = { type: "object", required: ["data", ...Object.keys(meta)], properties: { data, ...meta } };
  return {
    description: "Success",
    headers: headerReferences(headersOf(undefined)),
    content: { "application/json": { schema } },
  };
}

function failureAnswers(operation: Operation) {
  return Object.fromEntries(
    failuresOf(operation).map(({ code }) => [ERROR_CODES[code].status, { $ref: `#/components/responses/${code}` }]),
  );
}
