import {
  isDecimal,
  lotsOf,
  type OrderType,
  type Side,
  type Ticks,
  type TimeInForce,
  ticksOf,
} from '../../../src/kernel/index.ts'
import {
  lastPrice,
  type NewSimulatedOrder,
  notionalUnits,
  type SimulatedInstrument,
  unitsOf,
  type VenueContext,
} from '../core/index.ts'
import { ORDER_FAILURES, type OrderFailure, REFUSALS } from './errors.ts'
import { productNamed } from './instruments.ts'

/** Kinds of orders: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/create-order , "order_configuration" */

const KINDS: Readonly<Record<string, readonly [OrderType, TimeInForce]>> = {
  market_market_ioc: ['market', 'ioc'],
  limit_limit_gtc: ['limit', 'gtc'],
  sor_limit_ioc: ['limit', 'ioc'],
  limit_limit_fok: ['limit', 'fok'],
  stop_limit_stop_limit_gtc: ['stop_limit', 'gtc'],
}
const LEVELS_WALKED = 5_000

export interface OrderBody {
  readonly client_order_id?: string
  readonly product_id?: string
  readonly side?: string
  readonly order_configuration?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const isFailure = (value: unknown): value is OrderFailure =>
  typeof value === 'object' && value !== null && 'preview' in value

/** The order that is asked for, or why there will be none. */
export function readOrder(body: OrderBody, context: VenueContext): NewSimulatedOrder | OrderFailure {
  const instrument = productNamed(body.product_id)
  if (instrument === undefined) return ORDER_FAILURES.product
  const side = body.side?.toLowerCase()
  if (side !== 'buy' && side !== 'sell') return ORDER_FAILURES.side
  const [[name, fields] = ['', {}], ...others] = Object.entries(body.order_configuration ?? {})
  const kind = KINDS[name]
  if (kind === undefined || others.length > 0) return ORDER_FAILURES.configuration
  const [type, timeInForce] = kind
  const price = type === 'market' ? null : readPrice(fields.limit_price, instrument)
  if (isFailure(price)) return price
  const triggerPrice = type === 'stop_limit' ? readPrice(fields.stop_price, instrument) : null
  if (isFailure(triggerPrice)) return triggerPrice
  const stop =
    triggerPrice === null ? null : stopFailure(context, instrument, side, triggerPrice, fields.stop_direction)
  if (stop !== null) return stop
  const quantity =
    fields.quote_size === undefined || type !== 'market'
      ? readSize(fields.base_size, instrument)
      : sizeFor(String(fields.quote_size), context, instrument, side)
  if (isFailure(quantity)) return quantity
  const clientId = body.client_order_id ?? null
  const postOnly = fields.post_only === true
  return { clientId, instrument, side, type, timeInForce, postOnly, price, triggerPrice, quantity }
}

export function readPrice(given: unknown, { instrument }: SimulatedInstrument): Ticks | OrderFailure {
  if (typeof given !== 'string' || !isDecimal(given)) return REFUSALS.price_invalid
  try {
    return ticksOf(instrument, given)
  } catch {
    return ORDER_FAILURES.price_precision
  }
}

export function readSize(given: unknown, { instrument }: SimulatedInstrument): number | OrderFailure {
  if (typeof given !== 'string' || !isDecimal(given)) return REFUSALS.quantity_too_small
  try {
    return lotsOf(instrument, given)
  } catch {
    return ORDER_FAILURES.size_precision
  }
}

/** The most that so much of the quote asset pays for, its fee included: what an order may spend is what it costs. */
function sizeFor(
  given: string,
  { market }: VenueContext,
  listed: SimulatedInstrument,
  side: Side,
): number | OrderFailure {
  if (!isDecimal(given)) return ORDER_FAILURES.size_precision
  const spent = unitsOf(given)
  if (spent < listed.notionalMin) return REFUSALS.notional_too_small
  let left = side === 'buy' ? (spent * MILLION) / (MILLION + BigInt(listed.takerPpm)) : spent
  let lots = 0
  for (const [price, quantity] of market.levels(listed, LEVELS_WALKED)[side === 'buy' ? 'asks' : 'bids']) {
    const lot = notionalUnits(listed.instrument, price, 1)
    const affordable = left / lot
    const taken = affordable < BigInt(quantity) ? Number(affordable) : quantity
    lots += taken
    left -= lot * BigInt(taken)
    if (taken < quantity) break
  }
  return lots === 0 ? REFUSALS.not_fillable : lots
}
const MILLION = 1_000_000n

/** A stop waits for the price to come to it, from the side that it names; here buys wait above the market and sells below it. */
function stopFailure(
  context: VenueContext,
  listed: SimulatedInstrument,
  side: Side,
  trigger: Ticks,
  direction: unknown,
): OrderFailure | null {
  const isUp = direction === 'STOP_DIRECTION_STOP_UP'
  if (!isUp && direction !== 'STOP_DIRECTION_STOP_DOWN') return ORDER_FAILURES.configuration
  if (isUp !== (side === 'buy')) return ORDER_FAILURES.configuration
  const last = lastPrice(context, listed)
  if (isUp) return trigger <= last ? ORDER_FAILURES.stop_below : null
  return trigger >= last ? ORDER_FAILURES.stop_above : null
}
