// A balancer's probe in a process of its own, so that what is measured is the server and not the load's own event loop:
// GET <url>/health on a new connection every <every> ms until disconnected; sends the parent how long each took, in ms.
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [url, every] = process.argv.slice(2);
process.on("disconnect", () => process.exit());

const probe = () =>
  new Promise((resolve) => {
    const startedMs = performance.now();
    const sent = request(`${url}/health`, { agent: false }, (response) => {
      response.resume();
      const isOk = response.statusCode === 200;
      response.once("end", () => resolve(isOk ? performance.now() - startedMs : Number.MAX_VALUE));
    });
    sent.once("error", () => resolve(Number.MAX_VALUE));
    sent.end();
  });

for (;;) {
  process.send?.(await probe());
  await sleep(Number(every));
}
