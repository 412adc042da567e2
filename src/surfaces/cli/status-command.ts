// `kota status`: what is indexed, how fresh, and what waits.
import { listRepositories } from "../../operations/list-repositories.ts";
import type { CommandContext } from "./command-line.ts";
import { printAnswer } from "./print-answer.ts";
import { openSession } from "./session.ts";
import { printJson, printLine } from "./terminal.ts";
import { readQueueDepth } from "../../platform/queue.ts";
import { findRunningServer } from "./running-server.ts";

const PAGE = 100;

export async function statusCommand({ config, launcher }: CommandContext, { json }: { json?: boolean }): Promise<void> {
  const session = await openSession(config, launcher, { readOnly: true });
  try {
    const answer = await session.call(listRepositories, { limit: PAGE });
    const depth =
      session.local &&
      (await session.local.kota.services.database.unsafeAllOrganizations.once((sql) => readQueueDepth(sql)));
    const server = session.local?.kota.local && (await findRunningServer(config.dataDirectory));
    if (json) {
      printJson({
        server: server?.url ?? config.api?.url ?? null,
        repositories: answer["repositories"],
        next_cursor: answer["next_cursor"],
        ...(depth && { queue: { waiting: depth.waiting, oldest_waiting_seconds: depth.oldestWaitingSeconds } }),
      });
      return;
    }
    printLine(`Server: ${server?.url ?? config.api?.url ?? "not running (kota start)"}`);
    if (depth)
      printLine(
        `Jobs waiting: ${depth.waiting}${depth.waiting > 0 ? `, the oldest for ${depth.oldestWaitingSeconds} s` : ""}`,
      );
    printLine();
    printAnswer(listRepositories, answer, new Date());
  } finally {
    await session.close();
  }
}
