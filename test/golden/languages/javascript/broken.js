import { whole } from "./whole.js";

export function good() {
  return whole();
}

<<<<<<< HEAD
export function ours() { return good( }
=======
export function theirs() {
>>>>>>> theirs
const half = { a: 1,
