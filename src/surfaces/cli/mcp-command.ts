// `kota mcp`: MCP over stdio for one client. Answers from a server (KOTA_API_URL), or from the database; then it works
// off indexing jobs itself, so that index_repository needs no server.
import { OPERATIONS } from "../../operations/index.ts";
import { createLog } from "../../platform/log.ts";
import type { CommandContext } from "./command-line.ts";
import { remoteSession, sessionOf } from "./session.ts";

export async function mcpCommand({ config, launcher }: CommandContext): Promise<void> {
  const { serveMcpOverStdio } = await import("../mcp.ts");
  const options = { operations: OPERATIONS, version: launcher.version };
  if (config.api) return serveMcpOverStdio(options, remoteSession(config.api).call);
  const kota = await launcher.openKota(config, createLog({ level: config.logLevel ?? "warn" }));
  try {
    const session = await sessionOf(kota);
    const worker = await launcher.startWorker(kota);
    await serveMcpOverStdio(options, session.call);
    await worker.stop();
  } finally {
    await kota.close();
  }
}
