import { expect, test } from 'vitest'
import type { DiscrepancyView, ReconciliationView } from '../../contract.ts'
import { answers, byGravity, isWaiting, lastByVenue, resultOf } from './comparisons.ts'

const run = (change: Partial<ReconciliationView> = {}): ReconciliationView => ({
  id: 'r',
  venue: 'okx',
  trigger: 'schedule',
  startedAt: 100,
  finishedAt: 110,
  error: null,
  orders: 1,
  fills: 2,
  balances: 3,
  corrected: 0,
  escalated: 0,
  ...change,
})

test('a comparison is called by the gravest that is true of it', () => {
  expect(resultOf(run())).toBe('equal')
  expect(resultOf(run({ corrected: 2 }))).toBe('corrected')
  expect(resultOf(run({ corrected: 2, escalated: 1 }))).toBe('escalated')
  expect(resultOf(run({ error: 'no answer', corrected: 2, escalated: 1 }))).toBe('failed')
})

test('the last of each venue is the one that ended last, in whatever order they come', () => {
  const last = lastByVenue([run({ id: 'old' }), run({ id: 'new', finishedAt: 300 }), run({ id: 'k', venue: 'kraken' })])
  expect([...last].map(([venue, { id }]) => [venue, id])).toEqual([
    ['okx', 'new'],
    ['kraken', 'k'],
  ])
})

test('a comparison that was under way when another was asked for is not the answer', () => {
  expect(answers(undefined, 105)).toBe(false)
  expect(answers(run(), 105)).toBe(false)
  expect(answers(run({ startedAt: 106 }), 105)).toBe(true)
  expect(answers(run({ trigger: 'request' }), 105)).toBe(true)
  expect(answers(run({ trigger: 'request' }), 111)).toBe(false)
})

const found = (id: string, change: Partial<DiscrepancyView>): DiscrepancyView => ({
  id,
  venue: 'okx',
  kind: 'order',
  classification: 'end_missed',
  action: 'corrected',
  subject: 's',
  ours: 'a',
  theirs: 'b',
  explanation: 'e',
  foundAt: 0,
  settledAt: 0,
  settledBy: 'rule',
  ...change,
})

test('what waits for a person comes first, then the newest; what a person has settled waits no more', () => {
  const list = [
    found('corrected', { foundAt: 50 }),
    found('settled', { action: 'escalated', foundAt: 40, settledAt: 45, settledBy: 'ada' }),
    found('waits', { action: 'escalated', foundAt: 10, settledAt: null, settledBy: null }),
    found('waits too', { action: 'escalated', foundAt: 20, settledAt: null, settledBy: null }),
  ]
  expect(byGravity(list).map(({ id }) => id)).toEqual(['waits too', 'waits', 'corrected', 'settled'])
  expect(list.map(isWaiting)).toEqual([false, false, true, true])
})
