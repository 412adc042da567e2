// Supabase Auth at its HTTP boundary: published keys, users, invitations. Tokens are really signed.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";

const JWT_SECRET = "a secret of at least thirty-two characters";
const SECRET_KEY = "sb_secret_for_tests";

export interface FakeUser {
  id: string;
  email: string;
  isConfirmed?: boolean;
}

interface TokenOptions {
  claims?: Record<string, unknown>;
  algorithm?: "ES256" | "RS256" | "HS256";
  /** Signs with a key that is not published. */
  isForged?: boolean;
  /** Does not name its key. */
  isUnnamed?: boolean;
  /** Names this key instead. */
  keyId?: string | undefined;
  secret?: string;
  expiresInSeconds?: number;
}

export interface FakeSupabaseAuth {
  env: Record<string, string>;
  url: string;
  /** What administration knows. */
  users: FakeUser[];
  /** Addresses that were sent an invitation. */
  invited: string[];
  /** How often the published keys were fetched. */
  keyFetches: () => number;
  /** How often administration was asked about a user. */
  lookUps: () => number;
  token(user: Pick<FakeUser, "id" | "email">, options?: TokenOptions): Promise<string>;
  /** New signing keys; the old ones are withdrawn, unless they are to stay published beside them. */
  rotate(options?: { isKept?: boolean }): Promise<void>;
  /** Answers everything with 503 until it is called with false. */
  breakDown(isBroken: boolean): void;
  stop(): Promise<void>;
}

interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  published: JWK;
}

export async function startSupabaseAuth(): Promise<FakeSupabaseAuth> {
  let keys = await makeKeys(1);
  const forged = await makeKeys(0);
  let published = publishedOf(keys);
  let generation = 1;
  let fetches = 0;
  let lookUps = 0;
  let isBroken = false;
  const users: FakeUser[] = [];
  const invited: string[] = [];

  const answer = async (request: IncomingMessage): Promise<[number, unknown]> => {
    const { pathname } = new URL(request.url ?? "", "http://supabase");
    if (pathname.startsWith("/auth/v1/admin/users/")) lookUps++;
    if (pathname === "/auth/v1/.well-known/jwks.json") fetches++;
    if (isBroken) return [503, { message: "down" }];
    if (pathname === "/auth/v1/.well-known/jwks.json") {
      return [200, { keys: published }];
    }
    if (request.headers.authorization !== `Bearer ${SECRET_KEY}`) return [401, { msg: "no administrator" }];
    const id = /^\/auth\/v1\/admin\/users\/(.+)$/.exec(pathname)?.[1];
    if (id !== undefined) {
      const user = users.find((known) => known.id === id);
      if (!user) return [404, { code: 404, error_code: "user_not_found", msg: "User not found" }];
      return [200, { id, email: user.email, ...(user.isConfirmed && { email_confirmed_at: "2026-01-01T00:00:00Z" }) }];
    }
    if (pathname === "/auth/v1/invite") {
      const { email } = JSON.parse(await readText(request)) as { email: string };
      if (users.some((user) => user.email === email))
        return [422, { code: 422, error_code: "email_exists", msg: "A user with this address exists" }];
      invited.push(email);
      return [200, { id: crypto.randomUUID(), email }];
    }
    return [404, { msg: "no such path" }];
  };
  const server = createServer((request, response) => void respond(answer(request), response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    users,
    invited,
    env: { SUPABASE_URL: url, SUPABASE_SERVICE_ROLE_KEY: SECRET_KEY, SUPABASE_JWT_SECRET: JWT_SECRET },
    keyFetches: () => fetches,
    lookUps: () => lookUps,
    async token(
      user,
      {
        claims = {},
        algorithm = "ES256",
        isForged = false,
        isUnnamed = false,
        keyId,
        secret,
        expiresInSeconds = 3600,
      } = {},
    ) {
      const now = Math.floor(Date.now() / 1000);
      const jwt = new SignJWT({
        email: user.email,
        role: "authenticated",
        sub: user.id,
        aud: "authenticated",
        iss: `${url}/auth/v1`,
        iat: now,
        exp: now + expiresInSeconds,
        ...claims,
      });
      if (algorithm === "HS256")
        return jwt
          .setProtectedHeader({ alg: "HS256", ...(keyId !== undefined && { kid: keyId }) })
          .sign(new TextEncoder().encode(secret ?? JWT_SECRET));
      const { kid } = keys[algorithm];
      const { privateKey } = (isForged ? forged : keys)[algorithm];
      return jwt.setProtectedHeader({ alg: algorithm, ...(!isUnnamed && { kid: keyId ?? kid }) }).sign(privateKey);
    },
    async rotate({ isKept = false } = {}) {
      keys = await makeKeys(++generation);
      published = [...publishedOf(keys), ...(isKept ? published : [])];
    },
    breakDown: (broken) => (isBroken = broken),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function publishedOf(keys: Record<string, SigningKey>): JWK[] {
  return Object.values(keys).map(({ published }) => published);
}

async function makeKeys(generation: number): Promise<Record<"ES256" | "RS256", SigningKey>> {
  const make = async (alg: "ES256" | "RS256"): Promise<SigningKey> => {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    const kid = `${alg}-${generation}`;
    return { kid, privateKey, published: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
  };
  return { ES256: await make("ES256"), RS256: await make("RS256") };
}

async function respond(answer: Promise<[number, unknown]>, response: ServerResponse): Promise<void> {
  const [status, body] = await answer;
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
