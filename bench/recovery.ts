import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { appendBatch, leaseOf, type NewCommand, Replica, type ShardCommand } from '../src/exchange/testing.ts'
import type { TenantId } from '../src/kernel/index.ts'
import { acquireLease, openSession, silentLog, systemIds, systemTimers } from '../src/platform/index.ts'
import { CommandMix, ENGINE, LIMITS, marketCommands, openBenchDatabase } from './exchange-market.ts'
import type { Figure } from './report.ts'

/**
 * A million commands in the journal, no snapshot, and a new process: from where its code is loaded to its first
 * acknowledgement. Then two processes, one of which follows: from `kill -9` of the owner, and from SIGTERM to it, to the first
 * acknowledgement of the other. Medians of five; the owner commits one command after the other meanwhile.
 */
const COMMANDS = 1_000_000
const BATCH = 500
const ROUNDS = 5
const PROCESS = fileURLToPath(new URL('exchange-process.ts', import.meta.url))

export async function* run(): AsyncIterable<Figure> {
  const bench = await openBenchDatabase()
  const tenant = systemIds().next() as TenantId
  const start = () => new BenchProcess(bench.url, tenant)
  let owner: BenchProcess | null = null
  let standby: BenchProcess | null = null
  try {
    await writeJournal(bench.url, bench.ownerUrl, tenant)
    owner = start()
    const recoveryMs = (await owner.told('owns')) - (await owner.told('begins'))
    yield { metric: 'recoveryMs', value: recoveryMs, unit: 'ms', lessIsBetter: true, goal: 10_000 }
    // In order first: it leaves a snapshot, so that the processes after it follow soon.
    for (const [metric, signal, goal] of [
      ['handOverMs', 'SIGTERM', 50],
      ['takeOverMs', 'SIGKILL', 1_000],
    ] as const) {
      const times: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        standby = start()
        await standby.told('follows')
        // The lease is asked for right after; the owner works on meanwhile.
        await new Promise(resolve => setTimeout(resolve, 500))
        const at = performance.timeOrigin + performance.now()
        owner.child.kill(signal)
        times.push((await standby.told('owns')) - at)
        await owner.gone
        owner = standby
        standby = null
      }
      times.sort((a, b) => a - b)
      yield { metric, value: times[ROUNDS >> 1]!, unit: 'ms', lessIsBetter: true, goal }
    }
  } finally {
    for (const one of [owner, standby]) {
      one?.child.kill('SIGKILL')
      await one?.gone
    }
    await bench.close()
  }
}

class BenchProcess {
  readonly child: ChildProcess
  readonly gone: Promise<unknown>
  readonly #told = new Map<string, number>()
  #watch: () => void = () => {}

  constructor(url: string, tenant: TenantId) {
    this.child = spawn(process.execPath, ['--import', 'tsx', PROCESS, url, tenant], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.gone = once(this.child, 'exit').then(() => this.#watch())
    createInterface({ input: this.child.stdout! }).on('line', line => {
      const [what, at] = line.split(' ')
      this.#told.set(what!, Number(at))
      this.#watch()
    })
  }

  /** When it told so, in milliseconds of the wall clock. */
  async told(what: string): Promise<number> {
    for (;;) {
      const at = this.#told.get(what)
      if (at !== undefined) return at
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`a process ended before it ${what}`)
      await new Promise<void>(resolve => {
        this.#watch = resolve
      })
    }
  }
}

/** Commands as an owner would have written them, and their history as if it had been written too. */
async function writeJournal(url: string, ownerUrl: string, tenant: TenantId): Promise<void> {
  const name = { tenant, shard: 0 }
  const session = await openSession({ url, tenant, name: 'bench', log: silentLog })
  const lease = await acquireLease({ session, tenant, name: leaseOf(0), owner: 'bench', timers: systemTimers() })
  const replica = new Replica(ENGINE, LIMITS)
  const mix = new CommandMix('recovery')
  const setUp = marketCommands()
  let batch: ShardCommand[] = []
  for (let sequence = 1; sequence <= COMMANDS; sequence++) {
    const given: NewCommand = setUp[sequence - 1] ?? mix.next()
    const command: ShardCommand = { ...given, sequence, at: sequence * 30 }
    batch.push(command)
    mix.answered({ command, reports: replica.apply(command) })
    if (batch.length < BATCH && sequence < COMMANDS) continue
    await appendBatch(session, name, lease!.epoch, batch)
    batch = []
  }
  await lease!.release()
  await session.close()
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  await client.query('INSERT INTO exchange_checkpoint VALUES ($1, 0, $2)', [tenant, COMMANDS])
  await client.end()
}
