import { once } from 'node:events'
import pg from 'pg'
import { type Done, exchangePosting, type NewCommand, Shards, snapshotThread } from '../src/exchange/testing.ts'
import type { TenantId } from '../src/kernel/index.ts'
import { openAccounts, openAssets, post } from '../src/ledger/index.ts'
import { type Database, silentLog, systemClock, systemIds, systemTimers } from '../src/platform/index.ts'
import {
  ACCOUNTS,
  CommandMix,
  ENGINE,
  LIMITS,
  marketCommands,
  openBenchDatabase,
  SCALES,
  UNITS,
} from './exchange-market.ts'
import type { Figure } from './report.ts'

/**
 * Commands of some hundred accounts from `submit` to their acknowledgement, which comes after the commit, for a minute: a
 * generator in the same process sends a few more a second than is claimed, evenly, and never more than may wait. Durable
 * PostgreSQL on the same machine; feeds and snapshots are on as in production. First without history, as the journal
 * alone carries it, then with orders, fills and the ledger written behind the acknowledgements. The floor is the same rows of
 * the journal in a table of their own, a commit each, without the fence, one after the other.
 */
const SECONDS = 60
const WARM_SECONDS = 5
const RATE = 33_000
/** The generator waits while so many are not answered. */
const UNDER_WAY_MAX = 20_000

export async function* run(): AsyncIterable<Figure> {
  const bench = await openBenchDatabase()
  try {
    const journal = await sustained(bench, { history: false })
    const floorValue = await rawRate(bench.ownerUrl, journal.tenant)
    const floor = { floor: 'the same rows without a fence', floorValue }
    yield { metric: 'ordersPerSecond', value: journal.perSecond, unit: 'commands/s', goal: 30_000, ...floor }
    yield { metric: 'ackP99Ms', value: journal.p99, unit: 'ms', lessIsBetter: true, goal: 10 }
    yield { metric: 'ackMedianMs', value: journal.median, unit: 'ms', lessIsBetter: true }
    const whole = await sustained(bench, { history: true })
    yield { metric: 'withHistoryPerSecond', value: whole.perSecond, unit: 'commands/s' }
    yield { metric: 'withHistoryAckP99Ms', value: whole.p99, unit: 'ms', lessIsBetter: true }
    yield { metric: 'historyPerSecond', value: whole.writtenPerSecond, unit: 'commands/s' }
  } finally {
    await bench.close()
  }
}

async function sustained({ db, url }: { db: Database; url: string }, { history }: { history: boolean }) {
  const [ids, timers] = [systemIds(), systemTimers()]
  const tenant = ids.next() as TenantId
  const write = exchangePosting({ ids, assetsOf: () => shards.parts[0]!.shard.replica.assets })
  const shards: Shards = new Shards({
    tenant,
    shards: 1,
    maker: ENGINE,
    limits: LIMITS,
    db,
    url,
    owner: 'bench',
    post: write,
    clock: systemClock(),
    timers,
    log: silentLog,
    snapshots: name => snapshotThread({ ...name, url, limits: LIMITS }, silentLog),
  })
  await db.tenant(tenant, fund)
  await shards.start()
  await shards.opened()
  const { shard, projector } = shards.parts[0]!
  for (const command of marketCommands()) await shard.submit(command)
  await projector.reached(shard.replica.sequence)
  if (!history) await projector.stop()
  const mix = new CommandMix('exchange')
  await drive(mix, WARM_SECONDS, command => shard.submit(command))
  const writtenBefore = projector.written
  const result = await drive(mix, SECONDS, command => shard.submit(command))
  const writtenPerSecond = (projector.written - writtenBefore) / SECONDS
  await shards.stop()
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

/** Money on its way to the trading accounts, as their owners' wallets would have sent it. */
async function fund(tx: Parameters<typeof openAssets>[0]): Promise<void> {
  const ids = systemIds()
  const assets = [
    { code: 'ABC', scale: SCALES.base },
    { code: 'USD', scale: SCALES.quote },
  ]
  await openAssets(tx, assets)
  const amount = BigInt(UNITS) * BigInt(ACCOUNTS)
  for (const { code: asset } of assets) {
    const [outside, wallet, clearing] = await openAccounts(
      tx,
      [
        { kind: 'outside', owner: 'bench', asset, minimum: null },
        { kind: 'client_wallet', owner: 'everybody', asset },
        { kind: 'clearing', owner: 'exchange transfers', asset },
      ],
      ids,
    )
    const lines = (from: typeof outside, to: typeof outside) => [
      { account: from!.id, asset, amount: -amount },
      { account: to!.id, asset, amount },
    ]
    await post(tx, [{ key: `${asset} in`, kind: 'deposit', at: 1, lines: lines(outside, wallet) }], ids)
    await post(tx, [{ key: `${asset} on`, kind: 'deposit', at: 1, lines: lines(wallet, clearing) }], ids)
  }
}

/** Commands a second when nothing but their rows is written. */
async function rawRate(ownerUrl: string, tenant: TenantId): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl })
  client.on('error', () => {})
  await client.connect()
  await client.query('CREATE TABLE floor_journal (first bigint PRIMARY KEY, last bigint, epoch bigint, commands text)')
  await client.query('ALTER TABLE floor_journal ALTER COLUMN commands SET STORAGE EXTERNAL')
  const { rows } = await client.query<{ first: string; last: string; epoch: string; commands: string }>(
    'SELECT first, last, epoch, commands FROM exchange_journal WHERE tenant_id = $1 ORDER BY first DESC LIMIT 3000',
    [tenant],
  )
  const started = performance.now()
  let commands = 0
  for (const { first, last, epoch, commands: text } of rows) {
    await client.query('INSERT INTO floor_journal VALUES ($1, $2, $3, $4)', [first, last, epoch, text])
    commands += Number(last) - Number(first) + 1
  }
  const rate = (commands * 1_000) / (performance.now() - started)
  const ended = once(client, 'end')
  await client.end()
  await ended
  return rate
}
