// What a process and the keeper it starts tell each other.
import type { Binaries } from "./binaries.ts";
import type { Place } from "./place.ts";

/** What a keeper is started with, as JSON on its command line. */
export interface KeeperTask {
  place: Place;
  binaries: Binaries;
  searchPath: string;
  graceSeconds: number;
}

/** What it tells the process that started it, once. */
export type KeeperReport =
  | { state: "ready" }
  /** Another keeper has the server. */
  | { state: "superseded" }
  | { state: "failed"; message: string };
