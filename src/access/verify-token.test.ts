// Tokens while keys are rotated and while they cannot be fetched. The clock alone is moved; keys and signatures are real.
import { exportSPKI, importJWK, type CryptoKey, type JWK } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startSupabaseAuth, type FakeSupabaseAuth } from "../../test/harness/supabase-auth.ts";
import { JWKS_AGE_SECONDS_MAX, JWKS_PAUSE_SECONDS, JWKS_STALE_SECONDS_MAX } from "./limits.ts";
import { createTokenVerifier, type VerifyToken } from "./verify-token.ts";

const ANN = { id: "00000000-0000-4000-8000-00000000000a", email: "ann@example.com" };

let auth: FakeSupabaseAuth;
let verify: VerifyToken;
beforeAll(async () => {
  auth = await startSupabaseAuth();
});
afterAll(() => auth.stop());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  verify = createTokenVerifier({ url: auth.url, jwtSecret: undefined });
});
afterEach(() => {
  auth.breakDown(false);
  vi.useRealTimers();
});

const codeOf = (token: string) =>
  verify(token).then(
    () => "in",
    (error: { code: string }) => error.code,
  );

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

test("a token that does not name its key is tried with every published one", async () => {
  const before = await auth.token(ANN, { isUnnamed: true });
  await auth.rotate({ isKept: true });
  const after = await auth.token(ANN, { isUnnamed: true });
  expect([await codeOf(before), await codeOf(after)]).toEqual(["in", "in"]);
  for (const wrong of [
    { isForged: true },
    { expiresInSeconds: -60 },
    { claims: { aud: "other" } },
    { claims: { sub: undefined } },
  ])
    expect(await codeOf(await auth.token(ANN, { isUnnamed: true, ...wrong })), JSON.stringify(wrong)).toBe(
      "unauthenticated",
    );
});

test("HS256 counts with the secret alone, and never with what is published", async () => {
  const withSecret = createTokenVerifier({ url: auth.url, jwtSecret: auth.env["SUPABASE_JWT_SECRET"] });
  const codes = async (token: string) =>
    Promise.all(
      [verify, withSecret].map((one) =>
        one(token).then(
          () => "in",
          (error: { code: string }) => error.code,
        ),
      ),
    );
  expect(await codes(await auth.token(ANN, { algorithm: "HS256" }))).toEqual(["unauthenticated", "in"]);
  const response = await fetch(`${auth.url}/auth/v1/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: (JWK & { kid: string; alg: string })[] };
  expect(keys.length).toBeGreaterThan(1);
  for (const key of keys) {
    // It is a public key, so it is no secret in bytes.
    const pem = await exportSPKI((await importJWK(key)) as CryptoKey);
    for (const secret of [pem, pem.trim(), JSON.stringify(key), key.x ?? key.n ?? ""])
      for (const keyId of [undefined, key.kid])
        expect(await codes(await auth.token(ANN, { algorithm: "HS256", secret, keyId })), secret).toEqual([
          "unauthenticated",
          "unauthenticated",
        ]);
  }
});

test("while Supabase Auth is down known keys count for as long as a token lives, and it is asked seldom", async () => {
  const token = () => auth.token(ANN, { expiresInSeconds: 2 * JWKS_STALE_SECONDS_MAX });
  expect(await codeOf(await token())).toBe("in");
  auth.breakDown(true);
  pass(JWKS_AGE_SECONDS_MAX + 1);
  const fetches = auth.keyFetches();
  for (let i = 0; i < 20; i++) expect(await codeOf(await token())).toBe("in");
  expect(auth.keyFetches()).toBe(fetches + 1);
  pass(JWKS_PAUSE_SECONDS + 1);
  expect(await codeOf(await token())).toBe("in");
  expect(auth.keyFetches()).toBe(fetches + 2);
  expect(await codeOf(await auth.token(ANN, { isForged: true }))).toBe("unauthenticated");
  // Perhaps a new one; nobody knows.
  await auth.rotate();
  expect(await codeOf(await token())).toBe("unavailable");
  auth.breakDown(false);
  pass(JWKS_PAUSE_SECONDS + 1);
  const late = await token();
  expect(await codeOf(late)).toBe("in");
  auth.breakDown(true);
  pass(JWKS_STALE_SECONDS_MAX + 1);
  expect(await codeOf(late)).toBe("unavailable");
});

test("who never had the keys says so, and asks for them seldom, however many tokens come", async () => {
  auth.breakDown(true);
  const fetches = auth.keyFetches();
  for (let i = 0; i < 20; i++) expect(await codeOf(await auth.token(ANN))).toBe("unavailable");
  expect(auth.keyFetches()).toBe(fetches + 1);
  auth.breakDown(false);
  pass(JWKS_PAUSE_SECONDS + 1);
  expect(await codeOf(await auth.token(ANN))).toBe("in");
  expect(auth.keyFetches()).toBe(fetches + 2);
});

test("tokens of ever new keys make the published ones be fetched seldom", async () => {
  expect(await codeOf(await auth.token(ANN))).toBe("in");
  pass(JWKS_PAUSE_SECONDS + 1);
  const fetches = auth.keyFetches();
  const flood = await Promise.all(Array.from({ length: 100 }, (_, i) => auth.token(ANN, { keyId: `flood-${i}` })));
  const codes = await Promise.all(flood.slice(50).map(codeOf));
  for (const token of flood.slice(0, 50)) codes.push(await codeOf(token));
  expect(new Set(codes)).toEqual(new Set(["unauthenticated"]));
  expect(await codeOf(await auth.token(ANN))).toBe("in");
  expect(auth.keyFetches()).toBe(fetches + 1);
});
