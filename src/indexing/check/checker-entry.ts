// What the checker's process starts with: answers one request and ends.
import { answerRequest } from "./checker-process.ts";

answerRequest(Number(process.argv[2]));
