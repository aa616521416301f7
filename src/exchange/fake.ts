import type { Clock, IdSource, TenantId, Timers } from '../kernel/index.ts'
import { openAccounts, openAssets, post } from '../ledger/index.ts'
import {
  createFastEngine,
  createNaiveEngine,
  type EngineLimits,
  restoreFastEngine,
  restoreNaiveEngine,
} from '../matching/index.ts'
import { type Database, type Log, roleUrl, silentLog, systemClock, systemTimers } from '../platform/index.ts'
import type { Posting } from './history/projection.ts'
import { historyThreads } from './history/threaded.ts'
import { JournalWriter, type Post } from './history/writer.ts'
import type { MarketSpec } from './listing.ts'
import { listMarket, setPhase } from './operating.ts'
import { Exchange } from './service.ts'
import type { EngineMaker } from './shard/replica.ts'
import { type SnapshotEvery, snapshotThread } from './shard/snapshots.ts'
import { Shards } from './shards.ts'
import type { NewOrder } from './views.ts'

/** For tests only: an exchange over a real database. */

export const LIMITS: EngineLimits = {
  ordersMax: 10_000,
  accountsMax: 1_000,
  instrumentsMax: 10,
  assetsMax: 10,
  clientIdsMax: 1_000,
  makerPpm: 1_000,
  takerPpm: 2_000,
}

export const NAIVE: EngineMaker = { create: createNaiveEngine, restore: restoreNaiveEngine }

/** A cent a tick, a thousandth of a coin a lot. */
export const ABC_USD: MarketSpec = {
  pair: 'ABC/USD',
  tick: '0.01',
  lot: '0.001',
  quantityMin: '0.001',
  quantityMax: '1000',
  priceMax: '100000',
  notionalMin: '0.1',
  bandPpm: 0,
  haltPpm: 0,
  haltMicros: 0,
  protectionPpm: 50_000,
}
export const SCALES = { base: 8, quote: 6 }
export const ABC = 'house:ABC/USD'

export interface TestExchange {
  readonly exchange: Exchange
  readonly shards: Shards
  /** What was posted to the ledger, in order. */
  readonly posted: Posting[]
}

export function openExchange(
  { db, ownerUrl }: { db: Database; ownerUrl: string },
  tenant: TenantId,
  owner = 'test',
  postToo?: Post,
  clock: Clock = systemClock(),
  limits: EngineLimits = LIMITS,
): TestExchange {
  const posted: Posting[] = []
  const timers = systemTimers()
  const shards: Shards = new Shards({
    tenant,
    shards: 1,
    maker: NAIVE,
    limits,
    db,
    url: roleUrl(ownerUrl, 'bourse_app'),
    owner,
    history: (name, onWritten) =>
      new JournalWriter({
        name,
        db,
        maker: NAIVE,
        limits,
        post: async (...given) => {
          posted.push(...given[1])
          await postToo?.(...given)
        },
        onWritten,
        timers,
        log: silentLog,
      }),
    clock,
    timers,
    log: silentLog,
  })
  return { exchange: new Exchange(shards, { db, tenant, clock }), shards, posted }
}

/** That of everybody: beside other tests a thread of a lower one would wait long for a processor. */
const PRIORITY = 0

/** The same with the engine and the threads of production; `restarts` times when a thread for history is started again. */
export function openThreaded(
  { db, ownerUrl }: { db: Database; ownerUrl: string },
  tenant: TenantId,
  { restarts, snapshotEvery, log = silentLog }: { restarts?: Timers; snapshotEvery?: SnapshotEvery; log?: Log } = {},
): Omit<TestExchange, 'posted'> {
  const [clock, timers] = [systemClock(), systemTimers()]
  const url = roleUrl(ownerUrl, 'bourse_app')
  const shards = new Shards({
    tenant,
    shards: 1,
    maker: { create: createFastEngine, restore: restoreFastEngine },
    limits: LIMITS,
    db,
    url,
    owner: 'test',
    history: historyThreads({ url, limits: LIMITS }, { timers: restarts ?? timers, log, priority: PRIORITY }),
    clock,
    timers,
    log,
    snapshots: name => snapshotThread({ ...name, url, limits: LIMITS }, log, undefined, PRIORITY),
    snapshotEvery,
  })
  return { exchange: new Exchange(shards, { db, tenant, clock }), shards }
}

/** An exchange with one open market and two participants who have a thousand coins and a million dollars each. */
export async function openMarket(
  database: { db: Database; ownerUrl: string },
  tenant: TenantId,
  clock?: Clock,
): Promise<TestExchange> {
  const opened = openExchange(database, tenant, 'test', undefined, clock)
  const { exchange, shards } = opened
  await beginTrading(shards)
  for (const owner of ['alice', 'bob']) {
    await exchange.move(0, owner, 'ABC', 1_000 * 10 ** SCALES.base, 1)
    await exchange.move(0, owner, 'USD', 1_000_000 * 10 ** SCALES.quote, 2)
  }
  return opened
}

/** Starts an exchange and opens a market on it. */
export async function beginTrading(shards: Shards): Promise<void> {
  await shards.start()
  await shards.opened()
  await listMarket(shards, 0, ABC_USD, SCALES)
  await setPhase(shards, ABC, 'trading')
}

export const limit = (
  side: 'buy' | 'sell',
  price: string,
  quantity: string,
  more: Partial<NewOrder> = {},
): NewOrder => ({
  instrument: ABC,
  side,
  type: 'limit',
  price,
  quantity,
  ...more,
})

/** Puts money into a wallet, from outside; once for each owner and asset. */
export async function giveMoney(
  db: Database,
  tenant: TenantId,
  ids: IdSource,
  { owner, asset, whole, scale }: { owner: string; asset: string; whole: number; scale: number },
): Promise<void> {
  await db.tenant(tenant, async tx => {
    await openAssets(tx, [{ code: asset, scale }])
    const [outside, wallet] = await openAccounts(
      tx,
      [
        { kind: 'outside', owner: 'test', asset, minimum: null },
        { kind: 'client_wallet', owner, asset },
      ],
      ids,
    )
    const amount = BigInt(whole) * 10n ** BigInt(scale)
    const lines = [
      { account: outside!.id, asset, amount: -amount },
      { account: wallet!.id, asset, amount },
    ]
    await post(tx, [{ key: `give/${owner}/${asset}`, kind: 'deposit', at: 1, lines }], ids)
  })
}
