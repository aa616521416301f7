import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { migrate, silentLog, startPostgres } from '../src/platform/index.ts'

const TEMPLATE = 'bourse_template'

/** One PostgreSQL for the whole run, with one migrated database that every test file copies. Nothing stays behind. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bourse-test-'))
  const postgres = await startPostgres({ dataDir, log: silentLog, durable: false })
  const template = new URL(postgres.url)
  template.pathname = `/${TEMPLATE}`
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(`CREATE DATABASE ${TEMPLATE}`)
  await client.end()
  await migrate(template.href)
  project.provide('postgresUrl', postgres.url)
  return async () => {
    await postgres.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
