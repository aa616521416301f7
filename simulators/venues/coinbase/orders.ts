import { priceText, quantityText, trimDecimal } from '../../../src/kernel/index.ts'
import { averageUnits, feesOf, type SimulatedFill, type SimulatedOrder, tradedUnits } from '../core/index.ts'
import { iso, moneyOf } from './instruments.ts'

/** Orders and fills in Coinbase's words: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/get-order */

const LIFETIMES = { gtc: 'GOOD_UNTIL_CANCELLED', ioc: 'IMMEDIATE_OR_CANCEL', fok: 'FILL_OR_KILL' } as const
const TYPES = { limit: 'LIMIT', market: 'MARKET', stop: 'STOP_LIMIT', stop_limit: 'STOP_LIMIT' } as const
const STREAM_TYPES = { limit: 'Limit', market: 'Market', stop: 'Stop Limit', stop_limit: 'Stop Limit' } as const
const USER = 'simulated-user'

/** What an order was asked for with, by Coinbase's names of kinds of orders. */
const configurations = new WeakMap<SimulatedOrder, object>()
export const rememberConfiguration = (order: SimulatedOrder, configuration: object): void => {
  configurations.set(order, configuration)
}

const sizeText = ({ instrument }: SimulatedOrder, lots: number): string =>
  trimDecimal(quantityText(instrument.instrument, lots))
const limitText = ({ instrument, price }: SimulatedOrder): string =>
  price === null ? '' : trimDecimal(priceText(instrument.instrument, price))
const stopText = ({ instrument, triggerPrice }: SimulatedOrder): string =>
  triggerPrice === null ? '' : trimDecimal(priceText(instrument.instrument, triggerPrice))

/** An edited order is told with what it has become. */
function configurationOf(order: SimulatedOrder): object {
  const [[name, asked] = ['limit_limit_gtc', {}]] = Object.entries(configurations.get(order) ?? {})
  const now = order.price === null ? {} : { base_size: sizeText(order, order.quantity), limit_price: limitText(order) }
  return { [name]: { ...asked, ...now } }
}

export function statusOf({ state }: SimulatedOrder): string {
  if (state === 'open') return 'OPEN'
  return state === 'filled' ? 'FILLED' : state === 'rejected' ? 'FAILED' : 'CANCELLED'
}

const triggerStatusOf = ({ triggerPrice, triggered }: SimulatedOrder): string =>
  triggerPrice === null ? 'INVALID_ORDER_TYPE' : triggered ? 'STOP_TRIGGERED' : 'STOP_PENDING'

/** Value by size, as finely as money is told. */
const averageOf = (order: SimulatedOrder): string => moneyOf(averageUnits(order))

const figuresOf = (order: SimulatedOrder, fills: number) => {
  const [value, fees] = [tradedUnits(order), feesOf(order)]
  return {
    completion_percentage: String(Math.floor((order.filled / order.quantity) * 10_000) / 100),
    filled_value: moneyOf(value),
    number_of_fills: String(fills),
    total_fees: moneyOf(fees),
    total_value_after_fees: moneyOf(order.side === 'buy' ? value + fees : value - fees),
    outstanding_hold_amount: moneyOf(order.held),
  }
}

export const orderInfo = (order: SimulatedOrder, fills: readonly SimulatedFill[]) => ({
  order_id: order.id,
  product_id: order.instrument.symbol,
  user_id: USER,
  order_configuration: configurationOf(order),
  side: order.side.toUpperCase(),
  client_order_id: order.clientId,
  status: statusOf(order),
  time_in_force: LIFETIMES[order.timeInForce],
  created_time: iso(order.createdAt),
  filled_size: sizeText(order, order.filled),
  average_filled_price: averageOf(order),
  fee: '',
  ...figuresOf(order, fills.length),
  pending_cancel: false,
  size_in_quote: false,
  size_inclusive_of_fees: false,
  trigger_status: triggerStatusOf(order),
  order_type: TYPES[order.type],
  reject_reason: 'REJECT_REASON_UNSPECIFIED',
  settled: order.state !== 'open',
  product_type: 'SPOT',
  reject_message: '',
  cancel_message: order.state === 'canceled' || order.state === 'expired' ? order.reason : '',
  order_placement_source: 'RETAIL_ADVANCED',
  is_liquidation: false,
  last_fill_time: fills.length === 0 ? null : iso(fills.at(-1)!.at),
  leverage: '',
  margin_type: 'UNKNOWN_MARGIN_TYPE',
  retail_portfolio_id: '',
  originating_order_id: '',
  attached_order_id: '',
})

/** As the channel `user` tells it: sums only, the single fills are asked for over REST. */
export const orderEvent = (order: SimulatedOrder, fills: number, status = statusOf(order)) => ({
  order_id: order.id,
  client_order_id: order.clientId,
  cumulative_quantity: sizeText(order, order.filled),
  leaves_quantity: sizeText(order, order.state === 'open' ? order.quantity - order.filled : 0),
  avg_price: averageOf(order),
  ...figuresOf(order, fills),
  status,
  product_id: order.instrument.symbol,
  creation_time: iso(order.createdAt),
  order_side: order.side.toUpperCase(),
  order_type: STREAM_TYPES[order.type],
  cancel_reason: order.state === 'canceled' || order.state === 'expired' ? order.reason : '',
  reject_reason: '',
  contract_expiry_type: 'UNKNOWN_CONTRACT_EXPIRY_TYPE',
  product_type: 'SPOT',
  risk_managed_by: 'UNKNOWN_RISK_MANAGEMENT_TYPE',
  time_in_force: LIFETIMES[order.timeInForce],
  trigger_status: triggerStatusOf(order),
  limit_price: limitText(order),
  stop_price: stopText(order),
  post_only: String(order.postOnly),
  retail_portfolio_id: '',
  start_time: '0001-01-01T00:00:00Z',
  end_time: '0001-01-01T00:00:00Z',
})

export const fillInfo = ({ id, number, order, price, quantity, fee, at, liquidity }: SimulatedFill) => ({
  entry_id: `entry-${number}`,
  trade_id: id,
  order_id: order.id,
  trade_time: iso(at),
  trade_type: 'FILL',
  price: trimDecimal(priceText(order.instrument.instrument, price)),
  size: sizeText(order, quantity),
  commission: moneyOf(fee),
  product_id: order.instrument.symbol,
  sequence_timestamp: iso(at),
  liquidity_indicator: liquidity.toUpperCase(),
  size_in_quote: false,
  user_id: USER,
  side: order.side.toUpperCase(),
  retail_portfolio_id: '',
})
