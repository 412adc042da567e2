// What a caller can ask.
import type { Operation } from "../operation.ts";
import { getIndexJobStatus } from "./get-index-job-status.ts";
import { indexRepository } from "./index-repository.ts";
import { listRecentFiles } from "./list-recent-files.ts";
import { listRepositories } from "./list-repositories.ts";
import { readFile } from "./read-file.ts";
import { removeRepository } from "./remove-repository.ts";
import { searchCode } from "./search-code.ts";

export const OPERATIONS: readonly Operation[] = [
  searchCode,
  readFile,
  listRecentFiles,
  indexRepository,
  getIndexJobStatus,
  listRepositories,
  removeRepository,
];
