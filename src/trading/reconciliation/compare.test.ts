import { describe, expect, test } from 'vitest'
import {
  accepted,
  defineInstrument,
  fold,
  MICROS_PER_SECOND,
  type OrderId,
  type OrderRequest,
} from '../../kernel/index.ts'
import { fillReport, type VenueExecution, type VenueOrder } from '../../venues/index.ts'
import { type Order, type OrderCommand, orderDecider } from '../orders/order.ts'
import { type CompareRules, compare, type OurSide, type TheirSide } from './compare.ts'

const XRP = defineInstrument({ venue: 'kraken', pair: 'XRP/USD', tick: '0.0001', lot: '0.1' })
const NOON = 1_763_726_400_000_000
const ID = 'run-1' as OrderId

const request: OrderRequest = {
  id: ID,
  instrument: XRP.id,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  quantity: 100,
  price: 5_000,
}

/** An order of ours after these commands. */
function ours(...commands: readonly OrderCommand[]): Order {
  let order: Order | null = null
  const all: OrderCommand[] = [
    { type: 'initialize', at: NOON, request, reason: null },
    { type: 'submit', at: NOON },
    ...commands,
  ]
  for (const command of all) order = fold(orderDecider, accepted(orderDecider.decide(order, command)), order)
  return order!
}

const acknowledged = ours({
  type: 'report',
  at: NOON,
  report: { type: 'accepted', order: ID, venueOrderId: 'V1', at: NOON },
})

const theirs = (changed: Partial<VenueOrder> = {}): VenueOrder => ({
  venueOrderId: 'V1',
  clientId: 'c',
  instrument: XRP.id,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  price: 5_000,
  quantity: 100,
  filled: 0,
  state: 'open',
  reason: null,
  at: NOON + 1,
  ...changed,
})

const fill = (id: string, changed: Partial<VenueExecution> = {}): VenueExecution => ({
  id,
  venueOrderId: 'V1',
  clientId: null,
  instrument: XRP.id,
  side: 'buy',
  price: 5_000,
  quantity: 40,
  liquidity: 'maker',
  feeAmount: '0.0032',
  feeAsset: 'USD',
  at: NOON + 2,
  ...changed,
})

const rules = (now = NOON + MICROS_PER_SECOND): CompareRules => ({
  now,
  requestValid: 10 * MICROS_PER_SECOND,
  instrument: () => XRP,
  fillReport: (order, execution) => fillReport(XRP, order, execution),
})

const side = (orders: readonly Order[], booked: readonly string[] = []): OurSide => ({
  orders,
  booked: new Set(booked),
  orderOf: (_, venueOrderId) => (venueOrderId === 'V1' ? ID : null),
})

const said = (orders: Record<string, VenueOrder | null>, more: Partial<TheirSide> = {}): TheirSide => ({
  orders: new Map(Object.entries(orders).map(([id, order]) => [id as OrderId, order])),
  foreign: [],
  fills: [],
  ...more,
})

const inShort = (found: ReturnType<typeof compare>) =>
  found.map(({ classification, action, reports }) => [classification, action, reports.map(({ type }) => type)])

describe('what a comparison finds', () => {
  test('nothing where both sides agree', () => {
    expect(compare(side([acknowledged]), said({ [ID]: theirs() }), rules())).toEqual([])
  })

  test('an acknowledgement that was lost', () => {
    expect(inShort(compare(side([ours()]), said({ [ID]: theirs() }), rules()))).toEqual([
      ['acknowledgement_lost', 'corrected', ['accepted']],
    ])
  })

  test('an order that never arrived ends only once the venue can no longer take it', () => {
    const unknown = ours({ type: 'lose_sight', at: NOON, reason: 'timeout' })
    expect(compare(side([unknown]), said({ [ID]: null }), rules(NOON + 10 * MICROS_PER_SECOND))).toEqual([])
    const later = rules(NOON + 10 * MICROS_PER_SECOND + 1)
    expect(inShort(compare(side([unknown]), said({ [ID]: null }), later))).toEqual([
      ['never_arrived', 'corrected', ['rejected']],
    ])
  })

  test('an order that the venue acknowledged and then forgot is for people, however old', () => {
    const found = compare(side([acknowledged]), said({ [ID]: null }), rules(NOON + 3_600 * MICROS_PER_SECOND))
    expect(inShort(found)).toEqual([['order_vanished', 'escalated', []]])
  })

  test('an end that was missed comes after the acknowledgement and the fills that belong before it', () => {
    const canceled = theirs({ state: 'canceled', filled: 40 })
    const found = compare(side([ours()]), said({ [ID]: canceled }, { fills: [fill('F1')] }), rules())
    expect(inShort(found)).toEqual([
      ['acknowledgement_lost', 'corrected', ['accepted']],
      ['fill_missed', 'corrected', ['filled']],
      ['end_missed', 'corrected', ['canceled']],
    ])
  })

  test('a fill once, and not one that is booked', () => {
    const found = compare(
      side([acknowledged], [`${XRP.id} F1`]),
      said({ [ID]: theirs({ filled: 80 }) }, { fills: [fill('F1'), fill('F2')] }),
      rules(),
    )
    expect(inShort(found)).toEqual([['fill_missed', 'corrected', ['filled']]])
    expect(found[0]!.subject).toBe('kraken:XRP/USD/F2')
    // 0.0032 USD at the 5 decimals of price and quantity together.
    expect(found[0]!.reports).toEqual([
      {
        type: 'filled',
        order: ID,
        at: NOON + 2,
        fill: { id: 'F2', price: 5_000, quantity: 40, liquidity: 'maker', fee: 320n },
      },
    ])
  })

  test('what others do on the account is noted and changes nothing', () => {
    const found = compare(
      side([]),
      said({}, { foreign: [theirs({ venueOrderId: 'X' })], fills: [fill('F9', { venueOrderId: 'X' })] }),
      rules(),
    )
    expect(inShort(found)).toEqual([
      ['external_fill', 'noted', []],
      ['external_order', 'noted', []],
    ])
  })

  test('another quantity at the venue is for people', () => {
    const found = compare(side([acknowledged]), said({ [ID]: theirs({ quantity: 90 }) }), rules())
    expect(inShort(found)).toEqual([['quantity_differs', 'escalated', []]])
    expect(found[0]!.theirs).toBe('open, 0.0 of 9.0 filled')
  })
})
