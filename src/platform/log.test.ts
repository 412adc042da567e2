import { expect, test } from "vitest";
import { createLog, withLogContext } from "./log.ts";
import { maskSecrets } from "./secrets.ts";

function lines(work: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const written: string[] = [];
  work(createLog({ level: "debug", write: (line) => written.push(line) }));
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("the ids of the request at hand stand on every line", () => {
  const [line] = lines((log) =>
    withLogContext({ requestId: "r1" }, () => withLogContext({ jobId: "j1" }, () => log.info("hello", { n: 1 }))),
  );
  expect(line).toMatchObject({ msg: "hello", requestId: "r1", jobId: "j1", n: 1 });
});

test("an error is written with its code and causes", () => {
  const cause = Object.assign(new Error("inner"), { code: "ECONNREFUSED" });
  const [line] = lines((log) => log.error("failed", { error: new Error("outer", { cause }) }));
  expect(line).toMatchObject({ error: { message: "outer", cause: { message: "inner", code: "ECONNREFUSED" } } });
});

test("secrets never reach the output, wherever they stand", () => {
  const secrets = [
    "kota_live_" + "A1b2C3d4E5".repeat(4),
    "ghp_" + "a1".repeat(18),
    "github_pat_" + "11AAAA".repeat(6),
    `sk_${"live"}_4eC39HqLyjWD`,
    `whsec${"_"}abcdefghij123`,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
  ];
  for (const secret of secrets) {
    const [line] = lines((log) =>
      log.info(`used ${secret} here`, { deep: { deeper: [secret] }, error: new Error(`with ${secret}`) }),
    );
    expect(JSON.stringify(line)).not.toContain(secret);
    expect(line?.["msg"]).toBe("used *** here");
  }
});

test("passwords in URLs and headers are masked, what surrounds them stays", () => {
  expect(maskSecrets("postgres://me:s3cr3t@host/db")).toBe("postgres://me:***@host/db");
  expect(maskSecrets("Authorization: Bearer abcdefghijk")).toBe("Authorization: Bearer ***");
  expect(maskSecrets('{"password":"hunter22"}')).toBe('{"password":"***"}');
  expect(maskSecrets("kota_live is a prefix")).toBe("kota_live is a prefix");
});
