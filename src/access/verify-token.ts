// Tokens of Supabase Auth: who signed in. A token is believed for its signature, issuer, audience and time alone; what
// its user may do is read from the database each time.
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyResult,
} from "jose";
import { AppError } from "../errors.ts";
import { isUuid, type UserId } from "../platform/ids.ts";
import {
  CLOCK_SKEW_SECONDS,
  JWKS_AGE_SECONDS_MAX,
  JWKS_PAUSE_SECONDS,
  JWKS_STALE_SECONDS_MAX,
  JWKS_WAIT_SECONDS_MAX,
} from "./limits.ts";
import { issuerOf } from "./tokens.ts";

interface SignedIn {
  userId: UserId;
  /** As the token says it; whether it is confirmed, the token does not tell. */
  email: string | undefined;
}

/** Throws `unauthenticated` for a token that is not good, `unavailable` when its keys cannot be fetched. */
export type VerifyToken = (token: string) => Promise<SignedIn>;

/**
 * Public keys (ES256, RS256) come from the project and are remembered; a token signed by an unknown one makes them be
 * fetched again, so that keys can be rotated. HS256 is taken only with `jwtSecret`, and never with a public key.
 */
export function createTokenVerifier({ url, jwtSecret }: { url: string; jwtSecret: string | undefined }): VerifyToken {
  const issuer = issuerOf(url);
  const secret = jwtSecret === undefined ? undefined : new TextEncoder().encode(jwtSecret);
  const common = {
    issuer,
    audience: "authenticated",
    clockTolerance: CLOCK_SKEW_SECONDS,
    requiredClaims: ["exp", "sub"],
  };
  const findKey = createKeyFinder(new URL(`${issuer}/.well-known/jwks.json`));
  const checkPublic = async (token: string): Promise<JWTVerifyResult> => {
    const options = { ...common, algorithms: ["ES256", "RS256"] };
    try {
      return await jwtVerify(token, findKey, options);
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      // It does not name its key, and while keys are rotated several are published: one of them signed it, or none.
      for await (const key of error) {
        const verified = await jwtVerify(token, key, options).catch((failure: unknown) => {
          if (failure instanceof errors.JWSSignatureVerificationFailed) return undefined;
          throw failure;
        });
        if (verified) return verified;
      }
      throw error;
    }
  };
  const check = (token: string): Promise<JWTVerifyResult> =>
    secret && decodeProtectedHeader(token).alg === "HS256"
      ? jwtVerify(token, secret, { ...common, algorithms: ["HS256"] })
      : checkPublic(token);
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

/**
 * The published key of a token. While keys cannot be fetched the last ones that could be still count, for
 * JWKS_STALE_SECONDS_MAX; and nobody waits for others, nor for the first ones, but once in JWKS_PAUSE_SECONDS.
 */
function createKeyFinder(address: URL): JWTVerifyGetKey {
  const published = createRemoteJWKSet(address, {
    timeoutDuration: JWKS_WAIT_SECONDS_MAX * 1000,
    cooldownDuration: JWKS_PAUSE_SECONDS * 1000,
    cacheMaxAge: JWKS_AGE_SECONDS_MAX * 1000,
  });
  let goodMs = 0;
  let failed: { cause: unknown; atMs: number } | undefined;
  return async (header, token) => {
    const isPaused = failed && Date.now() - failed.atMs < JWKS_PAUSE_SECONDS * 1000;
    if (!isPaused) {
      const outcome = await published(header, token).catch((error: unknown) => ({ error }));
      const isFetched = !("error" in outcome) || isAboutToken(outcome.error);
      failed = isFetched ? undefined : { cause: outcome.error, atMs: Date.now() };
      if (isFetched) goodMs = Date.now();
      if (!("error" in outcome)) return outcome;
      if (isFetched) throw outcome.error;
    }
    const kept = published.jwks();
    if (!kept || Date.now() - goodMs > JWKS_STALE_SECONDS_MAX * 1000) throw unreachable(failed?.cause);
    return createLocalJWKSet(kept)(header, token).catch((error: unknown) => {
      // It may be a new one.
      throw error instanceof errors.JWKSNoMatchingKey ? unreachable(failed?.cause) : error;
    });
  };
}

/** Keys were there, and the token goes with none or with several. Anything else is about fetching them. */
function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    ![errors.JOSEError.code, errors.JWKSTimeout.code, errors.JWKSInvalid.code].includes(error.code)
  );
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
