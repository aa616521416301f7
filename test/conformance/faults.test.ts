import { describe, expect, test } from 'vitest'
import { FAULT_KINDS } from '../../simulators/venues/index.ts'
import { CONNECTED, faultExcuseOf, runCell, SLICE } from './matrix.ts'

/** Every case with every fault at one venue by turns; `npm run conformance` runs them at all. */

const happened = new Set<string>()

describe.each(FAULT_KINDS)('%s', fault => {
  const cells = SLICE.filter(cell => cell.fault === fault)
  test.each(cells.map(cell => [cell.case.id, cell.venue, cell] as const))('%s at %s', async (_id, venue, cell) => {
    if ((await runCell(cell)) === null) happened.add(`${fault} at ${venue}`)
  })
})

test('every fault happens at every venue, but where the venue has a reason', () => {
  const expected = FAULT_KINDS.flatMap(fault =>
    CONNECTED.filter(venue => faultExcuseOf(venue, fault) === null).map(venue => `${fault} at ${venue}`),
  )
  expect(expected.filter(pair => !happened.has(pair))).toEqual([])
})
