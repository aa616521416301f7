import { access, constants, mkdir } from 'node:fs/promises'
import { AppError } from '../kernel/index.ts'
import {
  type Config,
  createDatabase,
  type Database,
  type Log,
  migrate,
  roleUrl,
  type Supervisor,
  startPostgres,
} from '../platform/index.ts'

/**
 * The database of DATABASE_URL, or the embedded one, brought up to date; the supervisor is told how to close it.
 * @throws AppError `config.invalid` for a data folder that cannot be used, `database.*` for everything else
 */
export async function openDatabase(options: {
  config: Config
  dataDir: string
  supervisor: Supervisor
  log: Log
}): Promise<{ ownerUrl: string; db: Database }> {
  const { config, dataDir, supervisor, log } = options
  await checkFolder(dataDir)
  let ownerUrl = config.databaseUrl
  if (ownerUrl === undefined) {
    const postgres = await startPostgres({ dataDir, log })
    supervisor.onStop('PostgreSQL', () => postgres.stop())
    ownerUrl = postgres.url
  }
  await migrate(ownerUrl, undefined, { log })
  const db = createDatabase({ url: roleUrl(ownerUrl, 'bourse_app'), connectionsMax: config.databaseConnections, log })
  supervisor.onStop('database connections', () => db.close())
  return { ownerUrl, db }
}

/** Keys, the kill switch and the market are kept there, whichever database is used. */
async function checkFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 })
    await access(dataDir, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const rule = code === 'ENOTDIR' || code === 'EEXIST' ? 'is no folder' : `cannot be written (${code})`
    throw new AppError(
      'config.invalid',
      {
        field: 'BOURSE_DATA',
        rule: `${dataDir} ${rule}`,
        fix: 'Give it to the user who starts Bourse, or name another folder with --data.',
      },
      { cause: error },
    )
  }
}
