import { expect, test } from 'vitest'
import { memoryNetwork, SIMULATED_VENUES, VenueSimulator } from '../../simulators/venues/index.ts'
import { seededRandom } from '../kernel/index.ts'
import { manualTime } from '../platform/testing.ts'
import { Connector } from './connector/connector.ts'
import { VenueMonitor } from './health/index.ts'
import { TransportError } from './port/index.ts'
import { VENUES } from './venues.ts'

const LATENCY_MS = 40

/** What is measured of the clock of a simulated venue, `skewMs` ahead of ours, by a connector whose requests wait before they leave. */
async function measured(name: 'kraken' | 'binance' | 'coinbase', waitMs: number, skewMs: number) {
  await import('ccxt')
  const { clock, timers, advance } = manualTime()
  const definition = SIMULATED_VENUES.find(one => one.name === name)!
  const simulator = new VenueSimulator({ definition, seed: 'clock', start: clock.now(), market: 'still' })
  simulator.faults.add({ kind: 'clock_skew', ms: skewMs, probability: 1, part: 0.5 })
  const network = memoryNetwork({
    simulators: new Map([['venue.sim', simulator]]),
    clock,
    timers,
    random: seededRandom('clock/network'),
    latencyMs: LATENCY_MS,
    jitterMs: 0,
    failure: (message, isSent) => new TransportError(message, { isSent }),
  })
  const monitor = new VenueMonitor({ venue: name, clock, onBreaker: () => {} })
  const connector = new Connector({
    definition: VENUES[name]!,
    endpoint: { rest: 'http://venue.sim', ws: 'ws://venue.sim' },
    credentials: null,
    transport: network,
    gate: {
      async send(_request, send) {
        await new Promise<void>(resolve => timers.after(waitMs, resolve))
        return send()
      },
    },
    watchCall: (kind, send) => monitor.call(kind, send),
    clock,
    timers,
    random: seededRandom('clock/connector'),
  })
  let isDone = false
  const done = monitor
    .measureClock(() => connector.serverTime())
    .finally(() => {
      isDone = true
    })
  for (let i = 0; i < 500 && !isDone; i++) await advance(50)
  await done
  await connector.close()
  return monitor.skew.read(clock.now())
}

// Kraken tells its time in whole seconds: half of one is as near as it can be told.
test.each([
  ['binance', 2],
  ['coinbase', 2],
  ['kraken', 502],
] as const)('a wait for the limits of %s is no way to it: its clock is told as without one', async (name, withinMs) => {
  for (const [waitMs, skewMs] of [
    [1, 0],
    [1_700, 7_000],
    [4_500, -7_000],
    [20_000, 7_000],
  ] as const) {
    const read = await measured(name, waitMs, skewMs)
    expect(Math.abs(read!.offset / 1_000 - skewMs), `after ${waitMs} ms`).toBeLessThanOrEqual(withinMs)
    expect(read!.errorMax / 1_000).toBeLessThanOrEqual(LATENCY_MS + 1)
  }
})
