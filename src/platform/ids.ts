// Branded ids, so that one kind cannot be passed for another, and where random ones come from.
import { randomUUID } from "node:crypto";

export type OrganizationId = string & { readonly brand: "OrganizationId" };
export type RepositoryId = string & { readonly brand: "RepositoryId" };
export type ProjectId = string & { readonly brand: "ProjectId" };
export type SnapshotId = number & { readonly brand: "SnapshotId" };
export type BlobId = number & { readonly brand: "BlobId" };
export type SegmentId = number & { readonly brand: "SegmentId" };
export type JobId = string & { readonly brand: "JobId" };
export type UserId = string & { readonly brand: "UserId" };
export type KeyId = string & { readonly brand: "KeyId" };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

export function newRequestId(): string {
  return randomUUID();
}
