import { priceText, quantityText } from '../../../src/kernel/index.ts'
import { decimalOf, notionalUnits, type SimulatedFill, type SimulatedOrder } from '../core/index.ts'

/** Orders and fills as Coinbase writes them, in REST and on the channel `user`. */

export const iso = (at: number): string =>
  `${new Date(Math.floor(at / 1_000)).toISOString().slice(0, -1)}${String(Math.floor(at % 1_000)).padStart(3, '0')}Z`

export const costOf = (order: SimulatedOrder): bigint => order.cost * notionalUnits(order.instrument.instrument, 1, 1)

const feesOf = (order: SimulatedOrder): bigint => [...order.fees.values()].reduce((sum, fee) => sum + fee, 0n)

export const STATUS = {
  open: 'OPEN',
  filled: 'FILLED',
  canceled: 'CANCELLED',
  expired: 'CANCELLED',
  rejected: 'FAILED',
} as const

export const averageOf = (order: SimulatedOrder): string => {
  if (order.filled === 0) return '0'
  // Averages fall between ticks: eight decimals more, rounded down.
  const { instrument } = order.instrument
  const units = (order.cost * BigInt(instrument.tickSize) * 10n ** 8n) / BigInt(order.filled)
  return decimalOf(units * 10n ** BigInt(10 - instrument.priceScale))
}

const timeInForce = (order: SimulatedOrder): string =>
  order.type === 'market' || order.timeInForce === 'ioc'
    ? 'IMMEDIATE_OR_CANCEL'
    : order.timeInForce === 'fok'
      ? 'FILL_OR_KILL'
      : 'GOOD_UNTIL_CANCELLED'

export function configurationOf(order: SimulatedOrder): Record<string, unknown> {
  const { instrument } = order.instrument
  const base_size = quantityText(instrument, order.quantity)
  if (order.type === 'market') return { market_market_ioc: { base_size } }
  const limit_price = priceText(instrument, order.price!)
  if (order.type === 'stop_limit')
    return {
      stop_limit_stop_limit_gtc: {
        base_size,
        limit_price,
        stop_price: priceText(instrument, order.triggerPrice!),
        stop_direction: order.side === 'buy' ? 'STOP_DIRECTION_STOP_UP' : 'STOP_DIRECTION_STOP_DOWN',
      },
    }
  if (order.timeInForce === 'ioc') return { sor_limit_ioc: { base_size, limit_price } }
  if (order.timeInForce === 'fok') return { limit_limit_fok: { base_size, limit_price } }
  return { limit_limit_gtc: { base_size, limit_price, post_only: order.postOnly } }
}

const TYPES = { limit: 'LIMIT', market: 'MARKET', stop: 'STOP', stop_limit: 'STOP_LIMIT' } as const

export function orderInfo(order: SimulatedOrder, fills: number): Record<string, unknown> {
  const cost = costOf(order)
  const fees = feesOf(order)
  return {
    order_id: order.id,
    product_id: order.instrument.symbol,
    user_id: '',
    order_configuration: configurationOf(order),
    side: order.side.toUpperCase(),
    client_order_id: order.clientId ?? '',
    status: STATUS[order.state],
    time_in_force: timeInForce(order),
    created_time: iso(order.createdAt),
    completion_percentage: ((100 * order.filled) / order.quantity).toFixed(2),
    filled_size: quantityText(order.instrument.instrument, order.filled),
    average_filled_price: averageOf(order),
    fee: '',
    number_of_fills: String(fills),
    filled_value: decimalOf(cost),
    pending_cancel: false,
    size_in_quote: false,
    total_fees: decimalOf(fees),
    size_inclusive_of_fees: false,
    total_value_after_fees: decimalOf(order.side === 'buy' ? cost + fees : cost - fees),
    trigger_status:
      order.triggerPrice === null ? 'INVALID_ORDER_TYPE' : order.triggered ? 'STOP_TRIGGERED' : 'STOP_PENDING',
    order_type: TYPES[order.type],
    reject_reason: 'REJECT_REASON_UNSPECIFIED',
    settled: order.state === 'filled',
    product_type: 'SPOT',
    reject_message: '',
    cancel_message: order.state === 'canceled' || order.state === 'expired' ? (order.reason ?? '') : '',
    outstanding_hold_amount: decimalOf(order.held),
    last_fill_time: fills === 0 ? null : iso(order.updatedAt),
  }
}

export const fillInfo = ({ id, order, price, quantity, fee, at, liquidity }: SimulatedFill) => ({
  entry_id: id,
  trade_id: id,
  order_id: order.id,
  trade_time: iso(at),
  trade_type: 'FILL',
  price: priceText(order.instrument.instrument, price),
  size: quantityText(order.instrument.instrument, quantity),
  commission: decimalOf(fee),
  product_id: order.instrument.symbol,
  sequence_timestamp: iso(at),
  liquidity_indicator: liquidity.toUpperCase(),
  size_in_quote: false,
  user_id: '',
  side: order.side.toUpperCase(),
  retail_portfolio_id: '',
})

const STREAM_TYPES = { limit: 'Limit', market: 'Market', stop: 'Stop', stop_limit: 'Stop Limit' } as const

/** https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels#user-channel */
export function streamOrder(order: SimulatedOrder, fills: number, status: string = STATUS[order.state]) {
  const { instrument } = order.instrument
  const cost = costOf(order)
  const fees = feesOf(order)
  return {
    avg_price: averageOf(order),
    cancel_reason: order.state === 'canceled' || order.state === 'expired' ? (order.reason ?? '') : '',
    client_order_id: order.clientId ?? '',
    completion_percentage: ((100 * order.filled) / order.quantity).toFixed(2),
    contract_expiry_type: 'UNKNOWN_CONTRACT_EXPIRY_TYPE',
    cumulative_quantity: quantityText(instrument, order.filled),
    filled_value: decimalOf(cost),
    leaves_quantity: quantityText(instrument, order.state === 'open' ? order.quantity - order.filled : 0),
    limit_price: order.price === null ? '0' : priceText(instrument, order.price),
    number_of_fills: String(fills),
    order_id: order.id,
    order_side: order.side.toUpperCase(),
    order_type: STREAM_TYPES[order.type],
    outstanding_hold_amount: decimalOf(order.held),
    post_only: String(order.postOnly),
    product_id: order.instrument.symbol,
    product_type: 'SPOT',
    reject_reason: '',
    retail_portfolio_id: '',
    risk_managed_by: 'UNKNOWN_RISK_MANAGEMENT_TYPE',
    status,
    stop_price: order.triggerPrice === null ? '' : priceText(instrument, order.triggerPrice),
    time_in_force: timeInForce(order),
    total_fees: decimalOf(fees),
    total_value_after_fees: decimalOf(order.side === 'buy' ? cost + fees : cost - fees),
    trigger_status: order.triggerPrice === null ? 'INVALID_ORDER_TYPE' : 'STOP_PENDING',
    creation_time: iso(order.createdAt),
    end_time: '0001-01-01T00:00:00Z',
    start_time: '0001-01-01T00:00:00Z',
  }
}
