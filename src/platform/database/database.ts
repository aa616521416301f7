import { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Pool } from 'pg'
import { AppError, PLATFORM_TENANT, type TenantId } from '../../kernel/index.ts'
import type { Log } from '../log/log.ts'
import { tenantDialect } from './driver.ts'
import { databaseFailure } from './failures.ts'
import { createPool } from './pool.ts'
import type { Schema, TenantTx } from './schema.ts'

const TENANTS_CACHED_MAX = 1_000
/** Callers that may wait for a connection; more are refused at once. */
const WAITING_MAX = 1_000

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable'
  readonly readOnly?: boolean
}

/** The one way to the database: transactions that are bound to a tenant. */
export interface Database {
  /**
   * Runs `run` in one transaction that sees and writes only the tenant's rows; commits when it resolves, rolls back when it
   * rejects. A statement that failed cannot be swallowed: the commit then fails too.
   * @throws AppError `database.unavailable` (with `outcome: 'unknown'` when the commit itself was cut), `event.conflict`,
   * `state.conflict`, or whatever `run` throws.
   */
  tenant<T>(tenant: TenantId, run: (tx: TenantTx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** The same for facts of the platform itself, under the reserved tenant. */
  platform<T>(run: (tx: TenantTx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Resolves when the database answers. @throws AppError `database.unavailable`. */
  ping(): Promise<void>
  /** Connections now: in all, idle, and callers waiting for one. */
  connections(): { total: number; idle: number; waiting: number }
  /** Waits for running transactions, then closes every connection. Idempotent. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** URL of the role `bourse_app`; see `roleUrl`. */
  readonly url: string
  readonly connectionsMax?: number
  readonly log: Log
}

/** @example await db.tenant(tenant, tx => tx.selectFrom('fill').selectAll().limit(10).execute()) */
export function createDatabase(options: DatabaseOptions): Database {
  const pool = createPool({ ...options, connectionsMax: options.connectionsMax ?? 10, name: 'app' })
  return databaseOver(pool)
}

function databaseOver(pool: Pool): Database {
  const handles = new LRUCache<TenantId, Kysely<Schema>>({ max: TENANTS_CACHED_MAX })
  const handleOf = (tenant: TenantId): Kysely<Schema> => {
    let handle = handles.get(tenant)
    if (!handle) {
      handle = new Kysely<Schema>({ dialect: tenantDialect(pool, tenant) })
      handles.set(tenant, handle)
    }
    return handle
  }
  let closed: Promise<void> | undefined

  const database: Database = {
    async tenant(tenant, run, { isolation, readOnly } = {}) {
      if (pool.waitingCount >= WAITING_MAX)
        throw new AppError('database.unavailable', { rule: `${WAITING_MAX} callers already wait for a connection` })
      let builder = handleOf(tenant).transaction()
      if (isolation) builder = builder.setIsolationLevel(isolation)
      if (readOnly) builder = builder.setAccessMode('read only')
      try {
        return await builder.execute(tx => run(Object.assign(tx, { tenant }) as TenantTx))
      } catch (error) {
        throw databaseFailure(error)
      }
    },
    platform: (run, transaction) => database.tenant(PLATFORM_TENANT, run, transaction),
    async ping() {
      try {
        await pool.query('SELECT 1')
      } catch (error) {
        throw databaseFailure(error)
      }
    },
    connections: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close() {
      closed ??= pool.end()
      return closed
    },
  }
  return database
}
