import {
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  priceText,
  quantityText,
} from '../../../src/kernel/index.ts'
import {
  bestLevels,
  json,
  type NumberedTrade,
  type SimulatedAnswer,
  type SimulatedInstrument,
  type VenueContext,
} from '../core/index.ts'
import { invalid, NO_SYMBOL, ok, okV2, refused } from './errors.ts'
import { HTX_CURRENCIES, HTX_INSTRUMENTS, instrumentNamed } from './instruments.ts'
import { ms } from './views.ts'

/** Public REST: https://huobiapi.github.io/docs/spot/v1/en/#reference-data and …/#market-data */

const DEPTH_MAX = 150
const DEPTHS = [5, 10, 20]
const TRADES_MAX = 2_000
const CANDLES_MAX = 2_000
export const PERIODS: Readonly<Record<string, number>> = {
  '1min': MICROS_PER_MINUTE,
  '5min': 5 * MICROS_PER_MINUTE,
  '15min': 15 * MICROS_PER_MINUTE,
  '30min': 30 * MICROS_PER_MINUTE,
  '60min': MICROS_PER_HOUR,
  '4hour': 4 * MICROS_PER_HOUR,
  '1day': 24 * MICROS_PER_HOUR,
}

/** Null when there is no such endpoint among the public ones. */
export function answerMarket(context: VenueContext, path: string, query: URLSearchParams): SimulatedAnswer | null {
  const contracts = CONTRACTS[path]
  if (contracts !== undefined) return ok(contracts)
  switch (path) {
    case '/v1/common/timestamp':
      return ok(ms(context.now()))
    case '/v1/common/symbols':
      return ok(HTX_INSTRUMENTS.map(symbolView))
    case '/v2/reference/currencies':
      return okV2(HTX_CURRENCIES.map(({ currency }) => currencyView(currency)))
    case '/v2/market-status':
      return okV2({ marketStatus: 1 })
    case '/market/tickers':
      return ok(
        HTX_INSTRUMENTS.map(one => ({ symbol: one.symbol, ...dayView(context, one), ...bestView(context, one) })),
      )
  }
  if (!path.startsWith('/market/')) return null
  const instrument = instrumentNamed(query.get('symbol'))
  if (instrument === undefined) return refused(NO_SYMBOL)
  switch (path.slice('/market/'.length)) {
    case 'depth':
      return depth(context, instrument, query)
    case 'history/trade':
      return trades(context, instrument, Number(query.get('size') ?? 1))
    case 'detail/merged': {
      const { bid, bidSize, ask, askSize } = bestView(context, instrument)
      const tick = {
        ...dayView(context, instrument),
        version: context.market.version(instrument),
        bid: [bid, bidSize],
        ask: [ask, askSize],
      }
      return json({ status: 'ok', ch: `market.${instrument.symbol}.detail.merged`, ts: ms(context.now()), tick })
    }
    case 'history/kline':
    case 'history/candles':
      return candles(context, instrument, query)
  }
  return null
}

export const level =
  ({ instrument }: SimulatedInstrument) =>
  ([price, lots]: readonly [number, number]): [number, number] => [
    Number(priceText(instrument, price)),
    Number(quantityText(instrument, lots)),
  ]

function depth(context: VenueContext, one: SimulatedInstrument, query: URLSearchParams): SimulatedAnswer {
  const wanted = Number(query.get('depth') ?? DEPTH_MAX)
  if (query.get('type') !== 'step0') return refused(invalid('type'))
  if (wanted !== DEPTH_MAX && !DEPTHS.includes(wanted)) return refused(invalid('depth'))
  const { bids, asks, at, sequence } = context.feed(DEPTH_MAX).picture(one)
  const rows = (levels: typeof bids) => levels.slice(0, wanted).map(level(one))
  const tick = { ts: ms(at), version: sequence, bids: rows(bids), asks: rows(asks) }
  return json({ status: 'ok', ch: `market.${one.symbol}.depth.step0`, ts: ms(context.now()), tick })
}

export const tradeView = ({ instrument }: SimulatedInstrument, trade: NumberedTrade) => ({
  id: trade.number,
  ts: ms(trade.at),
  'trade-id': trade.number,
  amount: Number(quantityText(instrument, trade.quantity)),
  price: Number(priceText(instrument, trade.price)),
  direction: trade.side,
})

/** Newest first, each in a group of its own. */
function trades(context: VenueContext, one: SimulatedInstrument, size: number): SimulatedAnswer {
  if (!Number.isInteger(size) || size < 1 || size > TRADES_MAX) return refused(invalid('size'))
  const rows = context.tape
    .trades(one)
    .slice(-size)
    .reverse()
    .map(trade => ({ id: trade.number, ts: ms(trade.at), data: [tradeView(one, trade)] }))
  return ok(rows, { ch: `market.${one.symbol}.trade.detail`, ts: ms(context.now()) })
}

/** Newest first. */
function candles(context: VenueContext, one: SimulatedInstrument, query: URLSearchParams): SimulatedAnswer {
  const period = PERIODS[query.get('period') ?? '']
  const size = Number(query.get('size') ?? DEPTH_MAX)
  if (period === undefined) return refused(invalid('period'))
  if (!Number.isInteger(size) || size < 1 || size > CANDLES_MAX) return refused(invalid('size'))
  const from = Number(query.get('from') ?? 0)
  const to = Number(query.get('to') ?? Number.POSITIVE_INFINITY)
  const rows = candleRows(context, one, period).filter(({ id }) => id >= from && id <= to)
  // From a time on, the earliest of them; otherwise the latest.
  const page = from > 0 ? rows.slice(0, size) : rows.slice(-size)
  return ok(page.reverse(), { ch: `market.${one.symbol}.kline`, ts: ms(context.now()) })
}

/** Oldest first. */
export const candleRows = (context: VenueContext, one: SimulatedInstrument, period: number) =>
  context.tape.candles(one, period, context.market.now).map(({ openAt, open, high, low, close, volume }) => {
    const price = (ticks: number) => Number(priceText(one.instrument, ticks))
    return {
      id: openAt / MICROS_PER_SECOND,
      open: price(open),
      close: price(close),
      low: price(low),
      high: price(high),
      amount: volume,
      vol: volume * price(close),
      count: 1,
    }
  })

export function dayView({ tape, market }: VenueContext, one: SimulatedInstrument) {
  const day = tape.day(one, market.now)
  const price = (ticks: number) => Number(priceText(one.instrument, ticks))
  return {
    id: market.version(one),
    open: price(day.open),
    close: price(day.last),
    low: price(day.low),
    high: price(day.high),
    amount: day.volume,
    vol: day.volume * price(day.last),
    count: day.trades,
  }
}

export function bestView(context: VenueContext, one: SimulatedInstrument) {
  const best = bestLevels(context, one)
  const [bid, bidSize] = level(one)(best.bid)
  const [ask, askSize] = level(one)(best.ask)
  return { bid, bidSize, ask, askSize }
}

const symbolView = ({ instrument, symbol }: SimulatedInstrument) => ({
  'base-currency': instrument.base.toLowerCase(),
  'quote-currency': instrument.quote.toLowerCase(),
  'price-precision': instrument.priceScale,
  'amount-precision': instrument.quantityScale,
  'symbol-partition': 'main',
  symbol,
  state: 'online',
  'value-precision': 8,
  'min-order-amt': Number(quantityText(instrument, instrument.quantityMin)),
  'max-order-amt': 1_000_000_000,
  'min-order-value': Number(instrument.notionalMin),
  'limit-order-min-order-amt': Number(quantityText(instrument, instrument.quantityMin)),
  'limit-order-max-order-amt': 1_000_000_000,
  'sell-market-min-order-amt': Number(quantityText(instrument, instrument.quantityMin)),
  'sell-market-max-order-amt': 1_000_000,
  'buy-market-max-order-value': 1_000_000,
  'api-trading': 'enabled',
  tags: '',
})

const currencyView = (currency: string) => ({
  currency,
  assetType: 1,
  instStatus: 'normal',
  chains: [
    {
      chain: currency,
      displayName: currency.toUpperCase(),
      depositStatus: 'allowed',
      withdrawStatus: 'allowed',
      minDepositAmt: '0.1',
      minWithdrawAmt: '1',
      maxWithdrawAmt: '1000000',
      withdrawPrecision: 8,
      withdrawFeeType: 'fixed',
      transactFeeWithdraw: '0.1',
      numOfConfirmations: 1,
      numOfFastConfirmations: 1,
      addrWithTag: false,
    },
  ],
})

/** One contract of each kind, none of them open for trading: a table of contracts is never empty. */
const CONTRACTS: Readonly<Record<string, readonly object[]>> = {
  '/linear-swap-api/v1/swap_contract_info': [
    {
      symbol: 'BTC',
      contract_code: 'BTC-USDT',
      contract_size: 0.001,
      price_tick: 0.1,
      create_date: '20201021',
      delivery_time: '',
      contract_status: 3,
      support_margin_mode: 'all',
      business_type: 'swap',
      pair: 'BTC-USDT',
      contract_type: 'swap',
    },
  ],
  '/swap-api/v1/swap_contract_info': [
    {
      symbol: 'BTC',
      contract_code: 'BTC-USD',
      contract_size: 100,
      price_tick: 0.1,
      create_date: '20200325',
      contract_status: 3,
    },
  ],
  '/api/v1/contract_contract_info': [
    {
      symbol: 'BTC',
      contract_code: 'BTC261225',
      contract_type: 'quarter',
      contract_size: 100,
      price_tick: 0.01,
      delivery_date: '20261225',
      delivery_time: '1798185600000',
      create_date: '20260925',
      contract_status: 3,
    },
  ],
}
