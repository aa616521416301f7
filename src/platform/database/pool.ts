import { Pool, types } from 'pg'
import { assert } from '../../kernel/index.ts'
import type { Log } from '../log/log.ts'

const CONNECT_TIMEOUT_MS = 5_000
const IDLE_TIMEOUT_MS = 60_000
const STATEMENT_TIMEOUT_MS = 30_000
const IDLE_IN_TRANSACTION_MS = 60_000
const LOCK_TIMEOUT_MS = 10_000

/** int8 becomes a number: micros, positions and sequences stay under 2^53. numeric and xid8 stay text. */
function safeNumber(text: string): number {
  const number = Number(text)
  assert(Number.isSafeInteger(number), `${text} from the database is no safe integer`)
  return number
}

const getTypeParser: typeof types.getTypeParser = (oid: number, format?: string) =>
  oid === types.builtins.INT8 ? safeNumber : types.getTypeParser(oid, format as 'text')

/** Connections of one role. Every wait has a bound; a connection lost while idle is logged and replaced. */
export function createPool(options: { url: string; connectionsMax: number; log: Log; name: string }): Pool {
  const pool = new Pool({
    connectionString: options.url,
    max: options.connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    application_name: `bourse ${options.name}`,
    types: { getTypeParser },
    // Statements of one transaction are sent without waiting for each other's answers.
    pipeline: true,
  } as ConstructorParameters<typeof Pool>[0])
  const onLost = (error: Error) => {
    // One that is being closed may be cut before the server has read that: the pool does not wait for it.
    if (!pool.ending) options.log.warn({ error }, 'a connection to the database was lost')
  }
  pool.on('error', onLost)
  // The pool listens to idle connections only; without a listener a connection cut while in use would end the process.
  pool.on('connect', client => client.on('error', onLost))
  return pool
}
