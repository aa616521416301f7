import type { Clock, IdSource, TenantId } from '../kernel/index.ts'
import { openAccounts, openAssets, post } from '../ledger/index.ts'
import { createNaiveEngine, type EngineLimits, restoreNaiveEngine } from '../matching/index.ts'
import { type Database, roleUrl, silentLog, systemClock, systemTimers } from '../platform/index.ts'
import type { Posting } from './history/projection.ts'
import type { MarketSpec } from './listing.ts'
import { listMarket, setPhase } from './operating.ts'
import { Exchange } from './service.ts'
import type { EngineMaker } from './shard/replica.ts'
import { type ExchangeOptions, Shards } from './shards.ts'
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
  posting?: (parts: () => Shards['parts']) => ExchangeOptions['post'],
  clock: Clock = systemClock(),
): TestExchange {
  const posted: Posting[] = []
  const postToo = posting?.(() => shards.parts)
  const shards: Shards = new Shards({
    tenant,
    shards: 1,
    maker: NAIVE,
    limits: LIMITS,
    db,
    url: roleUrl(ownerUrl, 'bourse_app'),
    owner,
    post: async (tx, shard, postings) => {
      posted.push(...postings)
      await postToo?.(tx, shard, postings)
    },
    clock,
    timers: systemTimers(),
    log: silentLog,
  })
  return { exchange: new Exchange(shards, { db, tenant, clock }), shards, posted }
}

/** An exchange with one open market and two participants who have a thousand coins and a million dollars each. */
export async function openMarket(
  database: { db: Database; ownerUrl: string },
  tenant: TenantId,
  clock?: Clock,
): Promise<TestExchange> {
  const opened = openExchange(database, tenant, 'test', undefined, clock)
  const { exchange, shards } = opened
  await shards.start()
  await shards.opened()
  await listMarket(shards, 0, ABC_USD, SCALES)
  await setPhase(shards, ABC, 'trading')
  for (const owner of ['alice', 'bob']) {
    await exchange.move(0, owner, 'ABC', 1_000 * 10 ** SCALES.base, 1)
    await exchange.move(0, owner, 'USD', 1_000_000 * 10 ** SCALES.quote, 2)
  }
  return opened
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
