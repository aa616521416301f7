import type { Exchange } from 'ccxt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock, systemTimers } from '../../src/platform/index.ts'
import { ccxtClient } from './ccxt-client.ts'
import { type ServedVenue, SIMULATED_VENUES, serve, VenueSimulator } from './index.ts'

/** The unmodified classes of ccxt and ccxt.pro do a client's day of work against every simulator; only the address differs. */

const PAIRS: Readonly<Record<string, string>> = { kraken: 'XRP/USD', coinbase: 'XRP/USD', bitfinex: 'XRP/USD' }
const QUANTITY = 40
/** Kraken's later reports of an order leave its symbol out, and ccxt then finds them under no symbol alone. */
const WATCHED_WITHOUT_SYMBOL = new Set(['kraken'])
/** What ccxt's users of a venue set: without it ccxt refuses to ask Bybit for one order. */
const OPTIONS: Readonly<Record<string, object>> = { bybit: { fetchOrder: { acknowledged: true } } }
/** Where ccxt finds an order that is over under another name. */
const ENDED_UNDER = new Set(['bitfinex'])
/** Levels of a book that a venue is willing to give, where they are not any number. */
const DEPTHS: Readonly<Record<string, number>> = { bitfinex: 25 }
/** Milliseconds between a client's calls where ccxt's own figure is for a day of work, not for a minute. */
const RATE_LIMITS: Readonly<Record<string, number>> = { kraken: 50, bitfinex: 50, htx: 50, okx: 50 }

describe.each(SIMULATED_VENUES.map(definition => [definition.name, definition] as const))('%s', (name, definition) => {
  const pair = PAIRS[name] ?? 'XRP/USDT'
  const [base, quote] = pair.split('/') as [string, string]
  const depth = DEPTHS[name] ?? 20
  let simulator: VenueSimulator
  let served: ServedVenue
  let exchange: Exchange

  beforeAll(async () => {
    const clock = systemClock()
    simulator = new VenueSimulator({ definition, seed: 'smoke', start: clock.now() })
    served = await serve(simulator, { port: 0, clock, timers: systemTimers() })
    const rateLimit = RATE_LIMITS[name]
    exchange = await ccxtClient(
      name,
      { ...served, ...definition.credentials },
      { options: OPTIONS[name] ?? {}, ...(rateLimit === undefined ? {} : { rateLimit }) },
    )
  })
  afterAll(async () => {
    await exchange?.close()
    await served?.close()
  })

  const ended = (id: string) =>
    ENDED_UNDER.has(name) ? exchange.fetchClosedOrder(id, pair) : exchange.fetchOrder(id, pair)
  const bestBid = async () => (await exchange.fetchOrderBook(pair, depth)).bids[0]![0]!

  test('markets', async () => {
    await exchange.loadMarkets()
    const market = exchange.market(pair)
    expect(market).toMatchObject({ base, quote, spot: true })
    expect(Number(market.precision.price)).toBeGreaterThan(0)
    for (const listed of definition.instruments) expect(exchange.markets![listed.instrument.pair]).toBeDefined()
  })

  test('book', async () => {
    const book = await exchange.fetchOrderBook(pair, depth)
    expect(book.bids.length).toBeGreaterThan(5)
    expect(book.bids[0]![0]!).toBeLessThan(book.asks[0]![0]!)
  })

  test('trades', async () => {
    const trades = await exchange.fetchTrades(pair, undefined, 20)
    expect(trades.length).toBeGreaterThan(5)
    for (const trade of trades) expect(trade.amount).toBeGreaterThan(0)
  })

  test('ticker', async () => {
    const { bid, ask, last } = await exchange.fetchTicker(pair)
    expect(bid!).toBeLessThan(ask!)
    expect(Math.abs(last! / bid! - 1)).toBeLessThan(0.05)
  })

  test('candles', async () => {
    const candles = await exchange.fetchOHLCV(pair, '1m', undefined, 30)
    expect(candles.length).toBeGreaterThan(10)
    for (const [, open, high, low, close] of candles) {
      expect(high!).toBeGreaterThanOrEqual(Math.max(open!, close!))
      expect(low!).toBeLessThanOrEqual(Math.min(open!, close!))
    }
  })

  test('balance', async () => {
    const balance = (await exchange.fetchBalance()) as unknown as Record<string, { free: number; total: number }>
    expect(balance[quote]!.free).toBe(1_000_000)
    expect(balance[base]!.total).toBe(200_000)
  })

  test('a limit order rests, is listed and is canceled', async () => {
    const price = Number(exchange.priceToPrecision(pair, (await bestBid()) * 0.9))
    const placed = await exchange.createOrder(pair, 'limit', 'buy', QUANTITY, price)
    const open = await exchange.fetchOpenOrders(pair)
    expect(open.map(order => [order.id, order.side, order.price, order.amount, order.status])).toEqual([
      [placed.id, 'buy', price, QUANTITY, 'open'],
    ])
    await exchange.cancelOrder(String(placed.id), pair)
    expect(await exchange.fetchOpenOrders(pair)).toEqual([])
    const canceled = await ended(String(placed.id))
    expect([canceled.status, canceled.filled]).toEqual(['canceled', 0])
  })

  test('a market order fills, with a fee, and moves the balance', async () => {
    const before = simulator.accounts[0]!.total(base)
    const placed = await exchange.createOrder(pair, 'market', 'sell', QUANTITY)
    const order = await ended(String(placed.id))
    expect([order.status, order.filled]).toEqual(['closed', QUANTITY])
    const trades = (await exchange.fetchMyTrades(pair)).filter(trade => trade.order === placed.id)
    expect(trades.reduce((sum, trade) => sum + trade.amount!, 0)).toBeCloseTo(QUANTITY, 8)
    for (const trade of trades) expect([trade.side, trade.fee!.cost! > 0]).toEqual(['sell', true])
    expect(simulator.accounts[0]!.total(base)).toBe(before - BigInt(QUANTITY) * 10n ** 18n)
  })

  test('an order beyond the balance is refused in the venue’s own words', async () => {
    const price = Number(exchange.priceToPrecision(pair, (await bestBid()) * 0.99))
    await expect(exchange.createOrder(pair, 'limit', 'buy', 15_000_000, price)).rejects.toMatchObject({
      name: 'InsufficientFunds',
    })
  })

  test('a wrong key is refused', async () => {
    const stranger = await ccxtClient(name, { ...served, ...definition.credentials, apiKey: 'nobody' })
    await expect(stranger.fetchBalance()).rejects.toMatchObject({ name: 'AuthenticationError' })
    await stranger.close()
  })

  test('the book is watched and moves', async () => {
    const first = await exchange.watchOrderBook(pair)
    const bids = first.bids.map(([price]) => price)
    expect(bids.length).toBeGreaterThan(5)
    let updates = 0
    while (updates < 3) {
      const book = await exchange.watchOrderBook(pair)
      expect(book.bids[0]![0]!).toBeLessThan(book.asks[0]![0]!)
      updates += 1
    }
  })

  test('own orders are watched', async () => {
    const watched = WATCHED_WITHOUT_SYMBOL.has(name) ? undefined : pair
    const seen = new Map<string, Set<string>>()
    let open = () => {}
    const opened = new Promise<void>(resolve => {
      open = resolve
    })
    // A watch settles with the next change: one is always under way, so that none is missed.
    const watching = (async () => {
      for (;;) {
        for (const { id, status } of await exchange.watchOrders(watched)) {
          seen.set(String(id), (seen.get(String(id)) ?? new Set()).add(String(status)))
          if (status === 'open') open()
        }
        if ([...seen.values()].some(states => states.has('canceled'))) return
      }
    })()
    await untilSubscribed(simulator)
    const price = Number(exchange.priceToPrecision(pair, (await bestBid()) * 0.9))
    const placed = await exchange.createOrder(pair, 'limit', 'buy', QUANTITY, price)
    // Two changes at once would settle one watch, with the later of them.
    await opened
    await exchange.cancelOrder(String(placed.id), pair)
    await watching
    expect([...seen.get(String(placed.id))!]).toEqual(expect.arrayContaining(['open', 'canceled']))
  })
})

/** Waits until the client's second socket, the private one, has had time to log in. */
async function untilSubscribed(simulator: VenueSimulator): Promise<void> {
  for (let turn = 0; turn < 200 && simulator.sockets < 2; turn++) await new Promise(resolve => setTimeout(resolve, 10))
  await new Promise(resolve => setTimeout(resolve, 300))
}
