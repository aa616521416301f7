import { Client, type QueryResult } from 'pg'
import type { TenantId } from '../../kernel/index.ts'
import type { Log } from '../log/log.ts'
import { databaseFailure } from './failures.ts'

const CONNECT_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 10_000

/**
 * One connection of its own, bound to one tenant for its whole life: for what must be one statement and one commit (a
 * journal's append), or must die with its process (a lease). Nothing else ever uses it, so the tenant cannot leak.
 */
export interface DatabaseSession {
  /** Number of its server process. */
  readonly backend: number
  /** Statements are sent as they come, and answered in that order. @throws AppError `database.unavailable` */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[]; count: number }>
  /** Called once when the connection is lost and was not closed. */
  onLost: (() => void) | null
  readonly isOpen: boolean
  close(): Promise<void>
}

/** @throws AppError `database.unavailable` */
export async function openSession(options: {
  /** URL of the role `bourse_app`; see `roleUrl`. */
  readonly url: string
  readonly tenant: TenantId
  readonly name: string
  readonly log: Log
}): Promise<DatabaseSession> {
  const client = new Client({
    connectionString: options.url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: `bourse ${options.name}`,
    keepAlive: true,
  })
  let isOpen = true
  const session: DatabaseSession = {
    backend: 0,
    onLost: null,
    get isOpen() {
      return isOpen
    },
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      try {
        const { rows, rowCount }: QueryResult = await client.query(text, values as unknown[])
        return { rows: rows as Row[], count: rowCount ?? 0 }
      } catch (error) {
        throw databaseFailure(error)
      }
    },
    async close() {
      if (!isOpen) return
      isOpen = false
      await client.end().catch(() => {})
    },
  }
  const lost = (error?: Error) => {
    if (!isOpen) return
    isOpen = false
    options.log.warn({ error, session: options.name }, 'a session with the database was lost')
    session.onLost?.()
  }
  client.on('error', lost)
  client.on('end', () => lost())
  try {
    await client.connect()
    const { rows } = await client.query<{ backend: number }>(
      `SELECT set_config('app.tenant', $1, false), pg_backend_pid() AS backend`,
      [options.tenant],
    )
    return Object.assign(session, { backend: rows[0]!.backend })
  } catch (error) {
    await session.close()
    throw databaseFailure(error)
  }
}
