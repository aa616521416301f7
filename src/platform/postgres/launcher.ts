import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { AppError } from '../../kernel/index.ts'
import type { Log } from '../log/log.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import { findIdentity, giveTo, type Identity } from './identity.ts'
import { claim, clearLeftOver, release } from './left-over.ts'
import { settingsOf } from './settings.ts'
import { startFailure } from './start-failure.ts'

const SUPERUSER = 'postgres'
const DATABASE = 'bourse'
const INITDB_TIMEOUT_MS = 120_000
/** Recovery after a crash may take long; PostgreSQL says so meanwhile. */
const READY_TIMEOUT_MS = 300_000
const READY_POLL_MS = 20
const FAST_STOP_MS = 10_000
const IMMEDIATE_STOP_MS = 5_000
const PORT_TRIES_MAX = 3

/** A running PostgreSQL of our own. */
export interface EmbeddedPostgres {
  /** The superuser's URL of the database `bourse`: for migrations only. Holds the password. */
  readonly url: string
  /** Stops it the fast way and waits until it is gone. Idempotent. */
  stop(): Promise<void>
}

export interface StartOptions {
  /** Folder that will hold `postgres/` and its password. */
  readonly dataDir: string
  readonly log: Log
  /** False turns off what makes commits survive a power cut: for tests only. */
  readonly durable?: boolean
}

const pause = (ms: number) => new Promise<void>(done => void setTimeout(done, ms))

/** Nothing of our environment reaches the children: it may hold secrets. */
const CHILD_ENV = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/**
 * Starts the PostgreSQL that npm installed, with its data in `<dataDir>/postgres`, listening on loopback under a random
 * password. A detached keeper stops it when this process is gone, however it ended.
 * @throws AppError `database.start_failed`, one line with the fix.
 */
export async function startPostgres(options: StartOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir)
  try {
    const binaries = findBinaries()
    const identity = findIdentity(binaries)
    mkdirSync(dataDir, { recursive: true, mode: identity.uid === undefined ? 0o700 : 0o711 })
    claim(dataDir)
    return await startClaimed(binaries, identity, dataDir, options).catch(error => {
      release(dataDir)
      throw error
    })
  } catch (error) {
    throw startFailure(dataDir, '', error)
  }
}

async function startClaimed(
  binaries: Binaries,
  identity: Identity,
  dataDir: string,
  options: StartOptions,
): Promise<EmbeddedPostgres> {
  const cluster = join(dataDir, 'postgres')
  await clearLeftOver(cluster, options.log)
  const password = passwordIn(dataDir)
  if (!existsSync(cluster)) await initialise(binaries, identity, dataDir, password, options)
  checkVersion(cluster, binaries)
  giveTo(identity.owner, cluster)
  return run(binaries, identity, dataDir, password, options)
}

function passwordIn(dataDir: string): string {
  const file = join(dataDir, 'postgres.password')
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 })
  return readFileSync(file, 'utf8')
}

/** Into a folder beside, then renamed: an interrupted initdb leaves nothing that looks finished. */
async function initialise(
  binaries: Binaries,
  identity: Identity,
  dataDir: string,
  password: string,
  { log, durable = true }: StartOptions,
): Promise<void> {
  log.info({ dataDir }, 'creating the database')
  const fresh = join(dataDir, 'postgres.new')
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { mode: 0o700 })
  giveTo(identity.owner, fresh)
  // PostgreSQL's own user must be able to read it, so it is a copy, and gone right after.
  const passwordFile = join(dataDir, 'postgres.password.new')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  giveTo(identity.owner, passwordFile)
  const args = ['-D', fresh, '-U', SUPERUSER, '-E', 'UTF8', '--locale=C', '--locale-provider=builtin']
  args.push('--builtin-locale=C.UTF-8', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-instructions')
  if (!durable) args.push('--no-sync')
  const [command = '', ...rest] = [...identity.prefix, binaries.initdb, ...args]
  await new Promise<void>((done, fail) => {
    execFile(
      command,
      rest,
      { uid: identity.uid, gid: identity.gid, cwd: '/', env: CHILD_ENV, timeout: INITDB_TIMEOUT_MS },
      (error, _stdout, stderr) => (error ? fail(startFailure(dataDir, stderr, error)) : done()),
    )
  }).finally(() => rmSync(passwordFile, { force: true }))
  renameSync(fresh, join(dataDir, 'postgres'))
}

function checkVersion(cluster: string, binaries: Binaries): void {
  const version = Number.parseInt(readFileSync(join(cluster, 'PG_VERSION'), 'utf8'), 10)
  if (version === binaries.major) return
  throw new AppError('database.start_failed', {
    rule: `the data in ${cluster} is of PostgreSQL ${version}, the programs are ${binaries.major}`,
    fix: 'Dump it with the older release of Bourse and restore it with this one.',
  })
}

async function run(
  binaries: Binaries,
  identity: Identity,
  dataDir: string,
  password: string,
  options: StartOptions,
): Promise<EmbeddedPostgres> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const keeper = startKeeper(binaries, identity, dataDir, port, options.durable ?? true)
    const stop = stopOf(keeper, dataDir)
    try {
      await ready(keeper, urlOf(port, password, 'postgres'), options.log)
      await createDatabase(urlOf(port, password, 'postgres'))
      options.log.info({ port, dataDir }, 'PostgreSQL is up')
      return { url: urlOf(port, password, DATABASE), stop }
    } catch (error) {
      await stop()
      const said = readFileSync(join(dataDir, 'postgres.start.log'), 'utf8')
      if (attempt < PORT_TRIES_MAX && /could not bind/.test(said)) continue
      throw startFailure(dataDir, said, error)
    }
  }
}

const urlOf = (port: number, password: string, database: string) =>
  `postgresql://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`

const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => done(port))
    })
  })

function startKeeper(
  binaries: Binaries,
  identity: Identity,
  dataDir: string,
  port: number,
  durable: boolean,
): ChildProcess {
  const cluster = join(dataDir, 'postgres')
  const settings = Object.entries(settingsOf(port, durable)).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const [command, ...args] = [...identity.prefix, binaries.postgres, '-D', cluster, ...settings]
  const { uid, gid } = identity
  const order = { command, args, uid, gid, cwd: '/', fastStopMs: FAST_STOP_MS, immediateStopMs: IMMEDIATE_STOP_MS }
  const said = openSync(join(dataDir, 'postgres.start.log'), 'w', 0o600)
  try {
    const script = join(dirname(fileURLToPath(import.meta.url)), 'keeper.mjs')
    return spawn(process.execPath, [script, JSON.stringify(order)], {
      detached: true,
      cwd: '/',
      env: CHILD_ENV,
      stdio: ['pipe', said, said],
    })
  } finally {
    closeSync(said)
  }
}

function stopOf(keeper: ChildProcess, dataDir: string): () => Promise<void> {
  const gone = new Promise<void>(done => {
    keeper.once('exit', () => done())
    keeper.once('error', () => done())
  })
  keeper.stdin?.on('error', () => {})
  let stopped: Promise<void> | undefined
  return () => {
    keeper.stdin?.end()
    stopped ??= gone.then(() => release(dataDir))
    return stopped
  }
}

/** Ready is when a client gets in; until then PostgreSQL refuses, or answers that it is starting up. */
async function ready(keeper: ChildProcess, url: string, log: Log): Promise<void> {
  let hasToldOfRecovery = false
  for (let waited = 0; waited < READY_TIMEOUT_MS; waited += READY_POLL_MS) {
    if (keeper.exitCode !== null || keeper.signalCode !== null) throw new Error('PostgreSQL ended while starting')
    const failure = await tryConnect(url)
    if (failure === undefined) return
    if (failure === '57P03' && !hasToldOfRecovery && waited > 2_000) {
      hasToldOfRecovery = true
      log.info('PostgreSQL recovers from an unclean stop; this can take a while')
    }
    await pause(READY_POLL_MS)
  }
  throw new Error(`PostgreSQL was not ready within ${READY_TIMEOUT_MS / 1_000} s`)
}

async function tryConnect(url: string): Promise<string | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return undefined
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === '28P01')
      throw new AppError('database.start_failed', {
        rule: 'the password in postgres.password is not the one of the data',
        fix: 'Restore that file from the backup of the data folder.',
      })
    return code ?? 'unknown'
  } finally {
    await client.end().catch(() => {})
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
}
