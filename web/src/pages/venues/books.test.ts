import { describe, expect, test } from 'vitest'
import type { VenueBookView, VenueView } from '../../contract.ts'
import { isBest, pairRows, spreadBps } from './books.ts'

const book = (
  pair: string,
  bid: string | null,
  ask: string | null,
  staleness: string | null = null,
): VenueBookView => ({
  instrument: `x:${pair}`,
  pair,
  bid,
  ask,
  staleness,
  at: 0,
})
const venue = (name: string, ...books: VenueBookView[]): VenueView => ({
  name,
  title: name,
  mode: 'simulated',
  health: null,
  held: null,
  calls: [],
  skewMs: null,
  streams: [],
  books,
  rates: [],
  waiting: 0,
  balances: [],
  fees: [],
  history: [],
})

describe('a spread', () => {
  test.each([
    // 0.02 of 100.00 is 2 bps; 0.0001 of 0.50005 is 1.9998 bps; 100 of 68,050 is 14.695 bps.
    ['99.99', '100.01', '2.00'],
    ['0.5000', '0.5001', '2.00'],
    ['68000', '68100', '14.70'],
    ['1', '1', '0.00'],
    // Crossed: 100.01 is bid where 99.99 is asked.
    ['100.01', '99.99', '-2.00'],
  ])('from %s to %s is %s bps', (bid, ask, bps) => expect(spreadBps(bid, ask)).toBe(bps))

  test('is not known where a side is missing or both are nothing', () => {
    expect(spreadBps(null, '1')).toBeUndefined()
    expect(spreadBps('1', null)).toBeUndefined()
    expect(spreadBps('0', '0')).toBeUndefined()
  })
})

describe('books side by side', () => {
  const rows = pairRows([
    venue('kraken', book('XRP/USD', '0.5101', '0.5104'), book('BTC/USD', '68000.1', '68000.2')),
    venue('okx', book('XRP/USD', '0.51020', '0.51050')),
    venue('bybit', book('XRP/USD', '0.6', '0.4', 'gap')),
    venue('htx', book('XRP/USD', '0.5102', null)),
  ])
  const xrp = rows[1]!

  test('there is a row a pair, by name, with the venues that have it', () => {
    expect(rows.map(row => row.pair)).toEqual(['BTC/USD', 'XRP/USD'])
    expect([...rows[0]!.books.keys()]).toEqual(['kraken'])
  })

  test('the best are the highest bid and the lowest ask; a stale book is never the best', () => {
    expect([xrp.bestBid, xrp.bestAsk]).toEqual(['0.51020', '0.5104'])
    const best = (side: 'bid' | 'ask') =>
      [...xrp.books].flatMap(([name, one]) => (isBest(one, side, xrp) ? [name] : []))
    expect(best('bid')).toEqual(['okx', 'htx'])
    expect(best('ask')).toEqual(['kraken'])
  })

  test('from the best bid to the best ask it is 0.0002 of 0.5103', () => expect(xrp.acrossBps).toBe('3.92'))

  test('where one venue bids above what another asks, the distance is negative', () => {
    const [row] = pairRows([venue('a', book('X/Y', '102', '103')), venue('b', book('X/Y', '97', '98'))])
    expect(row!.acrossBps).toBe('-400.00')
  })

  test('where all books are stale nothing is the best', () => {
    const [row] = pairRows([venue('a', book('X/Y', '1', '2', 'empty'))])
    expect([row!.bestBid, row!.bestAsk, row!.acrossBps]).toEqual([undefined, undefined, undefined])
  })
})
