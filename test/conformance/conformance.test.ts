import { describe, expect, test } from 'vitest'
import { FEATURES, type Feature, whyAbsent } from '../../src/venues/index.ts'
import { CASES } from './cases.ts'
import { capabilitiesOf, excuseOf, HELD, runCell } from './matrix.ts'
import { PAPER_EXCUSED } from './paper-excuses.ts'

describe.each(HELD)('%s', held => {
  const applying = CASES.filter(one => excuseOf(held, one) === null)

  test.each(applying.map(one => [one.id, one.title, one] as const))('%s %s', async (_id, _title, one) => {
    await runCell(held, one, null)
  })

  test('says why it lacks what it lacks, and of nothing that it has', () => {
    const capabilities = capabilitiesOf(held)
    const features = Object.keys(FEATURES) as Feature[]
    const lacking = features.filter(feature => whyAbsent(capabilities, feature) !== null)
    expect(Object.keys(capabilities.absent).sort()).toEqual([...lacking].sort())
  })
})

test('ids of cases are unique, and the paper venue is excused from none that is not there', () => {
  const ids = CASES.map(({ id }) => id)
  expect(ids).toEqual([...new Set(ids)])
  expect(PAPER_EXCUSED.filter(id => !ids.includes(id))).toEqual([])
})
