import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../kernel/index.ts'
import type { Log } from '../log/log.ts'

/** What is left of an earlier start in the data folder: a live owner, a live PostgreSQL, or only their files. */
const POLL_MS = 25
const STOP_FAST_MS = 10_000
const STOP_MS = 20_000

const pause = (ms: number) => new Promise<void>(resolve => void setTimeout(resolve, ms))

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return readStat(pid)?.state !== 'Z'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Linux only: the state and the start time, which tells a reused pid from the process that wrote the file. */
function readStat(pid: number): { state: string; startedAt: string } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return { state: fields[0] ?? '', startedAt: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 })
  } catch {
    return ''
  }
}

const ownerFile = (dataDir: string) => join(dataDir, 'owner.json')

/**
 * Marks the data folder as this process's.
 * @throws AppError `database.start_failed` when another live process has it.
 */
export function claim(dataDir: string): void {
  const owner = readOwner(dataDir)
  if (
    owner &&
    owner.pid !== process.pid &&
    isAlive(owner.pid) &&
    (readStat(owner.pid)?.startedAt ?? '') === owner.startedAt
  )
    throw new AppError('database.start_failed', {
      rule: `process ${owner.pid} already runs on the data folder ${dataDir}`,
      fix: 'Stop it first, or set BOURSE_DATA to another folder.',
    })
  const mine = { pid: process.pid, startedAt: readStat(process.pid)?.startedAt ?? '' }
  writeFileSync(ownerFile(dataDir), JSON.stringify(mine), { mode: 0o600 })
}

function readOwner(dataDir: string): { pid: number; startedAt: string } | undefined {
  try {
    return JSON.parse(readFileSync(ownerFile(dataDir), 'utf8'))
  } catch {
    return undefined
  }
}

export const release = (dataDir: string): void => rmSync(ownerFile(dataDir), { force: true })

/**
 * Makes the cluster startable: a live PostgreSQL of ours is stopped, a dead one's lock file is left to PostgreSQL itself,
 * and a lock file that names a foreign live process (its pid was reused) is deleted.
 */
export async function clearLeftOver(cluster: string, log: Log): Promise<void> {
  const file = join(cluster, 'postmaster.pid')
  const pid = pidIn(file)
  if (pid === undefined || !isAlive(pid)) return
  const command = commandOf(pid)
  if (!command.includes('postgres') || !command.includes(cluster)) {
    log.warn({ pid }, 'a lock file of PostgreSQL names a process that is something else; the file is removed')
    rmSync(file, { force: true })
    return
  }
  log.warn({ pid }, 'a PostgreSQL of an earlier start is still running; it is stopped first')
  await stopProcess(pid)
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
    return pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

async function stopProcess(pid: number): Promise<void> {
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name)
    } catch {}
  }
  signal('SIGINT')
  for (let waited = 0; waited < STOP_MS; waited += POLL_MS) {
    if (!isAlive(pid)) return
    if (waited === STOP_FAST_MS) signal('SIGQUIT')
    await pause(POLL_MS)
  }
  throw new AppError('database.start_failed', {
    rule: `the earlier PostgreSQL, process ${pid}, does not stop`,
    fix: `End process ${pid} by hand and start again.`,
  })
}
