import { beforeAll, describe, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../src/platform/testing.ts'
import { FEATURES, type Feature, whyAbsent } from '../../src/venues/index.ts'
import { CASES } from './cases.ts'
import { HOUSE_EXCUSED } from './house-excuses.ts'
import { capabilitiesOf, excuseOf, HELD, runCase } from './matrix.ts'
import { PAPER_EXCUSED } from './paper-excuses.ts'

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

describe.each(HELD)('%s', held => {
  const applying = CASES.filter(one => excuseOf(held, one) === null)

  test.each(applying.map(one => [one.id, one.title, one] as const))('%s %s', async (_id, _title, one) => {
    await runCase(held, one, { database: async () => fresh })
  })

  test('says why it lacks what it lacks, and of nothing that it has', () => {
    const capabilities = capabilitiesOf(held)
    const features = Object.keys(FEATURES) as Feature[]
    const lacking = features.filter(feature => whyAbsent(capabilities, feature) !== null)
    expect(Object.keys(capabilities.absent).sort()).toEqual([...lacking].sort())
  })
})

test('ids of cases are unique, and nothing is excused from one that is not there', () => {
  const ids = CASES.map(({ id }) => id)
  expect(ids).toEqual([...new Set(ids)])
  expect([...PAPER_EXCUSED, ...HOUSE_EXCUSED].filter(id => !ids.includes(id))).toEqual([])
})
