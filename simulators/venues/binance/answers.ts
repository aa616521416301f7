import { MICROS_PER_MS, type Micros, priceText, quantityText, type Ticks } from '../../../src/kernel/index.ts'
import {
  type Account,
  decimalOf,
  notionalUnits,
  type SimulatedFill,
  type SimulatedInstrument,
  type SimulatedOrder,
} from '../core/index.ts'

/** Symbols, orders and fills as Binance's answers show them. */

const DECIMALS = 8

export const ms = (at: Micros): number => Math.floor(at / MICROS_PER_MS)

/** Binance writes every number of an asset with eight decimals. */
export function eight(decimal: string): string {
  const [whole, fraction = ''] = decimal.split('.')
  return `${whole}.${fraction.padEnd(DECIMALS, '0').slice(0, DECIMALS)}`
}

export const price = ({ instrument }: SimulatedInstrument, ticks: Ticks | null): string =>
  eight(ticks === null ? '0' : priceText(instrument, ticks))
export const quantity = ({ instrument }: SimulatedInstrument, lots: number): string =>
  eight(quantityText(instrument, lots))

export const costOf = (order: SimulatedOrder): string =>
  eight(decimalOf(order.cost * notionalUnits(order.instrument.instrument, 1, 1)))

export function typeOf({ type, postOnly }: SimulatedOrder): string {
  if (type === 'limit') return postOnly ? 'LIMIT_MAKER' : 'LIMIT'
  return { market: 'MARKET', stop: 'STOP_LOSS', stop_limit: 'STOP_LOSS_LIMIT' }[type]
}

export function statusOf({ state, filled }: SimulatedOrder): string {
  if (state === 'open') return filled > 0 ? 'PARTIALLY_FILLED' : 'NEW'
  return state.toUpperCase()
}

/** What every answer about an order has. */
const common = (order: SimulatedOrder) => ({
  symbol: order.instrument.symbol,
  orderId: Number(order.id),
  orderListId: -1,
  clientOrderId: order.clientId,
  price: price(order.instrument, order.price),
  origQty: quantity(order.instrument, order.quantity),
  executedQty: quantity(order.instrument, order.filled),
  origQuoteOrderQty: eight('0'),
  cummulativeQuoteQty: costOf(order),
  status: statusOf(order),
  timeInForce: order.timeInForce.toUpperCase(),
  type: typeOf(order),
  side: order.side.toUpperCase(),
  ...(order.triggerPrice === null ? {} : { stopPrice: price(order.instrument, order.triggerPrice) }),
  selfTradePreventionMode: 'NONE',
})

export const orderInfo = (order: SimulatedOrder) => ({
  ...common(order),
  stopPrice: price(order.instrument, order.triggerPrice),
  icebergQty: eight('0'),
  time: ms(order.createdAt),
  updateTime: ms(order.updatedAt),
  isWorking: order.triggerPrice === null || order.triggered,
  workingTime: ms(order.createdAt),
})

/** The answer to a new order: `FULL` lists its fills, `ACK` leaves all but the ids out. */
export function placedInfo(order: SimulatedOrder, fills: readonly SimulatedFill[], detail: string) {
  const { symbol, orderId, orderListId, clientOrderId, ...rest } = common(order)
  const acknowledged = { symbol, orderId, orderListId, clientOrderId, transactTime: ms(order.updatedAt) }
  if (detail === 'ACK') return acknowledged
  const result = { ...acknowledged, ...rest, workingTime: ms(order.createdAt) }
  if (detail === 'RESULT') return result
  return {
    ...result,
    fills: fills.map(fill => ({
      price: price(order.instrument, fill.price),
      qty: quantity(order.instrument, fill.quantity),
      commission: eight(decimalOf(fill.fee)),
      commissionAsset: fill.feeAsset,
      tradeId: fill.number,
    })),
  }
}

/** A cancel has an id of its own, and names the order's. */
export const canceledInfo = (order: SimulatedOrder, cancelId: string) => ({
  ...common(order),
  origClientOrderId: order.clientId,
  clientOrderId: cancelId,
  transactTime: ms(order.updatedAt),
})

export const amendedInfo = (order: SimulatedOrder, before: string | null, executionId: number) => ({
  transactTime: ms(order.updatedAt),
  executionId,
  amendedOrder: {
    symbol: order.instrument.symbol,
    orderId: Number(order.id),
    orderListId: -1,
    origClientOrderId: before,
    clientOrderId: order.clientId,
    price: price(order.instrument, order.price),
    qty: quantity(order.instrument, order.quantity),
    executedQty: quantity(order.instrument, order.filled),
    preventedQty: eight('0'),
    quoteOrderQty: eight('0'),
    cumulativeQuoteQty: costOf(order),
    status: statusOf(order),
    timeInForce: order.timeInForce.toUpperCase(),
    type: typeOf(order),
    side: order.side.toUpperCase(),
    workingTime: ms(order.createdAt),
    selfTradePreventionMode: 'NONE',
  },
})

export const fillInfo = ({
  order,
  number,
  price: at,
  quantity: lots,
  fee,
  feeAsset,
  at: time,
  liquidity,
}: SimulatedFill) => ({
  symbol: order.instrument.symbol,
  id: number,
  orderId: Number(order.id),
  orderListId: -1,
  price: price(order.instrument, at),
  qty: quantity(order.instrument, lots),
  quoteQty: eight(decimalOf(notionalUnits(order.instrument.instrument, at, lots))),
  commission: eight(decimalOf(fee)),
  commissionAsset: feeAsset,
  time: ms(time),
  isBuyer: order.side === 'buy',
  isMaker: liquidity === 'maker',
  isBestMatch: true,
})

const rate = (ppm: number): string => eight(String(ppm / 1_000_000))

export const commissionInfo = ({ symbol, makerPpm, takerPpm }: SimulatedInstrument) => {
  const nothing = { maker: eight('0'), taker: eight('0'), buyer: eight('0'), seller: eight('0') }
  return {
    symbol,
    standardCommission: { ...nothing, maker: rate(makerPpm), taker: rate(takerPpm) },
    specialCommission: nothing,
    taxCommission: nothing,
    discount: { enabledForAccount: false, enabledForSymbol: false, discountAsset: 'BNB', discount: '0.75000000' },
  }
}

export const accountInfo = (account: Account, { makerPpm, takerPpm }: SimulatedInstrument, now: Micros) => ({
  makerCommission: makerPpm / 100,
  takerCommission: takerPpm / 100,
  buyerCommission: 0,
  sellerCommission: 0,
  commissionRates: { maker: rate(makerPpm), taker: rate(takerPpm), buyer: eight('0'), seller: eight('0') },
  canTrade: account.permissions.trade,
  canWithdraw: account.permissions.withdraw,
  canDeposit: true,
  brokered: false,
  requireSelfTradePrevention: false,
  preventSor: false,
  updateTime: ms(now),
  accountType: 'SPOT',
  balances: account.assets.map(asset => balanceInfo(account, asset)),
  permissions: ['SPOT'],
  uid: 354_937_868,
})

const balanceInfo = (account: Account, asset: string) => ({
  asset,
  free: eight(decimalOf(account.free(asset))),
  locked: eight(decimalOf(account.held(asset))),
})

export const restrictionsInfo = ({ permissions }: Account) => ({
  ipRestrict: false,
  createTime: 1_698_645_219_000,
  enableReading: permissions.read,
  enableSpotAndMarginTrading: permissions.trade,
  enableWithdrawals: permissions.withdraw,
  enableInternalTransfer: false,
  enableMargin: false,
  enableFutures: false,
  permitsUniversalTransfer: false,
  enableVanillaOptions: false,
  enablePortfolioMarginTrading: false,
})

export const symbolInfo = ({ symbol, instrument }: SimulatedInstrument) => ({
  symbol,
  status: 'TRADING',
  baseAsset: instrument.base,
  baseAssetPrecision: DECIMALS,
  quoteAsset: instrument.quote,
  quotePrecision: DECIMALS,
  quoteAssetPrecision: DECIMALS,
  baseCommissionPrecision: DECIMALS,
  quoteCommissionPrecision: DECIMALS,
  orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT'],
  icebergAllowed: false,
  ocoAllowed: false,
  otoAllowed: false,
  quoteOrderQtyMarketAllowed: false,
  allowTrailingStop: false,
  cancelReplaceAllowed: true,
  amendAllowed: true,
  isSpotTradingAllowed: true,
  isMarginTradingAllowed: false,
  filters: [
    {
      filterType: 'PRICE_FILTER',
      minPrice: eight(priceText(instrument, 1)),
      maxPrice: '1000000.00000000',
      tickSize: eight(priceText(instrument, 1)),
    },
    {
      filterType: 'LOT_SIZE',
      minQty: eight(quantityText(instrument, instrument.quantityMin)),
      maxQty: eight(quantityText(instrument, instrument.quantityMax)),
      stepSize: eight(quantityText(instrument, 1)),
    },
    {
      filterType: 'NOTIONAL',
      minNotional: eight(instrument.notionalMin),
      applyMinToMarket: true,
      maxNotional: '9000000.00000000',
      applyMaxToMarket: false,
      avgPriceMins: 5,
    },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 500 },
  ],
  permissions: [],
  permissionSets: [['SPOT']],
  defaultSelfTradePreventionMode: 'NONE',
  allowedSelfTradePreventionModes: ['NONE'],
})
