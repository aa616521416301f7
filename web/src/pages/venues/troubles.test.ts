import { expect, test } from 'vitest'
import type { VenueView } from '../../contract.ts'
import { fullest, gradeOf, troublesOf } from './troubles.ts'

const well: VenueView = {
  name: 'okx',
  title: 'OKX',
  mode: 'simulated',
  health: { score: 100, parts: [{ name: 'latency', score: 100, detail: '' }] },
  held: null,
  calls: [{ kind: 'order', p50Ms: 20, p99Ms: 90, calls: 12, errors: 0, breaker: 'closed', breakerSince: 0 }],
  skewMs: 3,
  streams: [{ name: 'market', state: 'ready', reason: null, since: 0, reconnects: 0 }],
  books: [{ instrument: 'okx:XRP/USD', pair: 'XRP/USD', bid: '1', ask: '2', staleness: null, at: 0 }],
  rates: [{ bucket: 'orders', used: 89, max: 100 }],
  waiting: 0,
  balances: [],
  fees: [],
  history: [],
}
const whats = (change: Partial<VenueView>) => troublesOf({ ...well, ...change }).map(({ what, name }) => [what, name])

test('a venue that is well has no troubles', () => expect(troublesOf(well)).toEqual([]))

test('they come gravest first: what holds all orders before what only slows some', () => {
  expect(
    whats({
      health: { score: 20, parts: [{ name: 'errors', score: 20, detail: 'half failed' }] },
      held: 'reconciling',
      calls: [{ ...well.calls[0]!, kind: 'cancel', breaker: 'half_open' }],
      streams: [{ name: 'account', state: 'waiting', reason: 'closed by the venue', since: 0, reconnects: 2 }],
      books: [{ ...well.books[0]!, staleness: 'gap' }],
      rates: [{ bucket: 'orders', used: 90, max: 100 }],
    }),
  ).toEqual([
    ['held', 'reconciling'],
    ['breaker', 'cancel'],
    ['stream', 'account'],
    ['books', 'XRP/USD'],
    ['rate', 'orders'],
    ['part', 'errors'],
  ])
})

test('stale books are one trouble, counted', () => {
  const stale = { ...well.books[0]!, staleness: 'checksum' }
  expect(troublesOf({ ...well, books: [stale, stale, well.books[0]!] })).toEqual([
    { what: 'books', name: 'XRP/USD', detail: 'checksum', count: 2 },
  ])
})

test('the fullest limit is the one with the least room, not the most used', () => {
  const rates = [
    { bucket: 'weight', used: 600, max: 1_200 },
    { bucket: 'orders', used: 8, max: 10 },
  ]
  expect(fullest(rates)?.bucket).toBe('orders')
  expect(fullest([])).toBeUndefined()
})

test('grades change at 80 and 50', () => {
  expect([100, 80, 79, 50, 49, 0].map(gradeOf)).toEqual(['good', 'good', 'weak', 'weak', 'bad', 'bad'])
})
