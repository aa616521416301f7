import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { AppError } from '../../kernel/index.ts'
import { type Log, silentLog } from '../log/log.ts'
import { databaseFailure } from './failures.ts'
import { ensureRoles } from './roles.ts'
import { isolateTables, type TenancyNotes, tenancyNotes } from './tenancy.ts'

const LOCK_KEY = 4_211_202_611
const LOCK_TIMEOUT_MS = 60_000
const CONNECT_TIMEOUT_MS = 10_000
const SERVER_VERSION_MIN = 150_000

interface Migration {
  /** `<subject>/<file>`: what is recorded. */
  readonly name: string
  readonly sql: string
  readonly hash: string
}

/** The `migrations` folder of every subject under `src`, sub-subjects included. */
export function migrationFolders(source = dirname(dirname(dirname(fileURLToPath(import.meta.url))))): string[] {
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name === 'migrations')
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

/** All SQL files of the folders, by number, then by name. @throws AppError `database.migration_failed` for a misnamed file. */
export function readMigrations(folders: readonly string[]): Migration[] {
  return folders
    .flatMap(folder =>
      readdirSync(folder)
        .filter(file => file.endsWith('.sql'))
        .map(file => {
          const name = `${basename(dirname(folder))}/${file}`
          if (!/^\d{4}-[a-z0-9-]+\.sql$/.test(file))
            throw new AppError('database.migration_failed', { field: name, rule: 'is named NNNN-what-it-does.sql' })
          const sql = readFileSync(join(folder, file), 'utf8')
          return { name, sql, hash: createHash('sha256').update(sql).digest('hex') }
        }),
    )
    .sort((a, b) => orderOf(a).localeCompare(orderOf(b), 'en'))
}

const orderOf = ({ name }: Migration) => `${basename(name).slice(0, 4)} ${name}`

/**
 * Brings the database up to date: roles, then every SQL file once, each in its own transaction, all under one advisory lock.
 * Returns the names applied now. Tables with `tenant_id` are isolated after each file; see {@link isolateTables}.
 * @throws AppError `database.unavailable`, or `database.migration_failed` when a file fails or has changed since it was applied.
 */
export async function migrate(
  ownerUrl: string,
  folders: readonly string[] = migrationFolders(),
  { log = silentLog }: { log?: Log } = {},
): Promise<string[]> {
  const files = readMigrations(folders)
  const notes = tenancyNotes(files)
  const client = new Client({ connectionString: ownerUrl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  client.on('error', error => log.warn({ error }, 'the connection for migrations was lost'))
  try {
    await client.connect()
    await checkServer(client)
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}; SELECT pg_advisory_lock(${LOCK_KEY})`)
    await ensureRoles(client, ownerUrl)
    return await applyMissing(client, files, notes, log)
  } catch (error) {
    throw databaseFailure(error)
  } finally {
    await client.end().catch(() => {})
  }
}

async function checkServer(client: Client): Promise<void> {
  const { rows } = await client.query("SELECT current_setting('server_version_num')::int4 AS version")
  if (rows[0].version < SERVER_VERSION_MIN)
    throw new AppError('database.migration_failed', {
      field: 'DATABASE_URL',
      rule: `names PostgreSQL 15 or newer; this is ${Math.floor(rows[0].version / 10_000)}`,
    })
}

async function applyMissing(
  client: Client,
  files: readonly Migration[],
  notes: TenancyNotes,
  log: Log,
): Promise<string[]> {
  await client.query(`CREATE TABLE IF NOT EXISTS schema_migration (
    name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`)
  const { rows } = await client.query<{ name: string; sha256: string }>('SELECT name, sha256 FROM schema_migration')
  const applied = new Map(rows.map(row => [row.name, row.sha256]))
  const missing = files.filter(file => !applied.has(file.name))
  const changed = files.find(file => applied.has(file.name) && applied.get(file.name) !== file.hash)
  if (changed)
    throw new AppError('database.migration_failed', {
      field: changed.name,
      rule: 'was changed after it had been applied here',
      fix: 'Restore the file and put the change into a new one.',
    })
  for (const file of missing) await apply(client, file, notes)
  if (missing.length > 0)
    log.info({ migrations: missing.map(file => file.name) }, 'the database was brought up to date')
  return missing.map(file => file.name)
}

async function apply(client: Client, file: Migration, notes: TenancyNotes): Promise<void> {
  try {
    await client.query('BEGIN')
    await client.query(file.sql)
    await isolateTables(client, notes)
    await client.query('INSERT INTO schema_migration (name, sha256) VALUES ($1, $2)', [file.name, file.hash])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    const failure = databaseFailure(error)
    if (failure instanceof AppError && failure.code === 'database.unavailable') throw failure
    throw new AppError(
      'database.migration_failed',
      { field: file.name, rule: (error as Error).message },
      { cause: error },
    )
  }
}
