// The suite imports fs.globSync, which Node 20 lacks, and never calls it for a server.
import { register } from "node:module";

const names = Object.keys(process.getBuiltinModule("fs")).filter((name) => /^[a-z]\w*$/i.test(name));
const source = `const fs = process.getBuiltinModule("fs");
export default fs;
export const { ${names.join(", ")} } = fs;
${names.includes("globSync") ? "" : "export const globSync = () => [];"}`;
const hooks = `
export const resolve = (name, context, next) =>
  name === "fs" || name === "node:fs" ? { url: "shim:fs", shortCircuit: true } : next(name, context);
export const load = (url, context, next) =>
  url === "shim:fs" ? { format: "module", shortCircuit: true, source: ${JSON.stringify(source)} } : next(url, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
