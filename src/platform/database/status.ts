import { Client } from 'pg'
import { databaseFailure } from './failures.ts'
import { migrationFolders, readMigrations } from './migrate.ts'

const CONNECT_TIMEOUT_MS = 10_000

/** What an operator wants to know of a database, read without changing it. */
export interface DatabaseStatus {
  /** Of PostgreSQL, such as `18.4`. */
  readonly server: string
  /** Names of the migrations, in the order in which they were applied. */
  readonly applied: readonly string[]
  readonly pending: readonly string[]
  readonly events: number
  readonly checkpoints: readonly { readonly subscription: string; readonly position: number; readonly behind: number }[]
  readonly deadLetters: readonly { readonly subscription: string; readonly count: number }[]
}

/** @throws AppError `database.unavailable` with the reason. */
export async function databaseStatus(ownerUrl: string): Promise<DatabaseStatus> {
  const client = new Client({ connectionString: ownerUrl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  client.on('error', () => {})
  const rows = async <Row extends object>(sql: string): Promise<Row[]> => (await client.query(sql)).rows
  try {
    await client.connect()
    const [server] = await rows<{ server_version: string }>('SHOW server_version')
    const [there] = await rows<{ migrations: string | null; events: string | null }>(
      "SELECT to_regclass('schema_migration') AS migrations, to_regclass('event') AS events",
    )
    const applied = there?.migrations
      ? (await rows<{ name: string }>('SELECT name FROM schema_migration ORDER BY applied_at, name')).map(
          row => row.name,
        )
      : []
    const status = {
      server: server?.server_version.split(' ')[0] ?? '',
      applied,
      pending: readMigrations(migrationFolders()).flatMap(({ name }) => (applied.includes(name) ? [] : [name])),
    }
    if (!there?.events) return { ...status, events: 0, checkpoints: [], deadLetters: [] }
    const [events] = await rows<{ count: string }>('SELECT count(*) AS count FROM event')
    const checkpoints = await rows<{ subscription: string; position: string; behind: string }>(
      `SELECT c.name AS subscription, c.position, (SELECT count(*) FROM event e WHERE (e.xid, e.position) > (c.xid, c.position)) AS behind
       FROM subscription_checkpoint c ORDER BY c.name`,
    )
    const letters = await rows<{ subscription: string; count: string }>(
      'SELECT subscription, count(*) AS count FROM dead_letter GROUP BY subscription ORDER BY subscription',
    )
    return {
      ...status,
      events: Number(events?.count ?? 0),
      checkpoints: checkpoints.map(({ subscription, position, behind }) => ({
        subscription,
        position: Number(position),
        behind: Number(behind),
      })),
      deadLetters: letters.map(({ subscription, count }) => ({ subscription, count: Number(count) })),
    }
  } catch (error) {
    throw databaseFailure(error)
  } finally {
    await client.end().catch(() => {})
  }
}
