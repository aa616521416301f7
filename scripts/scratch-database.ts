import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { createDatabase, type Database, migrate, roleUrl, silentLog, startPostgres } from '../src/platform/index.ts'

export interface ScratchDatabase {
  readonly db: Database
  readonly ownerUrl: string
  asOwner<Row extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

/** A migrated database on a PostgreSQL of its own, which is gone when it is closed. */
export async function scratchDatabase(): Promise<ScratchDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bourse-scratch-'))
  const postgres = await startPostgres({ dataDir, log: silentLog, durable: false })
  await migrate(postgres.url)
  const db = createDatabase({ url: roleUrl(postgres.url, 'bourse_app'), log: silentLog })
  const owner = new Client({ connectionString: postgres.url })
  await owner.connect()
  return {
    db,
    ownerUrl: postgres.url,
    asOwner: async (sql, values) => (await owner.query(sql, values)).rows,
    async close() {
      await owner.end()
      await db.close()
      await postgres.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
