import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { AppError, assert, InvariantError, type TenantId } from '../../kernel/index.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

class TenantConnection implements DatabaseConnection {
  readonly client: PoolClient
  /** Answer of BEGIN, not waited for until the end: the connection is pipelined. */
  begun: Promise<unknown> = Promise.resolve()
  isBroken = false

  constructor(client: PoolClient) {
    this.client = client
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { command, rowCount, rows } = await this.client.query(sql, parameters as unknown[])
    const changes = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE' || command === 'MERGE'
    return { rows: rows ?? [], numAffectedRows: changes ? BigInt(rowCount ?? 0) : undefined }
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new InvariantError('streaming is not offered: read by pages')
  }
}

/** Binds every transaction to one tenant, in the same message that begins it; both end together. */
class TenantDriver implements Driver {
  readonly #pool: Pool
  readonly #begin: string

  constructor(pool: Pool, tenant: TenantId) {
    assert(UUID.test(tenant), 'a tenant id is a lower-case UUID')
    this.#pool = pool
    this.#begin = `; SELECT set_config('app.tenant', '${tenant}', true)`
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<TenantConnection> {
    return new TenantConnection(await this.#pool.connect())
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const own = connection as TenantConnection
    const isolation = settings.isolationLevel ? ` ISOLATION LEVEL ${settings.isolationLevel}` : ''
    const access = settings.accessMode ? ` ${settings.accessMode}` : ''
    own.begun = own.client.query(`BEGIN${isolation}${access}${this.#begin}`)
    own.begun.catch(() => {
      own.isBroken = true
    })
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const own = connection as TenantConnection
    await own.begun
    const { command } = await own.client.query('COMMIT').catch(cause => {
      own.isBroken = true
      throw new AppError(
        'database.unavailable',
        { rule: 'the connection was lost during a commit', outcome: 'unknown' },
        { cause },
      )
    })
    // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK and no error.
    if (command === 'ROLLBACK')
      throw new InvariantError('a failed statement was swallowed in a transaction: nothing was committed')
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const own = connection as TenantConnection
    try {
      await own.client.query('ROLLBACK')
    } catch {
      own.isBroken = true
    }
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    const own = connection as TenantConnection
    own.client.release(own.isBroken)
  }

  async destroy(): Promise<void> {}
}

/** Kysely's PostgreSQL over our pool, for one tenant. */
export const tenantDialect = (pool: Pool, tenant: TenantId): Dialect => ({
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => new TenantDriver(pool, tenant),
  createIntrospector: db => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
})
