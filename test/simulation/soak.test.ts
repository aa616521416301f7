import { expect, test } from 'vitest'
import type { VenueName } from '../../src/venues/index.ts'
import { busy } from './busy-strategy.ts'
import { SOAK_FAULTS } from './soak-faults.ts'
import { VenueWorld } from './venue-world.ts'

/**
 * The node against faulty venues on a seeded clock. `SOAK_SEEDS` (`1-200`) and `SOAK_MINUTES` make it longer; a failing seed
 * is named, and `SOAK_SEEDS=<seed>` runs it alone.
 */
const VENUES: readonly VenueName[] = ['kraken', 'binance', 'coinbase', 'bybit']
const [first, last = first] = (process.env.SOAK_SEEDS ?? '1-4').split('-').map(Number) as [number, number?]
const MINUTES = Number(process.env.SOAK_MINUTES ?? 1)
const SEEDS = Array.from({ length: last - first + 1 }, (_, i) => first + i)

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
