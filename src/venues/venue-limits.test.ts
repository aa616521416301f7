import { describe, expect, test } from 'vitest'
import { memoryNetwork, SIMULATED_VENUES, VenueSimulator } from '../../simulators/venues/index.ts'
import { type InstrumentId, type OrderId, seededIds, seededRandom } from '../kernel/index.ts'
import { manualTime } from '../platform/testing.ts'
import { Connector } from './connector/connector.ts'
import type { RequestGate } from './connector/exchange.ts'
import { krakenRates } from './kraken/rates.ts'
import { type Outcome, TransportError } from './port/index.ts'
import { RateBudget, RateQueue } from './rates/index.ts'
import { VENUES } from './venues.ts'

/** A burst against a venue's own limiter, as the simulator has it: it was written by others, from the venue's pages. */

const PAIR = 'kraken:XRP/USD' as InstrumentId
const ORDERS = 60
const QUERIES = 40
const FOREVER = { cancel: 1e9, order: 1e9, query: 1e9 }

async function burst(gateOn: (time: ReturnType<typeof manualTime>) => RequestGate) {
  await import('ccxt')
  const time = manualTime()
  const { clock, timers, advance } = time
  const definition = SIMULATED_VENUES.find(one => one.name === 'kraken')!
  const simulator = new VenueSimulator({ definition, seed: 'burst', start: clock.now(), market: 'still' })
  const network = memoryNetwork({
    simulators: new Map([['kraken.sim', simulator]]),
    clock,
    timers,
    random: seededRandom('burst/network'),
    latencyMs: 5,
    // Kraken refuses a nonce that was overtaken; that is another matter than its limits.
    jitterMs: 0,
    failure: (message, isSent) => new TransportError(message, { isSent }),
  })
  let refusals = 0
  const connector = new Connector({
    definition: VENUES.kraken!,
    endpoint: { rest: 'http://kraken.sim', ws: 'ws://kraken.sim' },
    credentials: definition.credentials,
    transport: {
      connect: network.connect,
      async fetch(request) {
        const response = await network.fetch(request)
        if (/Rate limit/i.test(response.body)) refusals++
        return response
      },
    },
    gate: gateOn(time),
    clock,
    timers,
    random: seededRandom('burst/connector'),
  })
  const finish = async <T>(what: Promise<T>): Promise<T> => {
    let isDone = false
    const done = what.finally(() => {
      isDone = true
    })
    done.catch(() => {})
    for (let i = 0; i < 5_000 && !isDone; i++) await advance(200)
    return done
  }

  await finish(connector.instruments())
  const ids = seededIds(seededRandom('burst/ids'))
  const orders = Array.from({ length: ORDERS }, () => ids.next() as OrderId)
  const startedAt = clock.now()
  const place = (id: OrderId) =>
    connector.place({
      id,
      instrument: PAIR,
      side: 'buy',
      type: 'limit',
      timeInForce: 'gtc',
      quantity: 4_000_000_000,
      price: 10_000,
    })
  const placed = await finish(Promise.all(orders.map(place)))
  const canceled = await finish(
    Promise.all([
      ...orders.map((order, i) => {
        const outcome = placed[i]!
        const venueOrderId = outcome.type === 'accepted' ? outcome.venueOrderId : null
        return connector.cancel({ order, instrument: PAIR, venueOrderId })
      }),
      ...Array.from({ length: QUERIES }, () => connector.balances().then(() => null)),
    ]).catch((error: unknown) => [error as Error]),
  )
  await connector.close()
  const outcomes = [...placed, ...canceled].filter(one => one !== null) as readonly (Outcome | Error)[]
  return { refusals, outcomes, seconds: (clock.now() - startedAt) / 1_000_000 }
}

describe("a burst of orders, cancels and queries at Kraken's own limiter", { timeout: 120_000 }, () => {
  test('through the queue earns no refusal, and all of it is done', async () => {
    const { refusals, outcomes, seconds } = await burst(({ clock, timers }) => {
      const budget = new RateBudget(krakenRates('pro'))
      return new RateQueue({ budget, clock, timers, waitMaxMs: FOREVER })
    })
    expect(refusals).toBe(0)
    expect(outcomes).toHaveLength(2 * ORDERS)
    expect(outcomes.filter(one => !('type' in one) || one.type !== 'accepted')).toEqual([])
    // The burst of orders and the oldest cancels fit; what is left costs less the longer it waits, and nothing after 300 s.
    expect(seconds).toBeLessThan(150)
  })

  test('without the queue it does', async () => {
    const { refusals } = await burst(() => ({ send: (_request, send) => send() }))
    expect(refusals).toBeGreaterThan(5)
  })
})
