import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, expect, test } from 'vitest'
import { silentLog } from '../log/log.ts'
import { eventually } from '../testing.ts'
import { findBinaries } from './binaries.ts'
import { startPostgres } from './launcher.ts'
import { isAlive } from './left-over.ts'
import { startFailure } from './start-failure.ts'

const folders: string[] = []
const freshFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'bourse-pg-'))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const start = (dataDir: string) => startPostgres({ dataDir, log: silentLog, durable: false })
const pidOf = (dataDir: string) => Number.parseInt(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10)

async function ask(url: string, sql: string) {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('it starts, keeps what was written over a restart, and stops without leaving a process', async () => {
  const dataDir = freshFolder()
  const first = await start(dataDir)
  await ask(first.url, 'CREATE TABLE kept AS SELECT 1 AS one')
  const pid = pidOf(dataDir)
  await first.stop()
  expect(isAlive(pid)).toBe(false)
  const second = await start(dataDir)
  expect(await ask(second.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }])
  await second.stop()
})

const OWNER = `
  import { startPostgres, silentLog } from ${JSON.stringify(join(import.meta.dirname, '../index.ts'))}
  await startPostgres({ dataDir: process.argv[2], log: silentLog, durable: false })
  console.log('up')
  setInterval(() => {}, 1000)`

async function startInOtherProcess(dataDir: string): Promise<ChildProcess> {
  const script = join(dataDir, 'owner.mts')
  writeFileSync(script, OWNER)
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise(resolve => child.stdout!.once('data', resolve))
  return child
}

test('kill -9 of the process that started it leaves no PostgreSQL behind, and the next start works', async () => {
  const dataDir = freshFolder()
  const owner = await startInOtherProcess(dataDir)
  const pid = pidOf(dataDir)
  expect(isAlive(pid)).toBe(true)
  owner.kill('SIGKILL')
  await eventually(() => !isAlive(pid))
  await (await start(dataDir)).stop()
})

test('a data folder that a live process uses is refused, naming the process', async () => {
  const dataDir = freshFolder()
  const owner = await startInOtherProcess(dataDir)
  await expect(start(dataDir)).rejects.toThrow(`process ${owner.pid} already runs on the data folder`)
  const pid = pidOf(dataDir)
  owner.kill('SIGKILL')
  await eventually(() => !isAlive(pid))
})

test('a lock file that names a foreign live process is removed', async () => {
  const dataDir = freshFolder()
  await (await start(dataDir)).stop()
  writeFileSync(join(dataDir, 'postgres/postmaster.pid'), `${process.pid}\n`)
  await (await start(dataDir)).stop()
})

test('a lock file of a dead PostgreSQL is no obstacle', async () => {
  const dataDir = freshFolder()
  const first = await start(dataDir)
  const pid = pidOf(dataDir)
  process.kill(pid, 'SIGKILL')
  await first.stop()
  await (await start(dataDir)).stop()
})

test('a platform without a build is told what to do', () => {
  expect(() => findBinaries('sunos', 'sparc')).toThrow(/no PostgreSQL in node_modules for sunos-sparc.*DATABASE_URL/)
})

test('data of another major version is refused before anything is touched', async () => {
  const dataDir = freshFolder()
  mkdirSync(join(dataDir, 'postgres'))
  writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '12\n')
  await expect(start(dataDir)).rejects.toThrow(/is of PostgreSQL 12/)
})

test('a data folder that is a file is told in one line', async () => {
  const file = join(freshFolder(), 'data')
  writeFileSync(file, '')
  await expect(start(file)).rejects.toThrow(/is not a folder.*BOURSE_DATA/)
})

test.each([
  ['initdb: error: could not write: No space left on device', /disk that holds \/d is full.*BOURSE_DATA/],
  ['EROFS: read-only file system', /data folder \/d cannot be written/],
  ['FATAL:  something odd', /something odd/],
])('%s becomes one clear line', (said, line) => {
  const failure = startFailure('/d', said)
  expect(failure.message).toMatch(line)
  expect(failure.message).not.toContain('\n')
})
