import { expect, test } from 'vitest'
import {
  BookView,
  CandleView,
  createCatalogue,
  DEMO_INSTRUMENTS,
  InstrumentView,
  resolvePair,
  TradeView,
  toBookView,
  toCandleView,
  toInstrumentView,
  toTradeView,
} from './index.ts'

const xrp = resolvePair('XRP/USD')

test('a pair is found at the default venue, and an id anywhere', () => {
  expect(xrp.id).toBe('paper:XRP/USD')
  expect(resolvePair('paper:BTC/USD').pair).toBe('BTC/USD')
  expect(() => resolvePair('kraken:XRP/USD')).toThrow('paper:XRP/USD')
  expect(() => createCatalogue([xrp, xrp])).toThrow('once')
})

test('views carry decimal strings and match their schemas', () => {
  expect(InstrumentView.parse(toInstrumentView(xrp))).toMatchObject({ tick: '0.0001', lot: '0.1', notionalMin: '5' })
  for (const instrument of DEMO_INSTRUMENTS) InstrumentView.parse(toInstrumentView(instrument))
  const book = toBookView(
    xrp,
    {
      at: 1,
      sequence: 2,
      bids: [
        [23_001, 15],
        [23_000, 1],
      ],
      asks: [[23_002, 7]],
    },
    1,
  )
  expect(BookView.parse(book)).toMatchObject({ bids: [['2.3001', '1.5']], asks: [['2.3002', '0.7']] })
  const trade = toTradeView(xrp, { at: 1, price: 23_001, quantity: 3, side: 'sell' })
  expect(TradeView.parse(trade)).toMatchObject({ price: '2.3001', quantity: '0.3', side: 'sell' })
  const candle = toCandleView(xrp, { openAt: 0, open: 1, high: 3, low: 1, close: 2, volume: 0.30000000000000004 })
  expect(CandleView.parse(candle)).toMatchObject({ open: '0.0001', close: '0.0002', volume: '0.3', closed: true })
})
