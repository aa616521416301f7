import { describe, expect, test } from 'vitest'
import { defineInstrument, type OrderId } from '../../kernel/index.ts'
import type { VenueExecution, VenueOrder } from '../port/index.ts'
import { fillReport, orderReports } from './reports.ts'

const XRP = defineInstrument({ venue: 'binance', pair: 'XRP/USDT', tick: '0.0001', lot: '0.1' })
const ID = 'run-1' as OrderId
const AT = 1_763_726_400_000_000

const order = (state: VenueOrder['state']): VenueOrder => ({
  venueOrderId: '7',
  clientId: 'c',
  instrument: XRP.id,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  price: 5_000,
  quantity: 100,
  filled: 0,
  state,
  reason: null,
  at: AT,
})

const fill = (feeAmount: string, feeAsset: string): VenueExecution => ({
  id: '1',
  venueOrderId: '7',
  clientId: 'c',
  instrument: XRP.id,
  side: 'buy',
  price: 5_001,
  quantity: 1_000,
  liquidity: 'taker',
  feeAmount,
  feeAsset,
  at: AT,
})

describe('a picture of an order', () => {
  test.each([
    ['open', ['accepted']],
    ['filled', ['accepted']],
    ['canceled', ['accepted', 'canceled']],
    ['expired', ['accepted', 'expired']],
    ['rejected', ['rejected']],
  ] as const)('that is %s says %j', (state, types) => {
    expect(orderReports(ID, order(state)).map(({ type }) => type)).toEqual(types)
  })
})

describe('the fee of a fill', () => {
  const feeOf = (amount: string, asset: string) => {
    const report = fillReport(XRP, ID, fill(amount, asset))
    return report.type === 'filled' ? report.fill : null
  }

  test('in the quote asset is what was charged, rounded up to the unit', () => {
    // 5 decimals of price and quantity together: a unit is 0.00001 USDT.
    expect(feeOf('0.05001', 'USDT')).toMatchObject({ fee: 5_001n })
    expect(feeOf('0.050010001', 'USDT')).toMatchObject({ fee: 5_002n, feeIn: { asset: 'USDT', amount: '0.050010001' } })
    expect(feeOf('-0.01', 'USDT')).toMatchObject({ fee: -1_000n })
    expect(feeOf('0.05', 'USDT')).not.toHaveProperty('feeIn')
  })

  test('in the base asset is worth what it was bought for', () => {
    // 0.1 XRP at 0.5001.
    expect(feeOf('0.1', 'XRP')).toMatchObject({ fee: 5_001n, feeIn: { asset: 'XRP', amount: '0.1' } })
  })

  test('in a third asset has no price here', () => {
    expect(feeOf('0.0001', 'BNB')).toMatchObject({ fee: 0n, feeIn: { asset: 'BNB', amount: '0.0001' } })
  })
})
