// How a client learns where to sign in: OAuth 2.0 Protected Resource Metadata (RFC 9728), and the challenge of a 401
// that points to it (RFC 6750).

const PATH = "/.well-known/oauth-protected-resource";
/** The resources that have metadata of their own, as paths of this server; RFC 9728 section 3.1 puts its own before them. */
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
  const { origin, pathname } = new URL(publicUrl);
  const prefix = pathname.replace(/\/+$/, "");
  const base = `${origin}${prefix}`;
  // A proxy that serves us below a path takes that off, but perhaps not here, where it stands behind ours.
  const resources = new Map(
    ["", prefix].flatMap((taken) => RESOURCES.map((resource) => [`${PATH}${taken}${resource}`, resource])),
  );
  return {
    paths: [...resources.keys()],
    metadataOf: (path) => ({
      resource: `${base}${resources.get(path) ?? ""}`,
      authorization_servers: [issuer],
      bearer_methods_supported: ["header"],
      resource_name: "Kota",
      resource_documentation: `${base}/docs`,
    }),
    urlOf: (resource) => `${origin}${PATH}${prefix}${resource}`,
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
