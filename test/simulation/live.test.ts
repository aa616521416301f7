import { beforeAll, describe, expect, test } from 'vitest'
import { SIMULATED_VENUES } from '../../simulators/venues/index.ts'
import { VENUES, type VenueName } from '../../src/venues/index.ts'
import { POINTS } from './live-plan.ts'
import { buildLiveChild, openLiveWorld } from './live-world.ts'
import { SOAK_FAULTS } from './soak-faults.ts'

/**
 * The node as a process, on real sockets, real time and PostgreSQL. `LIVE_KILLS` is how often it is killed (56: at each of
 * eight venues and seven moments), `LIVE_MINUTES` how long it trades at faulty venues, and `LIVE_SEEDS` (`1-4`) with which
 * seeds, all at once. By itself the test keeps to venues where an order in doubt is soon settled: at Coinbase and
 * HTX a signed request stays good for minutes.
 */
const ALL = SIMULATED_VENUES.map(({ name }) => name as VenueName).filter(name => VENUES[name] !== undefined)
const QUICK: readonly VenueName[] = ['binance', 'kucoin', 'bybit']
const FAULTY: readonly VenueName[] = ['kraken', 'binance', 'coinbase', 'bybit']
const { LIVE_KILLS, LIVE_MINUTES, LIVE_SEEDS = '1' } = process.env
const KILLS = Number(LIVE_KILLS ?? POINTS.length)
const SECONDS = Number(LIVE_MINUTES ?? 0.1) * 60
const [first, last = first] = LIVE_SEEDS.split('-').map(Number) as [number, number?]
const SEEDS = Array.from({ length: last - first + 1 }, (_, i) => first + i)

beforeAll(buildLiveChild)

test(`killed ${KILLS} times between two effects, at one venue after the other, the books of both sides end equal`, async () => {
  const names = LIVE_KILLS === undefined ? QUICK : ALL
  const world = await openLiveWorld({ seed: 'kills', venues: names })
  try {
    for (let i = 0; i < KILLS; i++) {
      const death = { point: POINTS[i % POINTS.length]!, venue: names[i % names.length]!, occurrence: 1 + (i % 3) }
      expect(await world.live({ seconds: 300, death }), JSON.stringify(death)).toBe('killed')
    }
    expect(await world.live({ seconds: 3, death: null })).toBe('ended')
    expect(await world.differences()).toEqual([])
    expect(await world.unexplained()).toEqual([])
    expect(world.broken).toEqual([])
    expect(world.fills()).toBeGreaterThan(0)
  } finally {
    await world.close()
  }
}, 3_600_000)

describe('at faulty venues', () => {
  test.concurrent.each(SEEDS)(
    'seed %i: orders, fills and balances are equal on both sides in the end',
    async seed => {
      const world = await openLiveWorld({
        seed: `live/${seed}`,
        venues: LIVE_MINUTES === undefined ? QUICK : FAULTY,
        faults: SOAK_FAULTS,
      })
      try {
        expect(await world.live({ seconds: SECONDS, death: null })).toBe('ended')
        expect(await world.differences(), `seed ${seed}`).toEqual([])
        expect(await world.unexplained(), `seed ${seed}`).toEqual([])
        expect(world.broken).toEqual([])
        expect(world.fills()).toBeGreaterThan(0)
      } finally {
        await world.close()
      }
    },
    3_600_000,
  )
})
