import { describe, expect, test } from 'vitest'
import {
  type CallName,
  type FaultRule,
  memoryNetwork,
  SIMULATED_VENUES,
  VenueSimulator,
} from '../../simulators/venues/index.ts'
import { type OrderId, type OrderRequest, seededRandom } from '../kernel/index.ts'
import { silentLog } from '../platform/index.ts'
import { manualTime } from '../platform/testing.ts'
import { ConnectedVenue } from './connected-venue.ts'
import { venueKey } from './credentials/key.ts'
import { TransportError, VENUE_NAMES, type VenueName } from './port/index.ts'

/** A venue as a process is connected to it, and its simulator in memory. */
async function open(name: VenueName) {
  await import('ccxt')
  const { clock, timers, advance } = manualTime()
  const definition = SIMULATED_VENUES.find(one => one.name === name)!
  const simulator = new VenueSimulator({ definition, seed: 'connected', start: clock.now(), market: 'still' })
  const host = `${name}.sim`
  simulator.addresses = { rest: `http://${host}`, ws: `ws://${host}` }
  timers.every(50, () => simulator.advance(clock.now()))
  const XRP = definition.instruments.find(({ instrument }) => instrument.base === 'XRP')!.instrument
  const connected = new ConnectedVenue({
    venue: name,
    mode: 'simulated',
    isTestnet: false,
    mayTrade: true,
    endpoint: { rest: `http://${host}`, ws: `ws://${host}` },
    key: venueKey(definition.credentials),
    instruments: [XRP.id],
    transport: memoryNetwork({
      simulators: new Map([[host, simulator]]),
      clock,
      timers,
      random: seededRandom('network'),
      latencyMs: 10,
      jitterMs: 0,
      failure: (message, isSent) => new TransportError(message, { isSent }),
    }),
    clock,
    timers,
    random: seededRandom('connector'),
    log: silentLog,
  })
  async function settle<T>(promise: Promise<T>): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    promise.then(over, over)
    for (let i = 0; i < 3_000 && !isOver; i++) {
      await advance(20)
      await new Promise(resolve => setImmediate(resolve))
    }
    return promise
  }
  await settle(connected.venue.instruments())
  let orders = 0
  return {
    simulator,
    connected,
    settle,
    XRP,
    order: (): OrderRequest => ({
      id: `00000000000c-${++orders}` as OrderId,
      instrument: XRP.id,
      side: 'buy',
      type: 'limit',
      timeInForce: 'gtc',
      price: Math.round((Number(definition.prices[XRP.pair]) * 0.9 * 10 ** XRP.priceScale) / XRP.tickSize),
      quantity: Math.round((40 * 10 ** XRP.quantityScale) / XRP.lotSize),
    }),
    fault: (kind: FaultRule['kind'], on: CallName, count: number) =>
      simulator.faults.add({ kind, on: [on], count, ms: 1, probability: 1, part: 0.5 }),
    figures: (kind: 'order' | 'cancel' | 'query') => {
      const { calls, errors, breaker } = connected.view(null).calls.find(one => one.kind === kind)!
      return { calls, errors, breaker }
    },
  }
}

describe.each(VENUE_NAMES)('%s', name => {
  test('an answer that the venue is down is its failure, under whatever HTTP status; a refusal is none', async () => {
    const { connected, settle, order, fault, figures } = await open(name)
    const before = figures('query')
    fault('maintenance', 'query', 1)
    await expect(settle(connected.venue.balances())).rejects.toMatchObject({ code: 'venue.unavailable' })
    expect(figures('query').errors - before.errors).toBe(1)

    fault('refuse', 'place', 4)
    for (let i = 0; i < 4; i++) expect(await settle(connected.venue.place(order()))).toMatchObject({ type: 'rejected' })
    expect(figures('order')).toEqual({ calls: 4, errors: 0, breaker: 'closed' })

    fault('maintenance', 'place', 3)
    for (let i = 0; i < 3; i++) expect(await settle(connected.venue.place(order()))).toMatchObject({ type: 'unknown' })
    expect(figures('order')).toEqual({ calls: 7, errors: 3, breaker: 'open' })
    await connected.close()
  })
})
