// Where this installation lies: package.json, supabase/ and dist/ are below it, and this code is, compiled or not.
import { existsSync } from "node:fs";

/** Ends with a slash. */
export const INSTALLATION = findInstallation();

function findInstallation(): URL {
  for (let folder = new URL(".", import.meta.url); ;) {
    if (existsSync(new URL("package.json", folder))) return folder;
    const above = new URL("..", folder);
    if (above.href === folder.href) throw new Error(`No folder above ${import.meta.url} has a package.json`);
    folder = above;
  }
}
