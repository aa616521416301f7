import type { Account, SimulatedAnswer, SimulatedInstrument, SimulatedRequest, VenueContext } from '../core/index.ts'
import { json } from '../core/index.ts'
import { accountInfo, apiRestrictions, coins, commissionInfo } from './account.ts'
import type { BinanceAuth } from './auth.ts'
import { answerOf, type BinanceError, ERRORS, isBinanceError, missing, type Result } from './errors.ts'
import { BINANCE_SYMBOLS, symbolNamed } from './instruments.ts'
import { LIMITS } from './limits.ts'
import {
  aggregateRow,
  bestOf,
  candleRow,
  DEPTH_MAX,
  dayOf,
  intervalOf,
  lastUpdateOf,
  levelsOf,
  tradeRow,
} from './market-data.ts'
import { ORDER_TYPES } from './order-entry.ts'
import { msOf } from './orders.ts'
import { symbolInfo } from './symbol-info.ts'
import type { BinanceTrading } from './trading.ts'

/** Binance spot REST: https://developers.binance.com/docs/binance-spot-api-docs/rest-api , and what of /sapi belongs to it. */

const DEPTH_DEFAULT = 100
const LIST_DEFAULT = 500
const LIST_MAX = 1_000

const PUBLIC = new Set(
  ['ping', 'time', 'exchangeInfo', 'depth', 'trades', 'aggTrades', 'klines', 'avgPrice']
    .concat(['ticker/24hr', 'ticker/price', 'ticker/bookTicker'])
    .map(name => `GET /api/v3/${name}`),
)

export class BinanceRest {
  readonly #context: VenueContext
  readonly #auth: BinanceAuth
  readonly #trading: BinanceTrading

  constructor(context: VenueContext, auth: BinanceAuth, trading: BinanceTrading) {
    this.#context = context
    this.#auth = auth
    this.#trading = trading
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    const { method, path, query, body } = request
    // The futures hosts exist, and list nothing here.
    if (/^[fd]api\./.test(request.host) && path.endsWith('/exchangeInfo'))
      return json({ timezone: 'UTC', serverTime: msOf(this.#context.now()), rateLimits: [], symbols: [] })
    const params = new URLSearchParams(query)
    for (const [name, value] of new URLSearchParams(body)) params.set(name, value)
    const call = `${method} ${path}`
    if (PUBLIC.has(call)) return answered(this.public(path.slice('/api/v3/'.length), params))
    if (!this.#trading.has(call) && !ACCOUNT_CALLS.has(call)) return answerOf(ERRORS.noSuchRequest)
    const account = this.#auth.verify(request, params)
    return isBinanceError(account) ? answerOf(account) : answered(this.private(call, account, params))
  }

  private(call: string, account: Account, params: URLSearchParams): Result {
    switch (call) {
      case 'GET /api/v3/account':
        return { result: accountInfo(account, this.#context) }
      case 'GET /api/v3/account/commission':
        return withSymbol(params, one => commissionInfo(one))
      case 'GET /sapi/v1/account/apiRestrictions':
        return { result: apiRestrictions(account, this.#context) }
      case 'GET /sapi/v1/capital/config/getall':
        return { result: coins(account) }
      case 'GET /sapi/v1/margin/allPairs':
      case 'GET /sapi/v1/margin/isolated/allPairs':
        // Nothing is traded on margin here.
        return { result: [] }
      default:
        return this.#trading.call(call, account, params)
    }
  }

  public(name: string, params: URLSearchParams): Result {
    const { market, tape, feed } = this.#context
    switch (name) {
      case 'ping':
        return { result: {} }
      case 'time':
        return { result: { serverTime: msOf(this.#context.now()) } }
      case 'exchangeInfo':
        return this.#exchangeInfo(params)
      case 'depth':
        return withSymbol(params, one => {
          const picture = feed(DEPTH_MAX).picture(one)
          const levels = countOf(params, DEPTH_DEFAULT, DEPTH_MAX)
          const side = (all: typeof picture.bids) => levelsOf(one, all.slice(0, levels))
          return { lastUpdateId: lastUpdateOf(picture), bids: side(picture.bids), asks: side(picture.asks) }
        })
      case 'trades':
        return withSymbol(params, one => this.#lastTrades(one, params).map(trade => tradeRow(one, trade)))
      case 'aggTrades':
        return withSymbol(params, one => {
          const [from, start, end] = ['fromId', 'startTime', 'endTime'].map(field => params.get(field))
          const wanted = tape
            .trades(one)
            .filter(({ number, at }) => number >= Number(from ?? 0) && msOf(at) >= Number(start ?? 0))
            .filter(({ at }) => end === null || end === undefined || msOf(at) <= Number(end))
          const count = countOf(params, LIST_DEFAULT, LIST_MAX)
          const isFromOldest = (from ?? start ?? null) !== null
          return (isFromOldest ? wanted.slice(0, count) : wanted.slice(-count)).map(trade => aggregateRow(one, trade))
        })
      case 'klines': {
        const interval = intervalOf(params.get('interval') ?? '')
        if (interval === undefined) return params.has('interval') ? ERRORS.invalidInterval : missing('interval')
        return withSymbol(params, one => {
          const [start, end] = [Number(params.get('startTime') ?? 0), Number(params.get('endTime') ?? Infinity)]
          const candles = tape
            .candles(one, interval, market.now)
            .filter(({ openAt }) => msOf(openAt) >= start && msOf(openAt) <= end)
          const count = countOf(params, LIST_DEFAULT, LIST_MAX)
          const wanted = params.has('startTime') ? candles.slice(0, count) : candles.slice(-count)
          return wanted.map(candle => candleRow(this.#context, one, candle, interval))
        })
      }
      case 'avgPrice':
        return withSymbol(params, one => {
          const { weightedAvgPrice, closeTime } = dayOf(this.#context, one)
          return { mins: 5, price: weightedAvgPrice, closeTime }
        })
      case 'ticker/24hr':
        return forSymbols(params, one => dayOf(this.#context, one))
      case 'ticker/bookTicker':
        return forSymbols(params, one => bestOf(this.#context, one))
      case 'ticker/price':
        return forSymbols(params, one => ({ symbol: one.symbol, price: dayOf(this.#context, one).lastPrice }))
      default:
        return ERRORS.noSuchRequest
    }
  }

  #lastTrades(one: SimulatedInstrument, params: URLSearchParams) {
    return this.#context.tape.trades(one).slice(-countOf(params, LIST_DEFAULT, LIST_MAX))
  }

  #exchangeInfo(params: URLSearchParams): Result {
    const named = namedSymbols(params)
    if (isBinanceError(named)) return named
    return {
      result: {
        timezone: 'UTC',
        serverTime: msOf(this.#context.now()),
        rateLimits: LIMITS,
        exchangeFilters: [],
        symbols: (named ?? BINANCE_SYMBOLS).map(one => symbolInfo(one, ORDER_TYPES)),
      },
    }
  }
}

const ACCOUNT_CALLS = new Set([
  'GET /api/v3/account',
  'GET /api/v3/account/commission',
  'GET /sapi/v1/account/apiRestrictions',
  'GET /sapi/v1/capital/config/getall',
  'GET /sapi/v1/margin/allPairs',
  'GET /sapi/v1/margin/isolated/allPairs',
])

const answered = (result: Result): SimulatedAnswer => (isBinanceError(result) ? answerOf(result) : json(result.result))

function withSymbol(params: URLSearchParams, of: (one: SimulatedInstrument) => unknown): Result {
  const listed = symbolNamed(params.get('symbol'))
  if (listed === undefined) return params.has('symbol') ? ERRORS.invalidSymbol : missing('symbol')
  return { result: of(listed) }
}

/** One answer for one symbol, a list for several or for all. */
function forSymbols(params: URLSearchParams, of: (one: SimulatedInstrument) => unknown): Result {
  const named = namedSymbols(params)
  if (isBinanceError(named)) return named
  return { result: params.has('symbol') ? of(named![0]!) : (named ?? BINANCE_SYMBOLS).map(of) }
}

function namedSymbols(params: URLSearchParams): readonly SimulatedInstrument[] | null | BinanceError {
  const [one, many] = [params.get('symbol'), params.get('symbols')]
  if (one === null && many === null) return null
  const names = one === null ? many!.replace(/[[\]" ]/g, '').split(',') : [one]
  const found = names.flatMap(name => symbolNamed(name) ?? [])
  return found.length === names.length ? found : ERRORS.invalidSymbol
}

const countOf = (params: URLSearchParams, otherwise: number, most: number): number => {
  const count = Number(params.get('limit') ?? otherwise)
  return Number.isInteger(count) && count > 0 ? Math.min(count, most) : otherwise
}
