import { describe, expect, test } from 'vitest'
import { SIMULATED_VENUES } from '../../simulators/venues/index.ts'
import { VENUES, type VenueName } from '../../src/venues/index.ts'
import { busy } from './busy-strategy.ts'
import { POINTS } from './live-plan.ts'
import { VenueWorld } from './venue-world.ts'

/**
 * The process is killed between any two of its effects (a commit, a send, an acknowledgement, a report) and started again:
 * nothing is lost and nothing is doubled, at any venue. Nothing of the killed process goes on but what has left it.
 */

/** At which of these moments, counted from the start. */
const OCCURRENCES = [1, 2, 3, 5, 8]
const SECONDS_AFTER = 15

const names = SIMULATED_VENUES.map(({ name }) => name as VenueName).filter(name => VENUES[name] !== undefined)

describe.each(names)('%s', name => {
  test.each(POINTS)('killed at: %s', async where => {
    for (const occurrence of OCCURRENCES) {
      let count = 0
      const world = new VenueWorld({
        seed: `crash/${name}/${where}/${occurrence}`,
        venues: [name],
        strategy: busy,
        onPoint: point => {
          if (point !== where) return false
          count += 1
          return count === occurrence
        },
      })
      await world.start()
      for (let second = 0; second < 60 && world.isAlive; second++) await world.pass(1_000)
      expect(world.isAlive, `${where} never came ${occurrence} times`).toBe(false)
      await world.pass(300)
      await world.start()
      for (let second = 0; second < SECONDS_AFTER; second++) await world.pass(1_000)
      await world.calm()
      expect(world.differences(), `${where}, occurrence ${occurrence}`).toEqual([])
      expect(world.lives).toBe(2)
    }
  })
})
