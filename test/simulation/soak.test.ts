import { expect, test } from 'vitest'
import type { FaultRule } from '../../simulators/venues/index.ts'
import type { VenueName } from '../../src/venues/index.ts'
import { busy } from './busy-strategy.ts'
import { VenueWorld } from './venue-world.ts'

/**
 * The node against faulty venues on a seeded clock. `SOAK_SEEDS` (`1-200`) and `SOAK_MINUTES` make it longer; a failing seed
 * is named, and `SOAK_SEEDS=<seed>` runs it alone.
 */
const VENUES: readonly VenueName[] = ['kraken', 'binance', 'coinbase', 'bybit']
const [first, last = first] = (process.env.SOAK_SEEDS ?? '1-4').split('-').map(Number) as [number, number?]
const MINUTES = Number(process.env.SOAK_MINUTES ?? 1)
const SEEDS = Array.from({ length: last - first + 1 }, (_, i) => first + i)

const often = (kind: FaultRule['kind'], probability: number, more: Partial<FaultRule> = {}): FaultRule => ({
  kind,
  probability,
  ms: 500,
  part: 0.5,
  ...more,
})

const SOAK_FAULTS: readonly FaultRule[] = [
  often('refuse', 0.02, { on: ['place', 'cancel'] }),
  often('unavailable', 0.02, { on: ['place', 'cancel', 'query'] }),
  often('lose_ack', 0.05, { on: ['place', 'cancel', 'query'] }),
  often('delay', 0.05, { on: ['place', 'cancel', 'query'], ms: 900 }),
  often('delay', 0.01, { on: ['place', 'cancel'], ms: 5_000 }),
  often('partial_fill', 0.2, { on: ['place'] }),
  often('duplicate_report', 0.1, { on: ['orders', 'balances'] }),
  often('reorder_reports', 0.1, { on: ['orders'] }),
  often('gap', 0.005, { on: ['book'] }),
  often('bad_checksum', 0.005, { on: ['book'] }),
  often('disconnect', 0.002, { on: ['book', 'orders'] }),
  often('disconnect', 0.02, { on: ['place', 'query'] }),
  often('rate_limit', 0.02),
  often('ban', 0.001, { ms: 2_000 }),
  often('maintenance', 0.001, { ms: 2_000 }),
  often('malformed_json', 0.02, { on: ['place', 'cancel', 'query'] }),
]

test.each(SEEDS)(
  'seed %i: orders, fills and balances are equal on both sides in the end',
  async seed => {
    const world = new VenueWorld({ seed: `soak/${seed}`, venues: VENUES, strategy: busy, faults: SOAK_FAULTS })
    await world.start()
    for (let second = 0; second < MINUTES * 60; second++) await world.pass(1_000)
    await world.calm()
    expect(world.differences(), `seed ${seed}`).toEqual([])
    const fills = [...world.simulators.values()].map(({ exchange, accounts }) => exchange.fillsOf(accounts[0]!).length)
    // A soak in which nothing was traded proves nothing.
    expect(fills.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
  },
  600_000,
)
