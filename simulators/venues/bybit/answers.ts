import {
  MICROS_PER_MS,
  type Micros,
  powerOfTen,
  priceText,
  quantityText,
  trimDecimal,
} from '../../../src/kernel/index.ts'
import {
  type Account,
  ASSET_SCALE,
  averageUnits,
  decimalOf,
  feesOf,
  isWaiting,
  notionalUnits,
  type SimulatedFill,
  type SimulatedInstrument,
  type SimulatedOrder,
  shortPrice,
  shortQuantity,
  tradedUnits,
} from '../core/index.ts'

/** Symbols, orders and fills as Bybit's answers and private streams show them. */

export const ms = (at: Micros): number => Math.floor(at / MICROS_PER_MS)
const time = (at: Micros): string => String(ms(at))

export const price = (listed: SimulatedInstrument, ticks: number | null): string =>
  ticks === null ? '0' : shortPrice(listed, ticks)

export const SIDES = { buy: 'Buy', sell: 'Sell' } as const

function statusOf(order: SimulatedOrder): string {
  const { state, filled } = order
  if (state === 'open') return isWaiting(order) ? 'Untriggered' : filled > 0 ? 'PartiallyFilled' : 'New'
  if (state === 'filled') return 'Filled'
  if (isWaiting(order)) return 'Deactivated'
  return filled > 0 ? 'PartiallyFilledCanceled' : 'Cancelled'
}

const isMarket = ({ type }: SimulatedOrder): boolean => type === 'market' || type === 'stop'

export function orderInfo(order: SimulatedOrder) {
  const { instrument: listed } = order
  const open = order.state === 'open' ? order.quantity - order.filled : 0
  const isStop = order.triggerPrice !== null
  return {
    category: 'spot',
    symbol: listed.symbol,
    orderId: order.id,
    orderLinkId: order.clientId ?? '',
    blockTradeId: '',
    side: SIDES[order.side],
    orderType: isMarket(order) ? 'Market' : 'Limit',
    ...(isMarket(order) ? { marketUnit: 'baseCoin' } : {}),
    price: price(listed, order.price),
    qty: shortQuantity(listed, order.quantity),
    isLeverage: '0',
    positionIdx: 0,
    orderStatus: statusOf(order),
    createType: 'CreateByUser',
    cancelType: order.state === 'canceled' ? 'CancelByUser' : 'UNKNOWN',
    rejectReason: order.state === 'expired' ? 'EC_NoImmediateQtyToFill' : 'EC_NoError',
    avgPrice: order.filled === 0 ? '' : decimalOf(averageUnits(order)),
    leavesQty: shortQuantity(listed, open),
    leavesValue: decimalOf(order.price === null ? 0n : notionalUnits(listed.instrument, order.price, open)),
    cumExecQty: shortQuantity(listed, order.filled),
    cumExecValue: decimalOf(tradedUnits(order)),
    cumExecFee: decimalOf(feesOf(order)),
    cumFeeDetail: Object.fromEntries([...order.fees].map(([asset, fee]) => [asset, decimalOf(fee)])),
    timeInForce: isMarket(order) ? 'IOC' : order.postOnly ? 'PostOnly' : order.timeInForce.toUpperCase(),
    stopOrderType: isStop ? 'tpslOrder' : '',
    triggerPrice: price(listed, order.triggerPrice),
    triggerDirection: 0,
    triggerBy: '',
    takeProfit: '',
    stopLoss: '',
    reduceOnly: false,
    closeOnTrigger: false,
    smpType: 'None',
    smpGroup: 0,
    smpOrderId: '',
    createdTime: time(order.createdAt),
    updatedTime: time(order.updatedAt),
  }
}

export function fillInfo(fill: SimulatedFill) {
  const { order, price: at, quantity: lots } = fill
  const { instrument: listed } = order
  const isMaker = fill.liquidity === 'maker'
  return {
    category: 'spot',
    symbol: listed.symbol,
    orderId: order.id,
    orderLinkId: order.clientId ?? '',
    side: SIDES[order.side],
    orderPrice: price(listed, order.price),
    orderQty: shortQuantity(listed, order.quantity),
    leavesQty: shortQuantity(listed, order.quantity - order.filled),
    createType: 'CreateByUser',
    orderType: isMarket(order) ? 'Market' : 'Limit',
    stopOrderType: order.triggerPrice === null ? '' : 'tpslOrder',
    execFee: decimalOf(fill.fee),
    execId: fill.id,
    execPrice: price(listed, at),
    execQty: shortQuantity(listed, lots),
    execType: 'Trade',
    execValue: decimalOf(notionalUnits(listed.instrument, at, lots)),
    execTime: time(fill.at),
    feeCurrency: fill.feeAsset,
    isMaker,
    feeRate: rate(isMaker ? listed.makerPpm : listed.takerPpm),
    tradeIv: '',
    markIv: '',
    markPrice: '',
    indexPrice: '',
    underlyingPrice: '',
    blockTradeId: '',
    closedSize: '',
    isLeverage: '0',
    seq: fill.number,
  }
}

export const rate = (ppm: number): string => String(ppm / 1_000_000)

/** The account's coins; of what they are worth in dollars a spot account says nothing here. */
export const walletInfo = (account: Account, assets: readonly string[]) => ({
  accountType: 'UNIFIED',
  accountLTV: '',
  accountIMRate: '',
  accountMMRate: '',
  totalEquity: '',
  totalWalletBalance: '',
  totalMarginBalance: '',
  totalAvailableBalance: '',
  totalPerpUPL: '',
  totalInitialMargin: '',
  totalMaintenanceMargin: '',
  coin: assets.map(coin => ({
    coin,
    equity: decimalOf(account.total(coin)),
    usdValue: '',
    walletBalance: decimalOf(account.total(coin)),
    locked: decimalOf(account.held(coin)),
    spotHedgingQty: '0',
    borrowAmount: '0',
    availableToWithdraw: '',
    accruedInterest: '0',
    totalOrderIM: '0',
    totalPositionIM: '0',
    totalPositionMM: '0',
    unrealisedPnl: '0',
    cumRealisedPnl: '0',
    bonus: '0',
    marginCollateral: true,
    collateralSwitch: true,
    spotBorrow: '0',
  })),
})

export const keyInfo = ({ apiKey, permissions }: Account) => ({
  id: '13770661',
  note: 'simulated',
  apiKey,
  readOnly: permissions.trade ? 0 : 1,
  secret: '',
  permissions: {
    ContractTrade: [],
    Spot: permissions.trade ? ['SpotTrade'] : [],
    Wallet: permissions.withdraw ? ['AccountTransfer', 'Withdraw'] : [],
    Options: [],
    Derivatives: [],
    CopyTrading: [],
    BlockTrade: [],
    Exchange: [],
    NFT: [],
  },
  ips: ['*'],
  type: 1,
  unified: 0,
  uta: 1,
  userID: 24_617_703,
  inviterID: 0,
  vipLevel: 'No VIP',
  isMaster: true,
})

export const symbolInfo = ({ symbol, instrument }: SimulatedInstrument) => ({
  symbol,
  baseCoin: instrument.base,
  quoteCoin: instrument.quote,
  innovation: '0',
  status: 'Trading',
  marginTrading: 'none',
  stTag: '0',
  lotSizeFilter: {
    basePrecision: quantityText(instrument, 1),
    quotePrecision: decimalOf(powerOfTen(ASSET_SCALE - instrument.priceScale - instrument.quantityScale)),
    minOrderQty: trimDecimal(quantityText(instrument, instrument.quantityMin)),
    maxOrderQty: trimDecimal(quantityText(instrument, instrument.quantityMax)),
    minOrderAmt: instrument.notionalMin,
    maxOrderAmt: '8000000',
  },
  priceFilter: { tickSize: priceText(instrument, 1) },
})
