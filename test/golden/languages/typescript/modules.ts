import legacy = require("./legacy");
import Inner = legacy.Inner;
export * from "./all";
export * as grouped from "./group";
export { a, b as c, default as d } from "./names";
export type { T } from "./types";
export { Inner, lazy as later };
import data from "./data.json" with { type: "json" };
const lazy = () => import("./lazy").then((module) => module.run());
async function load(name: string) {
  const { run } = await import(`./plugins/${name}`);
  return run(data.version);
}
let typed: import("./typed").Deep.Type<typeof legacy>;
declare module "./augmented" {
  interface Added {
    more: string;
  }
}
declare global {
  interface Window {
    kota: boolean;
  }
}
