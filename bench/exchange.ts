import { once } from 'node:events'
import pg from 'pg'
import type { Done, NewCommand } from '../src/exchange/testing.ts'
import type { TenantId } from '../src/kernel/index.ts'
import { throughHttp } from './exchange-http.ts'
import { type BenchDatabase, CommandMix, openBenchDatabase } from './exchange-market.ts'
import { openBenchExchange } from './exchange-setup.ts'
import type { Figure } from './report.ts'

/**
 * Commands of some hundred accounts from `submit` to their acknowledgement, which comes after the commit, for a minute: a
 * generator in the same process sends a few more a second than is claimed, evenly, and never more than may wait. Durable
 * PostgreSQL on the same machine; feeds and snapshots are on as in production. First without history, as the journal
 * alone carries it, then with orders, fills and the ledger written behind the acknowledgements. The floor is the same rows of
 * the journal in a table of their own, a commit each, without the fence, one after the other. Then through HTTP, see
 * `exchange-http.ts`, without history and with it.
 */
const SECONDS = 60
const WARM_SECONDS = 5
const RATE = 33_000
const FLOOR_SECONDS = 30
/** The generator waits while so many are not answered. */
const UNDER_WAY_MAX = 20_000

export async function* run(): AsyncIterable<Figure> {
  const bench = await openBenchDatabase()
  try {
    const journal = await sustained(bench, { history: false })
    const floor = await floorOf(bench.ownerUrl, journal.tenant)
    yield {
      metric: 'ordersPerSecond',
      value: journal.perSecond,
      unit: 'commands/s',
      goal: 30_000,
      floor: 'the same rows without a fence',
      floorValue: floor.perSecond,
    }
    yield {
      metric: 'ackP99Ms',
      value: journal.p99,
      unit: 'ms',
      lessIsBetter: true,
      goal: 10,
      floor: 'the same rows at the same pace',
      floorValue: floor.p99,
    }
    yield { metric: 'ackMedianMs', value: journal.median, unit: 'ms', lessIsBetter: true }
    const whole = await sustained(bench, { history: true })
    yield { metric: 'withHistoryPerSecond', value: whole.perSecond, unit: 'commands/s' }
    yield { metric: 'withHistoryAckP99Ms', value: whole.p99, unit: 'ms', lessIsBetter: true }
    yield { metric: 'historyPerSecond', value: whole.writtenPerSecond, unit: 'commands/s' }
    const http = await throughHttp(bench, { history: false })
    yield { metric: 'httpOrdersPerSecond', value: http.perSecond, unit: 'requests/s', goal: 10_000 }
    yield { metric: 'httpSuccess', value: http.success, unit: 'of the requests', goal: 0.999 }
    yield { metric: 'httpMeanMs', value: http.meanMs, unit: 'ms', lessIsBetter: true, goal: 200 }
    yield { metric: 'httpP99Ms', value: http.p99Ms, unit: 'ms', lessIsBetter: true }
    const httpWhole = await throughHttp(bench, { history: true })
    yield { metric: 'httpWithHistoryPerSecond', value: httpWhole.perSecond, unit: 'requests/s' }
  } finally {
    await bench.close()
  }
}

async function sustained(bench: BenchDatabase, { history }: { history: boolean }) {
  const { tenant, shards, stop } = await openBenchExchange(bench, { history })
  const { shard, projector } = shards.parts[0]!
  const mix = new CommandMix('exchange')
  await drive(mix, WARM_SECONDS, command => shard.submit(command))
  const writtenBefore = projector.written
  const result = await drive(mix, SECONDS, command => shard.submit(command))
  const writtenPerSecond = (projector.written - writtenBefore) / SECONDS
  await stop()
  return { tenant, ...result, writtenPerSecond }
}

/** Sends evenly at {@link RATE} for so long, and measures what is answered meanwhile. */
async function drive(mix: CommandMix, seconds: number, submit: (command: NewCommand) => Promise<Done>) {
  const latencies = new Float64Array(RATE * seconds * 2)
  let [sent, answered] = [0, 0]
  const started = performance.now()
  const end = started + seconds * 1_000
  let error: unknown = null
  for (;;) {
    const now = performance.now()
    if (now >= end || error !== null) break
    const due = Math.floor(((now - started) * RATE) / 1_000)
    while (sent < due && sent - answered < UNDER_WAY_MAX) {
      sent += 1
      const at = performance.now()
      submit(mix.next()).then(
        done => {
          latencies[answered] = performance.now() - at
          answered += 1
          mix.answered(done)
        },
        failure => {
          error = failure
        },
      )
    }
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  if (error !== null) throw error
  const count = answered
  const elapsed = performance.now() - started
  while (answered < sent) await new Promise(resolve => setTimeout(resolve, 1))
  const sorted = latencies.subarray(0, answered).sort()
  const share = (part: number) => sorted[Math.floor(answered * part)]!
  return { perSecond: (count * 1_000) / elapsed, median: share(0.5), p99: share(0.99) }
}

/** The journal's rows alone, in a table of their own without a fence. */
class RawTable {
  readonly #client: pg.Client
  #first = 1

  constructor(client: pg.Client) {
    this.#client = client
  }

  async insert(texts: readonly string[]): Promise<void> {
    const last = this.#first + texts.length - 1
    const values = [this.#first, last, 1, `[${texts.join(',')}]`]
    this.#first = last + 1
    await this.#client.query('INSERT INTO floor_journal VALUES ($1, $2, $3, $4)', values)
  }
}

/** What the database does with the same bytes: one commit after the other as fast as it can, and at the pace of the commands. */
async function floorOf(ownerUrl: string, tenant: TenantId): Promise<{ perSecond: number; p99: number }> {
  const client = new pg.Client({ connectionString: ownerUrl })
  client.on('error', () => {})
  await client.connect()
  await client.query('CREATE TABLE floor_journal (first bigint PRIMARY KEY, last bigint, epoch bigint, commands text)')
  await client.query('ALTER TABLE floor_journal ALTER COLUMN commands SET STORAGE EXTERNAL')
  const { rows } = await client.query<{ commands: string }>(
    'SELECT commands FROM exchange_journal WHERE tenant_id = $1 ORDER BY first DESC LIMIT 3000',
    [tenant],
  )
  const batches = rows.map(({ commands }) => (JSON.parse(commands) as unknown[]).map(row => JSON.stringify(row)))
  const table = new RawTable(client)
  const started = performance.now()
  for (const batch of batches) await table.insert(batch)
  const texts = batches.flat()
  const perSecond = (texts.length * 1_000) / (performance.now() - started)
  const p99 = await rawPace(table, texts)
  const ended = once(client, 'end')
  await client.end()
  await ended
  return { perSecond, p99 }
}

/** As the exchange's owner writes: what gathers during a commit is the next one. */
async function rawPace(table: RawTable, texts: readonly string[]): Promise<number> {
  const latencies: number[] = []
  let waiting: { text: string; at: number }[] = []
  let [sent, isWriting] = [0, false]
  const write = async () => {
    if (isWriting) return
    isWriting = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      await table.insert(batch.map(({ text }) => text))
      const now = performance.now()
      for (const { at } of batch) latencies.push(now - at)
    }
    isWriting = false
  }
  const started = performance.now()
  for (let now = started; now < started + FLOOR_SECONDS * 1_000; now = performance.now()) {
    const due = Math.floor(((now - started) * RATE) / 1_000)
    for (; sent < due; sent++) waiting.push({ text: texts[sent % texts.length]!, at: now })
    void write()
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  while (isWriting) await new Promise(resolve => setTimeout(resolve, 1))
  latencies.sort((a, b) => a - b)
  return latencies[Math.floor(latencies.length * 0.99)]!
}
