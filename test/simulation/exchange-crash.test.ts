import { beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../src/kernel/index.ts'
import { freshDatabase, freshTenant } from '../../src/platform/testing.ts'
import type { Death } from './exchange-plan.ts'
import { buildExchangeChild, openExchangeWorld } from './exchange-world.ts'

/**
 * The exchange as a process that is killed under load. `EXCHANGE_KILLS` is how often for each of the seeds `EXCHANGE_SEEDS`
 * (`1-4`): where it kills itself between two effects, or from outside at any moment.
 */
const { EXCHANGE_KILLS = '6', EXCHANGE_SEEDS = '1' } = process.env
const KILLS = Number(EXCHANGE_KILLS)
const [first, last = first] = EXCHANGE_SEEDS.split('-').map(Number) as [number, number?]
const SEEDS = Array.from({ length: last - first + 1 }, (_, i) => first + i)
const POINTS: readonly Death['point'][] = ['acknowledged', 'committed', 'posting']

beforeAll(buildExchangeChild)

test.each(SEEDS)(
  `seed %i: killed ${KILLS} times, the exchange loses nothing that it acknowledged and does nothing twice`,
  async seed => {
    const random = seededRandom(`exchange/kills/${seed}`)
    const world = await openExchangeWorld(await freshDatabase(), { tenant: freshTenant(), seed: `kills/${seed}` })
    const deaths: string[] = []
    try {
      for (let i = 0; i < KILLS; i++) {
        const point = POINTS[i % 4]
        const count = 1 + random.below(point === 'posting' ? 20 : 300)
        const life = world.start(point === undefined ? null : { point, count })
        deaths.push(`${point ?? 'from outside'} ${count}`)
        if (point === undefined) {
          await life.acknowledges(count)
          life.signal('SIGKILL')
        }
        expect(await life.ended(), deaths.join('\n')).toBe('killed')
        expect(await world.differences(), deaths.join('\n')).toEqual([])
      }
      const end = world.start()
      await end.acknowledges(200)
      await end.until(world.snapshots)
      end.signal('SIGTERM')
      expect(await end.ended()).toBe('ended')
      expect(await world.finalDifferences(), deaths.join('\n')).toEqual([])
      process.stdout.write(`seed ${seed}: ${KILLS} kills, ${world.acknowledgements()} acknowledgements\n`)
    } finally {
      await world.close()
    }
  },
  3_600_000,
)
