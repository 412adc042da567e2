// What a caller can ask.
import type { Operation } from "../operation.ts";
import { addRepositoryToProject } from "./add-repository-to-project.ts";
import { createApiKey } from "./create-api-key.ts";
import { createProject } from "./create-project.ts";
import { deleteProject } from "./delete-project.ts";
import { exportGraph } from "./export-graph.ts";
import { findUsages } from "./find-usages.ts";
import { getIndexJobStatus } from "./get-index-job-status.ts";
import { getProject } from "./get-project.ts";
import { getUsage } from "./get-usage.ts";
import { indexRepository } from "./index-repository.ts";
import { listApiKeys } from "./list-api-keys.ts";
import { listProjects } from "./list-projects.ts";
import { listRecentFiles } from "./list-recent-files.ts";
import { listRepositories } from "./list-repositories.ts";
import { readFile } from "./read-file.ts";
import { removeRepository } from "./remove-repository.ts";
import { removeRepositoryFromProject } from "./remove-repository-from-project.ts";
import { revokeApiKey } from "./revoke-api-key.ts";
import { searchCode } from "./search-code.ts";
import { searchDependencies } from "./search-dependencies.ts";
import { updateProject } from "./update-project.ts";

export const OPERATIONS: readonly Operation[] = [
  searchCode,
  findUsages,
  readFile,
  listRecentFiles,
  searchDependencies,
  indexRepository,
  getIndexJobStatus,
  listRepositories,
  removeRepository,
  exportGraph,
  createProject,
  listProjects,
  getProject,
  updateProject,
  deleteProject,
  addRepositoryToProject,
  removeRepositoryFromProject,
  createApiKey,
  listApiKeys,
  revokeApiKey,
  getUsage,
];
