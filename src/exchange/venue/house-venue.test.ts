import { Client } from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { MICROS_PER_MINUTE, type OrderId, type OrderRequest, type VenueReport } from '../../kernel/index.ts'
import { type FreshDatabase, freshDatabase, freshTenant, manualTime } from '../../platform/testing.ts'
import type { VenueListener } from '../../venues/index.ts'
import { ABC, limit, openExchange, openMarket, type TestExchange } from '../fake.ts'
import { houseId } from '../listing.ts'
import { setPhase } from '../operating.ts'
import { HouseVenue } from './house-venue.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

const INSTRUMENT = houseId('ABC/USD')

let orders = 0
/** A coin at ten dollars: a thousand ticks, a thousand lots. */
function buy(wish: Partial<OrderRequest> = {}): OrderRequest {
  orders += 1
  const id = `venue-${orders}` as OrderId
  return {
    id,
    instrument: INSTRUMENT,
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    price: 1_000,
    quantity: 1_000,
    ...wish,
  }
}
const refOf = ({ id, instrument }: OrderRequest) => ({ order: id, instrument, venueOrderId: null })

function ear() {
  const reports: VenueReport[] = []
  const told: string[] = []
  const listener: VenueListener = {
    onMarket: () => {},
    onStale: (_, reason) => told.push(`stale ${reason}`),
    onReport: report => reports.push(report),
    onBalance: ({ asset, total, free }) => told.push(`${asset} ${total} ${free}`),
    onPrivateReady: () => told.push('ready'),
    onExternal: what => told.push(`external ${what.clientId}`),
  }
  const words = (of: OrderRequest) =>
    reports
      .filter(({ order }) => order === of.id)
      .map(report => [report.type, 'fill' in report ? report.fill.quantity : 0])
  return { listener, reports, told, words }
}

async function openStage() {
  const time = manualTime()
  const tenant = freshTenant()
  const market = await openMarket(fresh, tenant, time.clock)
  const connect = ({ exchange, shards }: TestExchange = market, mayTrade = true) =>
    new HouseVenue({ exchange, shards, owner: 'alice', mayTrade, ...time })
  /** Ends the connection that the shard's lease hangs on, and resolves once the exchange knows. */
  const cut = async () => {
    const lost = new Promise<void>(resolve => {
      const stop = market.shards.follow({
        onBatch() {},
        onLoad() {},
        onTurn() {
          stop()
          resolve()
        },
      })
    })
    await fresh.asOwner('SELECT pg_terminate_backend(backend) FROM lease WHERE tenant_id = $1', [tenant])
    await lost
  }
  return { ...market, time, tenant, connect, cut, venue: connect() }
}

/** One microtask later than whatever waits for the end of `watch`. */
const soon = () => Promise.resolve()

describe('what is told', () => {
  test('an order that takes and may not rest: accepted, its fills, then its end', async () => {
    const { venue, exchange, shards } = await openStage()
    const { listener, reports, words, told } = ear()
    venue.watch([INSTRUMENT], listener)
    await soon()
    await exchange.place('bob', limit('sell', '10.00', '0.4'))
    await exchange.place('bob', limit('sell', '10.00', '0.3'))
    const request = buy({ timeInForce: 'ioc' })
    expect(await venue.place(request)).toMatchObject({ type: 'accepted' })
    expect(words(request)).toEqual([
      ['accepted', 0],
      ['filled', 400],
      ['filled', 300],
      ['canceled', 0],
    ])
    // 4 dollars at 0.2 %, in units of a hundred-thousandth.
    expect(reports[1]).toMatchObject({ fill: { id: 'ABC/USD-1', price: 1_000, liquidity: 'taker', fee: 800n } })
    expect(told).toEqual(['stale null', 'ready', 'ABC 1000.7 1000.70000000', 'USD 999992.986 999992.986000'])
    const asked = await venue.fills(INSTRUMENT, 0)
    expect(asked.map(({ id, quantity, feeAmount }) => [id, quantity, feeAmount])).toEqual([
      ['ABC/USD-1', 400, '0.008000'],
      ['ABC/USD-2', 300, '0.006000'],
    ])
    await shards.stop()
  })

  test('what an earlier life has placed is ours once it is adopted, what another client does is not', async () => {
    const { venue, exchange, shards, connect } = await openStage()
    const request = buy()
    await venue.place(request)
    await exchange.place('bob', limit('sell', '10.00', '0.25'))
    const next = connect()
    next.adopt([request])
    const { listener, words, told, reports } = ear()
    next.watch([INSTRUMENT], listener)
    await soon()
    await exchange.place('bob', limit('sell', '10.00', '0.25'))
    expect(words(request)).toEqual([['filled', 250]])
    const { id } = await exchange.place('alice', limit('buy', '9.00', '1', { clientId: 'by-hand' }))
    expect(told).toContain('external by-hand')
    expect(reports).toHaveLength(1)
    // The whole quantity, with what was filled before it was watched.
    const open = (await exchange.orders('alice', { state: 'open' })).find(({ clientId }) => clientId === request.id)!
    await exchange.amend('alice', open.id, { quantity: '0.8', price: '9.50' })
    expect(reports.at(-1)).toMatchObject({ type: 'updated', order: request.id, quantity: 800, price: 950 })
    await exchange.cancel('alice', id)
    expect(reports).toHaveLength(2)
    await shards.stop()
  })

  test('a market that does not trade may not be traded on, and why is told', async () => {
    const { venue, shards } = await openStage()
    const { listener, told } = ear()
    venue.watch([INSTRUMENT], listener)
    await soon()
    await setPhase(shards, ABC, 'halted')
    await setPhase(shards, ABC, 'trading')
    expect(told).toEqual(['stale null', 'ready', 'stale the market is in its phase halted', 'stale null'])
    await venue.close()
    await setPhase(shards, ABC, 'halted')
    expect(told).toHaveLength(4)
    await shards.stop()
  })
})

describe('a shard that loses its lease', () => {
  test('an order in the meantime is unknown; asked for by its id it never was, and sent again it is one', async () => {
    const { venue, shards, cut } = await openStage()
    const { listener, told } = ear()
    venue.watch([INSTRUMENT], listener)
    await soon()
    const request = buy()
    await cut()
    expect(await venue.place(request)).toMatchObject({ type: 'unknown' })
    await shards.opened()
    expect(told).toEqual(['stale null', 'ready', 'stale the exchange takes no orders now', 'stale null', 'ready'])
    expect(await venue.order(refOf(request))).toBeNull()
    expect(await venue.place(request)).toMatchObject({ type: 'accepted' })
    expect(await venue.place(request)).toMatchObject({ type: 'accepted' })
    expect(await venue.openOrders()).toHaveLength(1)
    await shards.stop()
  })

  test('what was acknowledged is found and canceled by its id alone, where another process has taken over', async () => {
    const { venue, shards, tenant, connect, time } = await openStage()
    const request = buy()
    await venue.place(request)
    const standby = openExchange(fresh, tenant, 'stand-by', undefined, time.clock)
    await standby.shards.start()
    const next = connect(standby)
    next.adopt([request])
    expect(await next.place(buy())).toMatchObject({ type: 'unknown' })
    expect(await next.cancel(refOf(request))).toMatchObject({ type: 'unknown' })
    for (const question of [next.order(refOf(request)), next.openOrders(), next.balances(), next.fills(INSTRUMENT, 0)])
      await expect(question).rejects.toMatchObject({ code: 'venue.unavailable' })
    const { listener, words } = ear()
    next.watch([INSTRUMENT], listener)
    await shards.stop()
    await standby.shards.opened()
    expect(await next.order(refOf(request))).toMatchObject({ state: 'open', filled: 0 })
    expect(await next.cancel(refOf(request))).toMatchObject({ type: 'accepted' })
    expect(words(request)).toEqual([['canceled', 0]])
    expect(await venue.place(buy())).toMatchObject({ type: 'unknown' })
    await standby.shards.stop()
  })
})

test('while a commit hangs its order is unknown and not said to be none, and is found when it has gone through', async () => {
  const { venue, time, shards } = await openStage()
  const request = buy()
  const blocker = new Client({ connectionString: fresh.ownerUrl })
  await blocker.connect()
  await blocker.query('BEGIN; LOCK TABLE exchange_journal IN EXCLUSIVE MODE')
  const placing = venue.place(request)
  await time.advance(10_000)
  expect(await placing).toMatchObject({ type: 'unknown', reason: 'no answer within 10 s' })
  const question = venue.order(refOf(request))
  await blocker.query('COMMIT')
  await blocker.end()
  expect(await question).toMatchObject({ state: 'open', clientId: request.id })
  expect(await venue.openOrders(INSTRUMENT)).toHaveLength(1)
  await shards.stop()
})

describe('questions', () => {
  test('candles are of the trades: the one that is still open is left out, and none is made up', async () => {
    const { venue, exchange, shards, time } = await openStage()
    const trade = async (price: string, quantity: string) => {
      await exchange.place('bob', limit('sell', price, quantity))
      await exchange.place('alice', limit('buy', price, quantity))
    }
    const from = time.clock.now() - (time.clock.now() % MICROS_PER_MINUTE)
    await trade('10.00', '1')
    await trade('12.00', '2')
    await trade('9.00', '1.5')
    await time.advance(120_000)
    await trade('11.00', '1')
    await time.advance(60_000)
    await trade('8.00', '1')
    const candles = await venue.candles(INSTRUMENT, MICROS_PER_MINUTE, from, 10)
    expect(candles).toEqual([
      { openAt: from, open: 1_000, high: 1_200, low: 900, close: 900, volume: 4.5 },
      { openAt: from + 2 * MICROS_PER_MINUTE, open: 1_100, high: 1_100, low: 1_100, close: 1_100, volume: 1 },
    ])
    expect(await venue.candles(INSTRUMENT, MICROS_PER_MINUTE, from + 1, 1)).toEqual([candles[1]])
    expect(await venue.ticker(INSTRUMENT)).toMatchObject({ bid: null, ask: null, last: 800 })
    expect((await venue.trades(INSTRUMENT, 2)).map(({ price, side }) => [price, side])).toEqual([
      [1_100, 'buy'],
      [800, 'buy'],
    ])
    await shards.stop()
  })

  test('fills beyond a page are all of them, oldest first', async () => {
    const { venue, exchange, shards } = await openStage()
    await venue.place(buy({ quantity: 1_001 * 20 }))
    const many = Array.from({ length: 1_001 }, () => limit('sell', '10.00', '0.020', { timeInForce: 'ioc' }))
    await exchange.placeAll('bob', many)
    const fills = await venue.fills(INSTRUMENT, 0)
    expect(fills.map(({ id }) => id)).toEqual(many.map((_, i) => `ABC/USD-${i + 1}`))
    await shards.stop()
  })

  test('who may not trade sends no order and no amend, and cancels all the same', async () => {
    const { venue, connect, shards } = await openStage()
    const request = buy()
    await venue.place(request)
    const reader = connect(undefined, false)
    expect(await reader.permissions()).toEqual({ read: true, trade: false, withdraw: false })
    expect(await reader.place(buy())).toMatchObject({ type: 'rejected' })
    expect(await reader.amend(refOf(request), { quantity: 500 })).toMatchObject({ type: 'rejected' })
    expect(await reader.cancelAll()).toMatchObject({ type: 'accepted' })
    expect(await venue.openOrders()).toEqual([])
    await shards.stop()
  })

  test('what is refused is told in the engine’s word', async () => {
    const { venue, shards } = await openStage()
    expect(await venue.place(buy({ quantity: 900_000, price: 900_000 }))).toMatchObject({
      type: 'rejected',
      reason: 'insufficient_funds',
    })
    expect(await venue.amend(refOf(buy()), { quantity: 1 })).toMatchObject({
      type: 'rejected',
      reason: 'unknown_order',
    })
    const elsewhere = houseId('XYZ/USD')
    expect(await venue.place(buy({ instrument: elsewhere }))).toMatchObject({ type: 'rejected' })
    await expect(venue.book(elsewhere, 1)).rejects.toMatchObject({ code: 'instrument.unknown' })
    await shards.stop()
  })
})
