import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { TenantId, Timers } from '../kernel/index.ts'
import { eventTypes, type Log, silentLog, systemClock, systemIds, systemTimers } from '../platform/index.ts'
import { eventually, type FreshDatabase, freshDatabase, freshTenant } from '../platform/testing.ts'
import { BooksReconciler } from './books/reconciler.ts'
import { exchangeEvents } from './events.ts'
import { beginTrading, giveMoney, LIMITS, limit, NAIVE, openThreaded, SCALES } from './fake.ts'
import { historyThreads } from './history/threaded.ts'
import { parseOrderId } from './orders.ts'
import type { Done } from './shard/owner.ts'
import { TransferDesk } from './transfers/desk.ts'
import { verifyExchange } from './verify.ts'
import { compareWithLedger } from './verify-ledger.ts'

/** What is left of an exchange when one of its threads ends on the way. */

/** Those that were started here, in their order. */
let threads: Worker[] = []
const onThread = (thread: Worker) => void threads.push(thread)
beforeAll(() => void process.on('worker', onThread))
afterAll(() => void process.off('worker', onThread))

const ended = (thread: Worker) => new Promise<number>(resolve => thread.once('exit', resolve))

type Opened = ReturnType<typeof openThreaded>

/** Threads are started again when the test says so. */
function heldRestarts(): { restarts: Timers; startAgain: () => void; isHeld: () => boolean } {
  let held: (() => void) | null = null
  const after: Timers['after'] = (_, run) => {
    held = run
    return {
      cancel() {
        held = null
      },
    }
  }
  return {
    restarts: { ...systemTimers(), after },
    isHeld: () => held !== null,
    startAgain() {
      const run = held!
      held = null
      run()
    },
  }
}

/** An open market, and two participants whose money comes from their wallets. */
async function beginWithMoney({ db }: FreshDatabase, tenant: TenantId, { exchange, shards }: Opened): Promise<void> {
  await beginTrading(shards)
  const [ids, clock, timers, types] = [systemIds(), systemClock(), systemTimers(), eventTypes(exchangeEvents)]
  const desk = new TransferDesk({ tenant, db, types, exchange, shards, ids, clock, timers, log: silentLog })
  for (const owner of ['alice', 'bob'])
    for (const [asset, scale] of [
      ['ABC', SCALES.base],
      ['USD', SCALES.quote],
    ] as const) {
      await giveMoney(db, tenant, ids, { owner, asset, whole: 10_000, scale })
      const { id } = await desk.request(owner, { direction: 'in', asset, amount: '10000' })
      await desk.finished(id)
    }
}

/** Orders that trade at once, in part and never, one that is changed and some that are cancelled; all of them are answered. */
async function trade({ exchange, shards }: Opened, rounds: number): Promise<void> {
  const [part] = shards.parts
  const account = part!.shard.replica.accountOf('bob')!
  for (let round = 0; round < rounds; round++) {
    // In turn, so that nobody runs out of anything.
    const [seller, buyer] = round % 2 === 0 ? ['alice', 'bob'] : ['bob', 'alice']
    const placed = await Promise.all([
      exchange.place(seller!, limit('sell', '10.00', '3')),
      exchange.place(seller!, limit('sell', '10.10', '2')),
      exchange.place(buyer!, limit('buy', '10.00', '2')),
      exchange.place(buyer!, limit('buy', '10.10', '2')),
      exchange.place('bob', limit('buy', '9.00', '1')),
    ])
    const { id: order } = parseOrderId(placed[4]!.id)
    await shards.submit(part!, { kind: 'amend', account, order, clientId: '', price: 0, quantity: 2_000 })
    await Promise.all([exchange.cancelAll('alice'), exchange.cancelAll('bob')])
  }
}

/** Everything that the reports say is in the history and in the ledger, once, and nothing else is. */
async function expectWritten({ asOwner, db }: FreshDatabase, tenant: TenantId, done: readonly Done[]) {
  const rows = async (sql: string) => (await asOwner<{ id: string }>(sql)).map(({ id }) => id)
  const placed = done.filter(({ command: { sequence }, reports }) =>
    reports.some(report => report.type === 'accepted' && report.order === sequence),
  )
  expect(await rows('SELECT id FROM exchange_order ORDER BY id')).toEqual(
    placed.map(({ command }) => String(command.sequence)),
  )
  const traded = done.flatMap(({ command: { sequence }, reports }) =>
    reports.flatMap(report =>
      report.type === 'traded' ? [report.maker, report.taker].map(order => `${sequence} ${report.trade} ${order}`) : [],
    ),
  )
  expect(traded.length).toBeGreaterThan(0)
  expect(
    await rows(
      `SELECT sequence || ' ' || trade || ' ' || order_id AS id FROM exchange_fill ORDER BY sequence, trade, order_id`,
    ),
  ).toEqual(traded)
  const moved = done.filter(({ reports }) => reports.some(({ type }) => type === 'traded' || type === 'moved'))
  expect(
    await rows(
      `SELECT key AS id FROM ledger_journal WHERE key LIKE 'exchange/0/%' AND kind <> 'exchange.fees' ORDER BY split_part(key, '/', 3)::int`,
    ),
  ).toEqual(moved.map(({ command: { sequence } }) => `exchange/0/${sequence}`))
  const fees = done
    .flatMap(({ reports }) => reports)
    .reduce((sum, report) => sum + (report.type === 'traded' ? report.makerFee + report.takerFee : 0), 0)
  expect(await rows(`SELECT balance AS id FROM ledger_account WHERE kind = 'house_fees'`)).toEqual([String(fees)])

  const [verdict] = await verifyExchange({ db, tenant, maker: NAIVE, limits: LIMITS, compareLedger: compareWithLedger })
  expect(verdict!.differences).toEqual([])
  return verdict!
}

test('a thread for history that ends is missed by no order, and the next one writes what is left, once', async () => {
  const fresh = await freshDatabase()
  const tenant = freshTenant()
  const failures: string[] = []
  const log: Log = { ...silentLog, error: (_: unknown, message?: string) => void failures.push(message!) }
  const { restarts, startAgain, isHeld } = heldRestarts()
  threads = []
  const opened = openThreaded(fresh, tenant, { restarts, log })
  const { shards } = opened
  const done: Done[] = []
  shards.follow({ onBatch: (_, batch) => void done.push(...batch), onLoad() {}, onTurn() {} })
  await beginWithMoney(fresh, tenant, opened)
  const { shard, projector } = shards.parts[0]!
  const [clock, timers] = [systemClock(), systemTimers()]
  const reconciler = new BooksReconciler({ tenant, shards, clock, timers, log: silentLog })

  const compared: unknown[] = []
  const ends: ((thread: Worker) => void)[] = [
    thread => void thread.terminate(),
    // It expects a message: this is none, and it throws.
    thread => thread.postMessage(null),
    // While the books are read.
    thread => {
      void reconciler.compareAll().then(made => compared.push(...made))
      void thread.terminate()
    },
  ]
  for (const end of ends) {
    const thread = threads.at(-1)!
    const from = shard.replica.sequence
    const trading = trade(opened, 20)
    await projector.reached(from + 1)
    end(thread)
    await ended(thread)
    await trading
    // Nobody writes, and all are answered.
    await trade(opened, 5)
    expect(isHeld()).toBe(true)
    expect(projector.lag).toBeGreaterThan(0)
    expect(await reconciler.compareAll()).toEqual([])
    startAgain()
    await projector.reached(shard.replica.sequence)
    expect(await reconciler.compareAll()).toMatchObject([{ differenceCount: 0 }])
    await expectWritten(fresh, tenant, done)
  }
  expect(failures).toEqual(['the thread that writes history failed'])
  for (const comparison of compared) expect(comparison).toMatchObject({ differenceCount: 0 })

  // The last one is gone when the exchange stops: what it has left is written all the same.
  const last = threads.at(-1)!
  void last.terminate()
  await ended(last)
  await trade(opened, 5)
  await shards.stop()
  const { commands, written } = await expectWritten(fresh, tenant, done)
  expect([commands, written]).toEqual([done.length, done.length])
})

/** A writer over a thread that only tells what it is told; `body` is what it does then. */
function scripted(body: string) {
  const sources = mkdtempSync(join(tmpdir(), 'bourse-thread-'))
  onTestFinished(() => rmSync(sources, { recursive: true }))
  writeFileSync(
    join(sources, 'thread.mjs'),
    `import { parentPort } from 'node:worker_threads'
    const tell = message => parentPort.postMessage(message)
    parentPort.on('message', ({ kind, sequence }) => {
      tell({ kind: 'warned', message: sequence === undefined ? kind : kind + ' ' + sequence, error: '' })
      ${body}
    })`,
  )
  const told: string[] = []
  const log: Log = { ...silentLog, warn: (_: unknown, message?: string) => void told.push(message!) }
  const { restarts, startAgain } = heldRestarts()
  threads = []
  const make = historyThreads(
    { url: '', limits: LIMITS },
    { timers: restarts, log, sources: pathToFileURL(`${sources}/`) },
  )
  return { writer: make({ tenant: freshTenant(), shard: 0 }, () => {}), told, startAgain }
}

test('a thread that takes the place of one that paused pauses as well, until it may go on', async () => {
  const { writer, told, startAgain } = scripted(`
    if (kind === 'pause' || kind === 'goTo') tell({ kind: 'answered', isDone: true })
    if (kind === 'stop') parentPort.close()`)
  writer.follow(5)
  expect(await writer.pause()).toBe(true)
  expect(await writer.goTo(7)).toBe(true)
  const first = threads[0]!
  const asked = writer.goTo(8)
  void first.terminate()
  await ended(first)
  // Answered, whichever it was.
  await asked
  expect(await writer.goTo(8)).toBe(false)
  writer.follow(9)
  told.length = 0
  startAgain()
  await eventually(() => told.length === 2)
  expect(told).toEqual(['pause', 'follow 9'])
  writer.goOn()
  expect(await writer.goTo(9)).toBe(true)
  const second = threads[1]!
  void second.terminate()
  await ended(second)
  told.length = 0
  await writer.stop()
  expect(told).toEqual(['follow 9', 'stop'])
})

test('a thread that fails while it stops has stopped', async () => {
  const { writer, told } = scripted(`if (kind === 'stop') throw new Error('on purpose')`)
  writer.follow(5)
  await writer.stop()
  expect(told).toEqual(['follow 5', 'stop'])
})

test('a thread for snapshots that ends is missed by no order, and the next wish starts another', async () => {
  const fresh = await freshDatabase()
  const tenant = freshTenant()
  let onStored = () => {}
  const log: Log = {
    ...silentLog,
    info: (_: unknown, message?: string) => {
      if (message === 'a snapshot was stored') onStored()
    },
  }
  threads = []
  const opened = openThreaded(fresh, tenant, { snapshotEvery: { commands: 20, rows: 1_000 }, log })
  await beginWithMoney(fresh, tenant, opened)
  /** More commands than one wish has between itself and the next: it is followed. */
  const storedAgain = async () => {
    const stored = new Promise<void>(resolve => {
      onStored = resolve
    })
    await trade(opened, 4)
    await stored
  }
  await storedAgain()
  // It begins first, with its shard.
  const snapshots = threads[0]!
  void snapshots.terminate()
  await ended(snapshots)
  await storedAgain()
  // At work, this time: whatever it was making is not there, or is right.
  const next = threads.at(-1)!
  expect(threads.length).toBe(3)
  await trade(opened, 3)
  void next.terminate()
  await ended(next)
  await storedAgain()
  expect(threads.length).toBe(4)
  await opened.shards.stop()
  const [verdict] = await verifyExchange({ db: fresh.db, tenant, maker: NAIVE, limits: LIMITS })
  expect(verdict).toMatchObject({ differences: [], written: verdict!.commands })
  expect(verdict!.snapshots).toBeGreaterThan(1)
})
