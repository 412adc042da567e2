// Several pieces of work as one: nothing of it goes on after it failed.

/** Does all at once. The first failure aborts the others; it is thrown when all have ended. */
export async function together<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal, number: number) => Promise<void>,
): Promise<void> {
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  await Promise.allSettled(
    items.map((item, number) => work(item, either, number).catch((error: unknown) => failing.abort(error))),
  );
  failing.signal.throwIfAborted();
}
