// What the command line needs of the process around it: main.ts gives it, so that surfaces do not reach up.
import type { Config } from "../../platform/config.ts";
import type { Services } from "../../operation.ts";
import type { OrganizationId } from "../../platform/ids.ts";
import type { Log } from "../../platform/log.ts";

/** A process that is connected and migrated. */
export interface Kota {
  config: Config;
  log: Log;
  services: Services;
  version: string;
  /** The organization and key of local mode; undefined in hosted mode. */
  local: { organizationId: OrganizationId; apiKey: string } | undefined;
  close(): Promise<void>;
}

export const ROLES = ["all", "api", "worker"] as const;
export type Role = (typeof ROLES)[number];

export interface Running {
  stop(): Promise<void>;
}

export interface OpenOptions {
  /** Looks at DATABASE_URL's schema and login, and changes neither. */
  readOnly?: boolean;
  /** Gives the login of requests a new password. */
  isNewPepper?: boolean;
}

export interface Launcher {
  version: string;
  /** Opens the database, embedded or DATABASE_URL's, and brings it to the newest schema. */
  openKota(config: Config, log: Log, options?: OpenOptions): Promise<Kota>;
  /** Takes jobs off the queue until stopped. */
  startWorker(kota: Kota): Promise<Running>;
  /** Starts the roles of a server; `url` is undefined for a worker alone. */
  startServer(
    kota: Kota,
    options: { role: Role; port: number; host: string },
  ): Promise<Running & { url: string | undefined }>;
}
