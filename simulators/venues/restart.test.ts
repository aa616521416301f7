import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeJson, encodeJson, MICROS_PER_MS, type Micros, seededRandom } from '../../src/kernel/index.ts'
import { type SimulatorState, truthOf, VenueSimulator } from './index.ts'
import { krakenSimulator } from './kraken/index.ts'
import { krakenClient, listenToBook, request } from './kraken/testing.ts'

/** What a simulated venue knows, written down and read again. */

const AT: Micros = 1_700_000_000_000_000
const STEP: Micros = 250 * MICROS_PER_MS

const open = (seed: string, change: { state?: SimulatorState; market?: 'still' } = {}) =>
  new VenueSimulator({ definition: krakenSimulator, seed, start: AT, past: 0, ...change })

const written = (simulator: VenueSimulator): string => encodeJson(simulator.snapshot())
const readAgain = (simulator: VenueSimulator, seed = 'another') =>
  open(seed, { state: decodeJson<SimulatorState>(written(simulator)) })

/** Clients trade: orders that rest near the best prices, take, wait for a price, are changed and canceled. */
function live(simulator: VenueSimulator, seed: string, length: Micros): void {
  const random = seededRandom(seed)
  const { exchange } = simulator
  const account = simulator.accounts[0]!
  const end = exchange.market.now + length
  while (exchange.market.now < end) {
    simulator.advance(Math.min(end, exchange.market.now + STEP))
    const at = exchange.market.now
    const instrument = exchange.market.instruments[random.below(exchange.market.instruments.length)]!
    const side = random.next() < 0.5 ? 'buy' : 'sell'
    const reference = exchange.market.reference(instrument)
    const away = Math.max(1, Math.round(reference * 0.0005 * random.next())) * (side === 'buy' ? -1 : 1)
    const quantity = Math.ceil(instrument.instrument.quantityMin * (1 + 20 * random.next()))
    const base = { clientId: `c${at}`, instrument, side, timeInForce: 'gtc', quantity } as const
    const act = random.next()
    const working = exchange.openOrdersOf(account)
    if (act < 0.35) exchange.place(account, { ...base, type: 'limit', price: reference + away }, at)
    else if (act < 0.45) exchange.place(account, { ...base, type: 'market', price: null }, at)
    else if (act < 0.6)
      exchange.place(account, { ...base, type: 'stop', price: null, triggerPrice: reference - away }, at)
    else if (act < 0.7 && working.length > 0) exchange.cancel(working[random.below(working.length)]!, at)
    else if (act < 0.8 && working.length > 0)
      exchange.amend(working[random.below(working.length)]!, { quantity: quantity * 2 }, at)
  }
}

/** What clients can see: by questions, and by streams that begin now. */
function watch(simulator: VenueSimulator) {
  const client = krakenClient(simulator)
  const book = listenToBook(simulator)
  const [orders, balances] = [client.listen('executions'), client.listen('balances')]
  const ask = (path: string) => simulator.request(request(`/0/public/${path}`)).answer!.body
  return () => ({
    truth: simulator.accounts.map(account => truthOf(simulator, account)),
    book: book.messages,
    orders: orders.frames,
    balances: balances.frames,
    answers: ['Depth?pair=XRPUSD', 'Trades?pair=XBTUSD', 'OHLC?pair=ETHUSD', 'Ticker?pair=XDGUSD'].map(ask),
    open: client.call('OpenOrders'),
    closed: client.call('ClosedOrders'),
    trades: client.call('TradesHistory'),
  })
}

describe('a venue that was written down and read again', () => {
  test('answers and goes on as the one that never stopped', () => {
    const seen = { fills: 0, open: 0, stops: 0, messages: 0 }
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 2, max: 60 }), (seed, seconds) => {
        const one = open(seed)
        live(one, `${seed}/before`, seconds * 1_000_000)
        const other = readAgain(one)
        expect(written(other) === written(one)).toBe(true)
        const [seeOne, seeOther] = [watch(one), watch(other)]
        for (const each of [one, other]) live(each, `${seed}/after`, 30_000_000)
        const [now, then] = [seeOne(), seeOther()]
        expect(then).toEqual(now)
        expect(written(other) === written(one)).toBe(true)
        seen.fills += now.truth[0]!.fills.length
        seen.open += one.exchange.openOrdersOf(one.accounts[0]!).length
        seen.stops += one.snapshot().exchange.stops.length
        seen.messages += now.orders.length
      }),
      { numRuns: 12 },
    )
    // The worlds compared were not empty ones.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50)
  })
})
