// What this installation's package.json says of it.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { INSTALLATION } from "./installation.ts";

const manifest = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()) });

export async function readManifest(): Promise<z.output<typeof manifest>> {
  return manifest.parse(JSON.parse(await readFile(new URL("package.json", INSTALLATION), "utf8")));
}
