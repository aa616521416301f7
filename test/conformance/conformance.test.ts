import { describe, expect, test } from 'vitest'
import { FEATURES, VENUES, whyAbsent } from '../../src/venues/index.ts'
import { CASES } from './cases.ts'
import { CONNECTED, excuseOf, runCell } from './matrix.ts'

describe.each(CONNECTED)('%s', venue => {
  const applying = CASES.filter(one => excuseOf(venue, one) === null)

  test.each(applying.map(one => [one.id, one.title, one] as const))('%s %s', async (_id, _title, one) => {
    await runCell(venue, one, null)
  })

  test('says why it lacks what it lacks, and of nothing that it has', () => {
    const { capabilities } = VENUES[venue]!
    const lacking = FEATURES.filter(feature => whyAbsent(capabilities, feature) !== null)
    expect(Object.keys(capabilities.absent).sort()).toEqual([...lacking].sort())
  })
})
