import { AppError, formatDecimal, lotsOf, parseDecimal, priceText, quantityText, ticksOf } from '../kernel/index.ts'
import type { FillPlace, FillTable, OrderTable } from './history/store.ts'
import { amountText, type HouseMarket, houseId } from './listing.ts'
import type { NewCommand } from './shard/command.ts'
import type { Done } from './shard/owner.ts'
import type { AckView, HouseFillView, HouseOrderView, HouseTradeView, NewOrder, OrderChange } from './views.ts'

/** Between orders as they are on the wire and as the engine knows them. */

const invalid = (field: string, rule: string) => new AppError('request.invalid', { field, rule })

/** @throws AppError `request.invalid` naming the field and the rule */
export function placeCommand(market: HouseMarket, account: number, order: NewOrder): NewCommand {
  const { instrument } = market
  const { type } = order
  const isResting = type === 'limit' || type === 'stop_limit'
  const timeInForce = order.timeInForce ?? (isResting ? 'gtc' : 'ioc')
  need('price', order.price, isResting, `a ${type} order`)
  need('triggerPrice', order.triggerPrice, type === 'stop' || type === 'stop_limit', `a ${type} order`)
  need('expireAt', order.expireAt, timeInForce === 'gtd', `an order with timeInForce ${timeInForce}`)
  const rests = timeInForce === 'gtc' || timeInForce === 'gtd'
  if (!isResting && rests) throw invalid('timeInForce', `is ioc or fok for a ${type} order`)
  if (order.postOnly && !(isResting && rests)) throw invalid('postOnly', 'is for orders that may rest')
  const quantity = lotsOf(instrument, order.quantity, 'quantity')
  const display = order.displayQuantity === undefined ? 0 : lotsOf(instrument, order.displayQuantity, 'displayQuantity')
  if (display !== 0 && !(type === 'limit' && rests))
    throw invalid('displayQuantity', 'is for limit orders that may rest')
  if (display !== 0 && display >= quantity) throw invalid('displayQuantity', 'is less than the quantity')
  if (quantity < market.rules.quantityMin)
    throw invalid('quantity', `is at least ${quantityText(instrument, market.rules.quantityMin)}`)
  if (quantity > market.rules.quantityMax)
    throw invalid('quantity', `is at most ${quantityText(instrument, market.rules.quantityMax)}`)
  const price = (text: string | undefined, field: string): number => {
    if (text === undefined) return 0
    const ticks = ticksOf(instrument, text, field)
    if (ticks <= 0) throw invalid(field, 'is above zero')
    if (ticks > market.rules.priceMax)
      throw invalid(field, `is at most ${priceText(instrument, market.rules.priceMax)}`)
    return ticks
  }
  return {
    kind: 'place',
    account,
    instrument: market.number,
    clientId: order.clientId ?? '',
    side: order.side,
    type,
    timeInForce,
    price: price(order.price, 'price'),
    trigger: price(order.triggerPrice, 'triggerPrice'),
    quantity,
    display,
    isPostOnly: order.postOnly ?? false,
    selfTrade: order.selfTradePrevention ?? 'cancel_newest',
    expireAt: order.expireAt ?? 0,
    session: order.session ?? 0,
  }
}

function need(field: string, value: unknown, isNeeded: boolean, of: string): void {
  if (isNeeded && value === undefined) throw invalid(field, `is needed by ${of}`)
  if (!isNeeded && value !== undefined) throw invalid(field, `is not for ${of}`)
}

/** @throws AppError `request.invalid` */
export function amendCommand(market: HouseMarket, account: number, order: number, change: OrderChange): NewCommand {
  if (change.price === undefined && change.quantity === undefined) throw invalid('price', 'or quantity is given')
  const price = change.price === undefined ? 0 : ticksOf(market.instrument, change.price, 'price')
  const quantity = change.quantity === undefined ? 0 : lotsOf(market.instrument, change.quantity, 'quantity')
  if (change.price !== undefined && price <= 0) throw invalid('price', 'is above zero')
  if (change.quantity !== undefined && quantity <= 0) throw invalid('quantity', 'is above zero')
  return { kind: 'amend', account, order, clientId: '', price, quantity }
}

export const orderIdText = (shard: number, id: number): string => `${shard}-${id}`

/** `0-1234` → shard and number. */
export function parseOrderId(text: string): { shard: number; id: number } {
  const [shard, id] = text.split('-').map(Number)
  return { shard: shard!, id: id! }
}

/** `1763700000000000:XRP/USD-7:0-1234`: time, id and order of a fill, as its view has them, → its place. */
export function parseFillPlace(text: string): FillPlace {
  const [at, id, order] = text.split(':') as [string, string, string]
  const dash = id.lastIndexOf('-')
  return { at: Number(at), pair: id.slice(0, dash), trade: Number(id.slice(dash + 1)), order: parseOrderId(order) }
}

/** What came of placing or amending an order at once. */
export function ackOf(
  market: HouseMarket,
  shard: number,
  order: number,
  { command, reports }: Done,
  of: { clientId: string; quantity: number; isStop: boolean },
): AckView {
  const { instrument, quote } = market
  let filled = 0
  let state: AckView['state'] = of.isStop ? 'waiting' : 'open'
  let reason: string | null = null
  const fills: AckView['fills'] = []
  for (const report of reports) {
    if (report.type === 'traded' && (report.taker === order || report.maker === order)) {
      const isTaker = report.taker === order
      filled += report.quantity
      if ((isTaker ? report.takerOpen : report.makerOpen) === 0) state = 'filled'
      fills.push({
        trade: String(report.trade),
        price: priceText(instrument, report.price),
        quantity: quantityText(instrument, report.quantity),
        fee: amountText(quote, isTaker ? report.takerFee : report.makerFee),
        liquidity: report.isAuction ? 'auction' : isTaker ? 'taker' : 'maker',
      })
    } else if (report.type === 'triggered' && report.order === order) state = 'open'
    else if (report.type === 'canceled' && report.order === order) {
      state = report.reason === 'expired' ? 'expired' : 'canceled'
      reason = report.reason
    }
  }
  return {
    id: orderIdText(shard, order),
    clientId: of.clientId === '' ? null : of.clientId,
    instrument: instrument.id,
    state,
    at: command.at,
    quantity: quantityText(instrument, of.quantity),
    filled: quantityText(instrument, filled),
    repeated: false,
    reason,
    fills,
  }
}

/** An order that was there already, as an answer to its being placed again. */
export const repeatedAck = (order: HouseOrderView): AckView => ({
  id: order.id,
  clientId: order.clientId,
  instrument: order.instrument,
  state: order.state,
  at: order.createdAt,
  quantity: order.quantity,
  filled: order.filled,
  repeated: true,
  reason: order.reason,
  fills: [],
})

/** Decimals beyond the tick that an average price is given with. */
const AVERAGE_DECIMALS = 4

export function orderView(market: HouseMarket, row: OrderTable): HouseOrderView {
  const { instrument, quote } = market
  const exact = (text: string, scale: number) => formatDecimal(parseDecimal(text, scale), scale)
  const quantity = (text: string) => exact(text, instrument.quantityScale)
  const filled = parseDecimal(row.filled, instrument.quantityScale)
  const cost = parseDecimal(row.cost, quote.scale)
  const scale = instrument.priceScale + AVERAGE_DECIMALS
  const average =
    filled === 0n
      ? null
      : (cost * 10n ** BigInt(scale + instrument.quantityScale)) / (filled * 10n ** BigInt(quote.scale))
  return {
    id: orderIdText(row.shard, row.id),
    clientId: row.client_id === '' ? null : row.client_id,
    instrument: houseId(row.pair),
    side: row.side,
    type: row.type,
    timeInForce: row.time_in_force,
    postOnly: row.post_only,
    state: row.state,
    price: row.price === null ? null : exact(row.price, instrument.priceScale),
    triggerPrice: row.trigger_price === null ? null : exact(row.trigger_price, instrument.priceScale),
    quantity: quantity(row.quantity),
    displayQuantity: row.display === null ? null : quantity(row.display),
    filled: quantity(row.filled),
    averagePrice: average === null ? null : formatDecimal(average, scale),
    fees: exact(row.fees, quote.scale),
    reason: row.reason,
    expireAt: row.expire_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

export const tradeView = (
  { instrument }: HouseMarket,
  row: Pick<FillTable, 'trade' | 'side' | 'price' | 'quantity' | 'at'>,
): HouseTradeView => ({
  id: String(row.trade),
  instrument: instrument.id,
  side: row.side,
  price: formatDecimal(parseDecimal(row.price, instrument.priceScale), instrument.priceScale),
  quantity: formatDecimal(parseDecimal(row.quantity, instrument.quantityScale), instrument.quantityScale),
  at: row.at,
})

/** Of one side of a trade: unique for its owner, whose orders never trade with each other. */
export const fillIdText = (pair: string, trade: number): string => `${pair}-${trade}`

export const fillView = (market: HouseMarket, row: Omit<FillTable, 'tenant_id'>): HouseFillView => ({
  id: fillIdText(row.pair, row.trade),
  order: orderIdText(row.shard, row.order_id),
  clientId: row.client_id === '' ? null : row.client_id,
  instrument: houseId(row.pair),
  side: row.side,
  price: formatDecimal(parseDecimal(row.price, market.instrument.priceScale), market.instrument.priceScale),
  quantity: formatDecimal(parseDecimal(row.quantity, market.instrument.quantityScale), market.instrument.quantityScale),
  fee: formatDecimal(parseDecimal(row.fee, market.quote.scale), market.quote.scale),
  feeAsset: market.quote.code,
  liquidity: row.liquidity,
  at: row.at,
})
