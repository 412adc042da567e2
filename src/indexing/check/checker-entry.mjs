// The checker's process: registers the loader that reads TypeScript, then answers one request and ends.
import { register } from "tsx/esm/api";

register();
const { answerRequest } = await import("./checker-process.ts");
answerRequest(Number(process.argv[2]));
