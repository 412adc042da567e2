// Tokens of Supabase Auth: who signed in. A token is believed for its signature, issuer, audience and time alone; what
// its user may do is read from the database each time.
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyResult,
} from "jose";
import { AppError } from "../errors.ts";
import { isUuid, type UserId } from "../platform/ids.ts";
import { CLOCK_SKEW_SECONDS, JWKS_AGE_SECONDS_MAX, JWKS_PAUSE_SECONDS, JWKS_WAIT_SECONDS_MAX } from "./limits.ts";

interface SignedIn {
  userId: UserId;
  /** As the token says it; whether it is confirmed, the token does not tell. */
  email: string | undefined;
}

/** Throws `unauthenticated` for a token that is not good, `unavailable` when its keys cannot be fetched. */
export type VerifyToken = (token: string) => Promise<SignedIn>;

/** Whether `text` could be a JSON Web Token: three parts, the first of them a header. */
export function isTokenShaped(text: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(text);
}

/** The issuer of a Supabase project's tokens; its OAuth 2.1 authorization server too. */
export function issuerOf(supabaseUrl: string): string {
  return `${supabaseUrl}/auth/v1`;
}

/**
 * Public keys (ES256, RS256) come from the project and are remembered; a token signed by an unknown one makes them be
 * fetched again, so that keys can be rotated. HS256 is taken only with `jwtSecret`, and never with a public key.
 */
export function createTokenVerifier({ url, jwtSecret }: { url: string; jwtSecret: string | undefined }): VerifyToken {
  const issuer = issuerOf(url);
  const published = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
    timeoutDuration: JWKS_WAIT_SECONDS_MAX * 1000,
    cooldownDuration: JWKS_PAUSE_SECONDS * 1000,
    cacheMaxAge: JWKS_AGE_SECONDS_MAX * 1000,
  });
  const secret = jwtSecret === undefined ? undefined : new TextEncoder().encode(jwtSecret);
  const common = {
    issuer,
    audience: "authenticated",
    clockTolerance: CLOCK_SKEW_SECONDS,
    requiredClaims: ["exp", "sub"],
  };
  const keyOf: JWTVerifyGetKey = (header, token) =>
    published(header, token).catch((error: unknown) => {
      throw error instanceof errors.JWKSNoMatchingKey ? error : unreachable(error);
    });
  const check = (token: string): Promise<JWTVerifyResult> =>
    secret && decodeProtectedHeader(token).alg === "HS256"
      ? jwtVerify(token, secret, { ...common, algorithms: ["HS256"] })
      : jwtVerify(token, keyOf, { ...common, algorithms: ["ES256", "RS256"] });
  return async (token) => {
    const { payload } = await Promise.resolve(token)
      .then(check)
      .catch((error: unknown) => {
        throw error instanceof AppError ? error : refused(error);
      });
    const { sub = "", email, role, is_anonymous: isAnonymous } = payload;
    if (!isUuid(sub) || role !== "authenticated") throw refused();
    // Anybody can have any number of these, each with a tier's requests.
    if (isAnonymous === true)
      throw new AppError("unauthenticated", "Anonymous users have no organization. Sign in with an address.");
    return { userId: sub as UserId, email: typeof email === "string" && /^.{1,320}$/s.test(email) ? email : undefined };
  };
}

function refused(cause?: unknown): AppError {
  const why =
    cause instanceof errors.JWTExpired ? "it has expired" : "it is not one of this server's sign-in, or altered";
  return new AppError("unauthenticated", `This token opens nothing: ${why}. Sign in again.`, { cause });
}

function unreachable(cause: unknown): AppError {
  return new AppError("unavailable", "The keys of the sign-in cannot be fetched. Try again in a few seconds.", {
    cause,
  });
}
