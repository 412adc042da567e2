// The login of requests and jobs: kota_authenticator, with a password that follows from the pepper.
import { createHmac } from "node:crypto";

/** One password for every process that knows the pepper, and different for each pepper: nothing to store. */
export function authenticatorPasswordOf(pepper: string): string {
  return createHmac("sha256", pepper).update("login kota_authenticator").digest("base64url");
}

/** The same server and database, as kota_authenticator. */
export function asAuthenticator(connectionString: string, password: string): string {
  const url = new URL(connectionString);
  // A pooler such as Supavisor names the project behind the role: postgres.PROJECT → kota_authenticator.PROJECT.
  const project = /\.(.+)$/.exec(decodeURIComponent(url.username))?.[1];
  url.username = project === undefined ? "kota_authenticator" : `kota_authenticator.${project}`;
  url.password = password;
  return url.href;
}
