// `kota mcp`: MCP over stdio for one client. Works off indexing jobs itself, so that index_repository needs no server.
import { OPERATIONS } from "../../operations/index.ts";
import { createLog } from "../../platform/log.ts";
import { serveMcpOverStdio } from "../mcp.ts";
import type { CommandContext } from "./command-line.ts";
import { callerOf } from "./session.ts";

export async function mcpCommand({ config, launcher }: CommandContext): Promise<void> {
  const kota = await launcher.openKota(config, createLog({ level: config.logLevel ?? "warn" }));
  try {
    const caller = await callerOf(kota);
    const worker = await launcher.startWorker(kota);
    const { services, version } = kota;
    await serveMcpOverStdio(
      { operations: OPERATIONS, services, version },
      { caller, mayReadFolders: config.mode === "local" },
    );
    await worker.stop();
  } finally {
    await kota.close();
  }
}
