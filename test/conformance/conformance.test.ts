import { describe, test } from 'vitest'
import { SIMULATED_VENUES } from '../../simulators/venues/index.ts'
import { VENUES, type VenueName } from '../../src/venues/index.ts'
import { CASES } from './cases.ts'
import { openStage } from './stage.ts'

const names = SIMULATED_VENUES.map(({ name }) => name as VenueName).filter(name => VENUES[name] !== undefined)

describe.each(names)('%s', name => {
  const { capabilities } = VENUES[name]!
  const applying = CASES.filter(({ excused }) => (excused?.(capabilities) ?? null) === null)

  test.each(applying.map(one => [one.id, one.title, one] as const))('%s %s', async (_id, _title, one) => {
    const stage = await openStage(name)
    try {
      await one.run(stage)
    } finally {
      await stage.close()
    }
  })
})
