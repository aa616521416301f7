import { MICROS_PER_MS, type Micros, priceText, quantityText } from '../../../src/kernel/index.ts'
import { decimalOf, feesOf, type SimulatedFill, type SimulatedOrder, tradedUnits } from '../core/index.ts'
import { currencyOf } from './instruments.ts'

/** Orders and fills as REST and the private channels write them. */

/** The one spot account of a user. */
export const ACCOUNT_ID = 100_009

export const ms = (at: Micros): number => Math.floor(at / MICROS_PER_MS)

/** https://huobiapi.github.io/docs/spot/v1/en/#place-a-new-order, "type" */
export function typeOf({ side, type, postOnly, timeInForce }: SimulatedOrder): string {
  if (type === 'market') return `${side}-market`
  const fok = timeInForce === 'fok' ? '-fok' : ''
  if (type === 'stop_limit') return `${side}-stop-limit${fok}`
  return timeInForce === 'ioc' ? `${side}-ioc` : postOnly ? `${side}-limit-maker` : `${side}-limit${fok}`
}

export function stateOf({ state, filled, triggerPrice, triggered }: SimulatedOrder): string {
  if (state === 'filled') return 'filled'
  if (state !== 'open') return filled > 0 ? 'partial-canceled' : 'canceled'
  if (triggerPrice !== null && !triggered) return 'created'
  return filled > 0 ? 'partial-filled' : 'submitted'
}

/** What `order-state` of a refused cancel says. */
export const stateCode = ({ state, filled }: SimulatedOrder): number => (state === 'filled' ? 6 : filled > 0 ? 5 : 7)

export const priceOf = ({ instrument }: SimulatedOrder, ticks: number | null): string =>
  ticks === null ? '0' : priceText(instrument.instrument, ticks)

export const quantityOf = ({ instrument }: SimulatedOrder, lots: number): string =>
  quantityText(instrument.instrument, lots)

export function orderView(order: SimulatedOrder): Record<string, unknown> {
  const filled = quantityOf(order, order.filled)
  const cash = decimalOf(tradedUnits(order))
  const fees = decimalOf(feesOf(order))
  return {
    id: Number(order.id),
    symbol: order.instrument.symbol,
    'account-id': ACCOUNT_ID,
    'client-order-id': order.clientId ?? '',
    amount: quantityOf(order, order.quantity),
    price: priceOf(order, order.price),
    'created-at': ms(order.createdAt),
    type: typeOf(order),
    // The venue spells them both ways, by endpoint.
    'field-amount': filled,
    'field-cash-amount': cash,
    'field-fees': fees,
    'filled-amount': filled,
    'filled-cash-amount': cash,
    'filled-fees': fees,
    ...(order.triggerPrice === null
      ? {}
      : { 'stop-price': priceOf(order, order.triggerPrice), operator: order.side === 'buy' ? 'gte' : 'lte' }),
    'finished-at': order.state === 'open' ? 0 : ms(order.updatedAt),
    'canceled-at': order.state === 'canceled' || order.state === 'expired' ? ms(order.updatedAt) : 0,
    source: 'spot-api',
    state: stateOf(order),
  }
}

const FIRST_RECORD = 313_288_753_000_000

/** The id of a fill's record, which pages are counted by. */
export const recordOf = (number: number): number => FIRST_RECORD + number

/** https://huobiapi.github.io/docs/spot/v1/en/#search-match-results */
export const fillView = ({ order, ...fill }: SimulatedFill): Record<string, unknown> => ({
  symbol: order.instrument.symbol,
  'fee-currency': currencyOf(fill.feeAsset),
  source: 'spot-api',
  'match-id': fill.number,
  'order-id': Number(order.id),
  price: priceOf(order, fill.price),
  'created-at': ms(fill.at),
  role: fill.liquidity,
  'filled-amount': quantityOf(order, fill.quantity),
  'filled-fees': decimalOf(fill.fee),
  'filled-points': '0.0',
  'fee-deduct-currency': '',
  'fee-deduct-state': 'done',
  id: recordOf(fill.number),
  'trade-id': Number(fill.id),
  type: typeOf(order),
})
