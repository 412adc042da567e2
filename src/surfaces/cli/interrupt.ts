// SIGTERM and SIGINT, as one signal for the whole command.

export interface Interrupt {
  /** Aborts at the first of them; its reason is the signal's name. A second one ends the process at once. */
  signal: AbortSignal;
  /** Resolves then, to the signal's name. */
  happened: Promise<string>;
}

/** Listens from now on: the process is no longer ended by the first signal. */
export function onInterrupt(): Interrupt {
  const interrupted = new AbortController();
  const happened = new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) {
      process.once(name, () => {
        process.once(name, () => process.exit(1));
        interrupted.abort(name);
        resolve(name);
      });
    }
  });
  return { signal: interrupted.signal, happened };
}
