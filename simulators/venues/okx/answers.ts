import { MICROS_PER_MS, type Micros, priceText, quantityText, trimDecimal } from '../../../src/kernel/index.ts'
import {
  type Account,
  averageUnits,
  decimalOf,
  type SimulatedFill,
  type SimulatedInstrument,
  type SimulatedOrder,
  shortPrice,
  shortQuantity,
} from '../core/index.ts'

/** Instruments, orders and fills as OKX's answers and private channels show them. */

export const ms = (at: Micros): string => String(Math.floor(at / MICROS_PER_MS))

export const price = (listed: SimulatedInstrument, ticks: number | null): string =>
  ticks === null ? '' : shortPrice(listed, ticks)

function stateOf({ state, filled }: SimulatedOrder): string {
  if (state === 'open') return filled > 0 ? 'partially_filled' : 'live'
  return state === 'filled' ? 'filled' : 'canceled'
}

function typeOf({ type, timeInForce, postOnly }: SimulatedOrder): string {
  if (type === 'market' || type === 'stop') return 'market'
  return postOnly ? 'post_only' : timeInForce === 'gtc' ? 'limit' : timeInForce
}

/** What is paid is below zero. */
export const paid = (units: bigint): string => (units === 0n ? '0' : `-${decimalOf(units)}`)

export function orderInfo(order: SimulatedOrder, last: SimulatedFill | undefined) {
  const { instrument: listed } = order
  const [[feeCcy, fee]] = [[...order.fees][0] ?? [listed.instrument[order.side === 'buy' ? 'base' : 'quote'], 0n]]
  const isOver = order.state === 'canceled' || order.state === 'expired'
  return {
    accFillSz: shortQuantity(listed, order.filled),
    algoClOrdId: '',
    algoId: order.triggerPrice === null ? '' : order.id,
    avgPx: order.filled === 0 ? '' : decimalOf(averageUnits(order)),
    cTime: ms(order.createdAt),
    // 1: by the user; 14: immediate-or-cancel; 13: fill-or-kill.
    cancelSource: !isOver ? '' : order.state === 'canceled' ? '1' : order.timeInForce === 'fok' ? '13' : '14',
    cancelSourceReason: '',
    category: 'normal',
    ccy: '',
    clOrdId: order.clientId ?? '',
    fee: paid(fee as bigint),
    feeCcy,
    fillPx: last === undefined ? '' : price(listed, last.price),
    fillSz: last === undefined ? '0' : shortQuantity(listed, last.quantity),
    fillTime: last === undefined ? '' : ms(last.at),
    instId: listed.symbol,
    instType: 'SPOT',
    lever: '',
    ordId: order.id,
    ordType: typeOf(order),
    pnl: '0',
    posSide: '',
    px: price(listed, order.price),
    rebate: '0',
    rebateCcy: listed.instrument[order.side === 'buy' ? 'quote' : 'base'],
    reduceOnly: 'false',
    side: order.side,
    source: order.triggerPrice === null ? '' : '7',
    state: stateOf(order),
    sz: shortQuantity(listed, order.quantity),
    tag: '',
    tdMode: 'cash',
    tgtCcy: typeOf(order) === 'market' ? 'base_ccy' : '',
    tradeId: last?.id ?? '',
    uTime: ms(order.updatedAt),
  }
}

/** A stop that waits. */
export const algoInfo = (order: SimulatedOrder) => ({
  algoId: order.id,
  algoClOrdId: order.clientId ?? '',
  clOrdId: '',
  instId: order.instrument.symbol,
  instType: 'SPOT',
  ordId: '',
  ordType: 'conditional',
  side: order.side,
  sz: shortQuantity(order.instrument, order.quantity),
  slTriggerPx: price(order.instrument, order.triggerPrice),
  slTriggerPxType: 'last',
  slOrdPx: order.price === null ? '-1' : price(order.instrument, order.price),
  tpTriggerPx: '',
  tpOrdPx: '',
  state: order.state === 'open' ? 'live' : 'canceled',
  tdMode: 'cash',
  tgtCcy: 'base_ccy',
  cTime: ms(order.createdAt),
  uTime: ms(order.updatedAt),
})

/** The entry of a fill in the account's bills: pages of fills are counted by it. */
export const billOf = ({ number }: SimulatedFill): string => String(2_498_000_000_000_000_000n + BigInt(number))

export const fillInfo = (fill: SimulatedFill) => ({
  instType: 'SPOT',
  instId: fill.order.instrument.symbol,
  tradeId: fill.id,
  ordId: fill.order.id,
  clOrdId: fill.order.clientId ?? '',
  billId: billOf(fill),
  tag: '',
  fillPx: price(fill.order.instrument, fill.price),
  fillSz: shortQuantity(fill.order.instrument, fill.quantity),
  side: fill.order.side,
  posSide: 'net',
  execType: fill.liquidity === 'maker' ? 'M' : 'T',
  feeCcy: fill.feeAsset,
  fee: paid(fill.fee),
  ts: ms(fill.at),
  fillTime: ms(fill.at),
})

/** The account; what its coins are worth in dollars a spot account does not say here. */
export const balanceInfo = (account: Account, assets: readonly string[], now: Micros) => ({
  adjEq: '',
  details: assets.map(ccy => ({
    ccy,
    availBal: decimalOf(account.free(ccy)),
    availEq: '',
    cashBal: decimalOf(account.total(ccy)),
    eq: decimalOf(account.total(ccy)),
    frozenBal: decimalOf(account.held(ccy)),
    ordFrozen: decimalOf(account.held(ccy)),
    liab: '',
    uTime: ms(now),
  })),
  isoEq: '',
  ordFroz: '',
  totalEq: '',
  uTime: ms(now),
})

export const configInfo = ({ permissions }: Account) => ({
  uid: '43812',
  mainUid: '43812',
  acctLv: '1',
  posMode: 'net_mode',
  label: 'simulated',
  perm: ['read_only', ...(permissions.trade ? ['trade'] : []), ...(permissions.withdraw ? ['withdraw'] : [])].join(','),
  ip: '',
  kycLv: '2',
  level: 'Lv1',
})

export const rate = (ppm: number): string => String(-ppm / 1_000_000)

export const instrumentInfo = ({ symbol, instrument }: SimulatedInstrument) => ({
  alias: '',
  baseCcy: instrument.base,
  category: '1',
  ctMult: '',
  ctType: '',
  ctVal: '',
  ctValCcy: '',
  expTime: '',
  instFamily: '',
  instId: symbol,
  instType: 'SPOT',
  lever: '',
  listTime: '1548133413000',
  lotSz: quantityText(instrument, 1),
  maxLmtAmt: '20000000',
  maxLmtSz: trimDecimal(quantityText(instrument, instrument.quantityMax)),
  maxMktAmt: '1000000',
  maxMktSz: '1000000',
  minSz: trimDecimal(quantityText(instrument, instrument.quantityMin)),
  optType: '',
  quoteCcy: instrument.quote,
  ruleType: 'normal',
  settleCcy: '',
  state: 'live',
  stk: '',
  tickSz: priceText(instrument, 1),
  uly: '',
})
