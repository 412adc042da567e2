// How a client learns where to sign in: OAuth 2.0 Protected Resource Metadata (RFC 9728), and the challenge of a 401
// that points to it (RFC 6750).

const PATH = "/.well-known/oauth-protected-resource";
/** The resources that have metadata of their own, as paths of this server; RFC 9728 section 3.1 appends them. */
const RESOURCES = ["", "/mcp"];

export interface ProtectedResource {
  /** Where metadata is. */
  paths: readonly string[];
  metadataOf(path: string): Record<string, unknown>;
  /** URL of the metadata for a resource. */
  urlOf(resourcePath: string): string;
}

/** `publicUrl`: as callers reach us; `issuer`: the authorization server, which publishes its own metadata. */
export function protectedResource(publicUrl: string, issuer: string): ProtectedResource {
  const base = publicUrl.replace(/\/+$/, "");
  return {
    paths: RESOURCES.map((resource) => `${PATH}${resource}`),
    metadataOf: (path) => ({
      resource: `${base}${path.slice(PATH.length)}`,
      authorization_servers: [issuer],
      bearer_methods_supported: ["header"],
      resource_name: "Kota",
      resource_documentation: `${base}/docs`,
    }),
    urlOf: (resource) => `${base}${PATH}${resource}`,
  };
}

/** The value of WWW-Authenticate for a request that was not let in. */
export function challengeOf(request: Request, resource: ProtectedResource | undefined): string {
  const parts = ['Bearer realm="kota"'];
  if (request.headers.has("authorization")) parts.push('error="invalid_token"');
  const path = new URL(request.url).pathname;
  if (resource) parts.push(`resource_metadata="${resource.urlOf(RESOURCES.includes(path) ? path : "")}"`);
  return parts.join(", ");
}
