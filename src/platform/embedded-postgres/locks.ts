// Who uses the server and who keeps it, as advisory locks in the database `postgres`: a lock vanishes with the
// connection of whoever held it, however that process ended, where a count in a file would not.
import pg from "pg";

/** Spells "Kota"; keeps our two keys apart from anybody else's. */
const SPACE = 0x4b6f7461;

/** `sessions`: shared by all who use the server, taken alone by the keeper that stops it. `keeper`: its keeper's. */
const KEYS = { sessions: 1, keeper: 2 } as const;

type Key = keyof typeof KEYS;

/** Takes the lock until the connection ends, or says at once that it is taken. */
export async function tryLock(client: pg.Client, key: Key, mode: "shared" | "exclusive"): Promise<boolean> {
  const suffix = mode === "shared" ? "_shared" : "";
  const { rows } = await client.query<{ taken: boolean }>(
    `select pg_try_advisory_lock${suffix}($1::int, $2::int) as taken`,
    [SPACE, KEYS[key]],
  );
  return rows[0]?.taken === true;
}

/** Whether anybody holds the lock. Unlike trying to take it, looking never makes another's try fail. */
export async function isHeld(client: pg.Client, key: Key): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    `select exists (
       select
       from pg_locks
       where locktype = 'advisory'
         and database = (select oid from pg_database where datname = current_database())
         and classid = $1::bigint::oid
         and objid = $2::bigint::oid
         and objsubid = 2
         and granted
     ) as held`,
    [SPACE, KEYS[key]],
  );
  return rows[0]?.held === true;
}

/** Resolves when the connection is gone, by our doing or not. */
export function endOf(client: pg.Client): Promise<void> {
  return new Promise((resolve) => {
    client.once("end", () => resolve());
  });
}
