import { used } from "./used";
<<<<<<< HEAD
export function ours() { used(1); }
=======
export function theirs() { used(2); }
>>>>>>> branch
export class Broken {
  method() { this.met
  other(: number
}
export const later = used.
