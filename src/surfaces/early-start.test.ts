import { expect, test } from "vitest";
import type { Caller } from "../access/caller.ts";
import { AppError } from "../errors.ts";
import type { KeyId, OrganizationId } from "../platform/ids.ts";
import { OPERATIONS } from "../operations/index.ts";
import { createEarlyStart, mayStartEarly } from "./early-start.ts";
import { CREDENTIALS_REMEMBERED_MAX } from "./limits.ts";

const acme: Caller = { organizationId: "acme" as OrganizationId, scopes: ["read"], keyId: "key" as KeyId };

/** An admission that is decided later. */
function pending() {
  let letIn: (caller: Caller) => void = () => undefined;
  const admitted = new Promise<Caller>((resolve) => (letIn = resolve));
  return { admit: () => admitted, letIn: (caller: Caller) => letIn(caller) };
}

function working() {
  const begun: Caller[] = [];
  return {
    begun,
    work: (caller: Caller) => {
      begun.push(caller);
      return Promise.resolve(`for ${caller.organizationId} with ${caller.scopes.join()}`);
    },
  };
}

test("whoever was let in before is worked for while they are asked about, and answered only after", async () => {
  const startEarly = createEarlyStart();
  const { begun, work } = working();
  const first = pending();
  const answered = startEarly({ credential: "key", admit: first.admit, work });
  await Promise.resolve();
  expect(begun).toEqual([]);
  first.letIn(acme);
  expect(await answered).toBe("for acme with read");

  const second = pending();
  let isAnswered = false;
  const again = startEarly({ credential: "key", admit: second.admit, work }).finally(() => (isAnswered = true));
  await new Promise(setImmediate);
  expect(begun).toHaveLength(2);
  expect(isAnswered).toBe(false);
  second.letIn({ ...acme });
  expect(await again).toBe("for acme with read");
  expect(begun).toHaveLength(2);
});

test("several at once are all worked for early", async () => {
  const startEarly = createEarlyStart();
  const { begun, work } = working();
  await startEarly({ credential: "key", admit: () => Promise.resolve(acme), work });
  const { admit, letIn } = pending();
  const both = [1, 2].map(() => startEarly({ credential: "key", admit, work }));
  await new Promise(setImmediate);
  expect(begun).toHaveLength(3);
  letIn(acme);
  expect(await Promise.all(both)).toEqual(["for acme with read", "for acme with read"]);
});

test("a refusal is all that the refused hear, and their next question waits", async () => {
  const startEarly = createEarlyStart();
  const { begun, work } = working();
  await startEarly({ credential: "key", admit: () => Promise.resolve(acme), work });
  const refusal = new AppError("unauthenticated", "revoked");
  await expect(startEarly({ credential: "key", admit: () => Promise.reject(refusal), work })).rejects.toBe(refusal);
  const failing = () => Promise.reject(new Error("of the work"));
  await startEarly({ credential: "key", admit: () => Promise.resolve(acme), work });
  await expect(startEarly({ credential: "key", admit: () => Promise.reject(refusal), work: failing })).rejects.toBe(
    refusal,
  );
  const before = begun.length;
  await expect(startEarly({ credential: "key", admit: () => Promise.reject(refusal), work })).rejects.toBe(refusal);
  expect(begun).toHaveLength(before);
});

test("who has other rights now is answered by these", async () => {
  const startEarly = createEarlyStart();
  const { begun, work } = working();
  await startEarly({ credential: "key", admit: () => Promise.resolve({ ...acme, scopes: ["read", "write"] }), work });
  expect(await startEarly({ credential: "key", admit: () => Promise.resolve(acme), work })).toBe("for acme with read");
  expect(begun).toHaveLength(3);
  const other = { ...acme, organizationId: "other" as OrganizationId };
  expect(await startEarly({ credential: "key", admit: () => Promise.resolve(other), work })).toBe(
    "for other with read",
  );
});

test("a failure of the work reaches whoever is let in, and credentials are told apart and bounded", async () => {
  const startEarly = createEarlyStart();
  const { begun, work } = working();
  const admit = () => Promise.resolve(acme);
  const failure = new AppError("not_found", "no such repository");
  await startEarly({ credential: "key", admit, work });
  await expect(startEarly({ credential: "key", admit, work: () => Promise.reject(failure) })).rejects.toBe(failure);

  const refused = () => Promise.reject(new AppError("unauthenticated", "wrong"));
  const before = begun.length;
  await expect(startEarly({ credential: "key2", admit: refused, work })).rejects.toMatchObject({ message: "wrong" });
  expect(begun).toHaveLength(before);

  for (let i = 0; i < CREDENTIALS_REMEMBERED_MAX; i++) await startEarly({ credential: `${i}`, admit, work });
  const after = begun.length;
  await expect(startEarly({ credential: "key", admit: refused, work })).rejects.toMatchObject({ message: "wrong" });
  expect(begun).toHaveLength(after);
});

test("what tells of admission itself does not start early", () => {
  const early = OPERATIONS.filter(mayStartEarly).map(({ name }) => name);
  expect(early).toContain("search_code");
  expect(early).not.toContain("get_usage");
  expect(early).not.toContain("list_api_keys");
  expect(OPERATIONS.filter((operation) => operation.effect !== "read" && mayStartEarly(operation))).toEqual([]);
});
