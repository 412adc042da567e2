// Windows of limits are clock hours and UTC days, and they end while a test runs.

const hourNow = () => Math.floor(Date.now() / 3_600_000);

/**
 * What `work` answers within one clock hour, and so within one UTC day: when an hour ended meanwhile it is done again, so it
 * sets up itself what it counts.
 */
export async function withinOneHour<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    const hour = hourNow();
    const outcome = await work().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (hourNow() !== hour) continue;
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }
}
