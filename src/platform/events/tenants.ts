import { Client } from 'pg'
import type { TenantId } from '../../kernel/index.ts'
import { databaseFailure } from '../database/failures.ts'

const PAGE = 1_000
const CONNECT_TIMEOUT_MS = 10_000

/**
 * Every tenant that has had an event of a type, by the log that the role `dispatcher` may read across tenants: to do
 * something for each of them, one after another.
 * @param url of the role `dispatcher`; see `roleUrl`
 * @throws AppError `database.unavailable`
 */
export async function* tenantsWith(url: string, type: string): AsyncGenerator<TenantId> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  client.on('error', () => {})
  try {
    await client.connect()
    for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
      const { rows } = await client.query<{ tenant_id: string }>(
        'SELECT DISTINCT tenant_id FROM event WHERE type = $1 AND tenant_id > $2 ORDER BY tenant_id LIMIT $3',
        [type, last, PAGE],
      )
      for (const { tenant_id } of rows) yield tenant_id as TenantId
      if (rows.length < PAGE) return
      last = rows.at(-1)!.tenant_id
    }
  } catch (error) {
    throw databaseFailure(error)
  } finally {
    await client.end().catch(() => {})
  }
}
