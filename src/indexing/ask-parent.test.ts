// A thread that stands still while its parent answers.
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { createParent } from "./ask-parent.ts";

const ASKING = `
  require(${JSON.stringify(createRequire(import.meta.url).resolve("tsx/cjs/api"))}).register();
  const { askParent } = require(${JSON.stringify(fileURLToPath(new URL("ask-parent.ts", import.meta.url)))});
  const { parentPort, workerData } = require("node:worker_threads");
  const ask = (question) => { try { return askParent(workerData, question) } catch (error) { return error.message } };
  parentPort.postMessage(["one", "fail", "two"].map(ask));`;

test("a thread gets each answer in the midst of its work, and is told when there is none", async () => {
  const { parent, close } = createParent(async (question: string) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (question === "fail") throw new Error("the database is gone");
    return { about: question };
  });
  const worker = new Worker(ASKING, { eval: true, workerData: parent, transferList: [parent.port] });
  try {
    const [answers]: unknown[] = await once(worker, "message");
    expect(answers).toEqual([{ about: "one" }, "the database is gone", { about: "two" }]);
  } finally {
    close();
    await worker.terminate();
  }
});
