import { MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import {
  type Account,
  type CallName,
  countOf,
  type Fields,
  isWaiting,
  json,
  lastPrice,
  type SimulatedAnswer,
  type SimulatedFill,
  type SimulatedOrder,
  type SimulatedRequest,
  textIn,
  type VenueContext,
} from '../core/index.ts'
import { algoInfo, balanceInfo, billOf, configInfo, fillInfo, ms, orderInfo, rate } from './answers.ts'
import type { OkxAuth } from './auth.ts'
import {
  AMEND_FAILED,
  CANCEL_FAILED,
  DENIED,
  failed,
  NO_ID,
  NOT_FOUND,
  type OkxError,
  ok,
  parameter,
  REFUSALS,
  UNKNOWN_INSTRUMENT,
  UNKNOWN_ORDER,
} from './errors.ts'
import { instrumentNamed, OKX_INSTRUMENTS } from './instruments.ts'
import type { OkxMarket } from './market-data.ts'
import { isError, lotsIn, stopOf, ticksIn, wishOf } from './new-order.ts'

/** Trade and account of a spot account: https://www.okx.com/docs-v5/en/#order-book-trading-trade and …/#trading-account-rest-api */

const PAGE_MAX = 100
const BATCH_MAX = 20
/** Cancel-all-after, in seconds: https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-cancel-all-after */
const SWITCH_MIN = 10
const SWITCH_MAX = 120

const CALLS: Readonly<Record<string, CallName>> = {
  'trade/order': 'place',
  'trade/batch-orders': 'place',
  'trade/order-algo': 'place',
  'trade/amend-order': 'amend',
  'trade/cancel-order': 'cancel',
  'trade/cancel-batch-orders': 'cancel',
  'trade/cancel-algos': 'cancel',
  'trade/cancel-all-after': 'cancel',
}

const nameOf = ({ path }: SimulatedRequest): string => path.slice('/api/v5/'.length)
const isPublic = (request: SimulatedRequest): boolean => /^(market|public|system)\//.test(nameOf(request))

export function callOf(request: SimulatedRequest): CallName {
  if (isPublic(request)) return 'public'
  return (request.method === 'POST' ? CALLS[nameOf(request)] : undefined) ?? 'query'
}

/** What becomes of one order of a request. */
type Done = { readonly order: SimulatedOrder } | OkxError

export class OkxRest {
  readonly #context: VenueContext
  readonly #auth: OkxAuth
  readonly #market: OkxMarket

  constructor(context: VenueContext, auth: OkxAuth, market: OkxMarket) {
    this.#context = context
    this.#auth = auth
    this.#market = market
  }

  onTick(at: Micros): void {
    const { exchange, switches } = this.#context
    for (const account of switches.takeDue(at))
      for (const order of exchange.openOrdersOf(account)) if (!isWaiting(order)) exchange.cancel(order, at)
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    if (isPublic(request)) return this.#market.answer(request)
    const account = this.#auth.verify(request)
    if ('code' in account) return failed(account)
    const name = nameOf(request)
    if (request.method === 'GET') return this.#get(name, account, request.query)
    if (!account.permissions.trade) return failed(DENIED)
    const fields = fieldsIn(request.body)
    return fields === null
      ? failed({ code: '50002', msg: 'JSON syntax error', status: 400 })
      : this.#post(name, account, fields)
  }

  #get(name: string, account: Account, query: URLSearchParams): SimulatedAnswer {
    const { exchange } = this.#context
    const now = this.#context.now()
    switch (name) {
      case 'account/balance':
        return ok([balanceInfo(account, query.get('ccy')?.split(',') ?? account.assets, now)])
      case 'account/config':
        return ok([configInfo(account)])
      case 'account/trade-fee': {
        const [{ makerPpm, takerPpm }] = OKX_INSTRUMENTS as [(typeof OKX_INSTRUMENTS)[number]]
        const fees = { category: '1', level: 'Lv1', maker: rate(makerPpm), taker: rate(takerPpm) }
        return ok([{ ...fees, instType: query.get('instType') ?? '', ts: ms(now) }])
      }
      case 'asset/balances':
        return ok([])
      case 'asset/currencies':
        return ok(
          account.assets.map(ccy => ({ ccy, name: ccy, chain: `${ccy}-Simulated`, canDep: false, canWd: false })),
        )
    }
    const kind = query.get('instType')
    const listed = instrumentNamed(query.get('instId'))
    if (query.has('instId') && listed === undefined) return failed(UNKNOWN_INSTRUMENT)
    const wanted = ({ instrument }: SimulatedOrder) =>
      (listed === undefined || instrument === listed) && (kind === null || kind === 'SPOT' || kind === 'ANY')
    const ordersAnswer = (orders: readonly SimulatedOrder[]) =>
      ok(pageOf(orders.filter(wanted), query).map(order => this.#info(order)))
    switch (name) {
      case 'trade/order': {
        const order = this.#named(account, Object.fromEntries(query))
        return order === undefined ? failed(UNKNOWN_ORDER) : ok([this.#info(order)])
      }
      case 'trade/orders-pending':
        return ordersAnswer(exchange.openOrdersOf(account).filter(order => !isWaiting(order)))
      case 'trade/orders-history':
      case 'trade/orders-history-archive':
        if (kind === null) return failed(parameter('instType'))
        return ordersAnswer(exchange.ordersOf(account).filter(order => order.state !== 'open' && !isWaiting(order)))
      case 'trade/orders-algo-pending':
        return ok(
          exchange
            .openOrdersOf(account)
            .filter(order => isWaiting(order) && wanted(order))
            .map(algoInfo),
        )
      case 'trade/fills':
      case 'trade/fills-history': {
        const ordId = query.get('ordId')
        const fills = exchange
          .fillsOf(account)
          .filter(({ order }) => wanted(order) && (ordId === null || order.id === ordId))
        return ok(pageOf(fills, query).map(fillInfo))
      }
    }
    return NOT_FOUND
  }

  #post(name: string, account: Account, fields: Fields | readonly Fields[]): SimulatedAnswer {
    const all = Array.isArray(fields) ? (fields as readonly Fields[]) : [fields as Fields]
    if (all.length > BATCH_MAX) return failed(parameter('orders'))
    const each = (work: (one: Fields) => Done) => this.#done(all, all.map(work))
    switch (name) {
      case 'trade/order':
      case 'trade/batch-orders':
        return each(one => this.#place(account, one, wishOf))
      case 'trade/order-algo':
        return this.#algo(
          this.#place(account, all[0] ?? {}, (listed, one) => stopOf(listed, one, lastPrice(this.#context, listed))),
        )
      case 'trade/amend-order':
        return each(one => this.#amend(account, one))
      case 'trade/cancel-order':
      case 'trade/cancel-batch-orders':
        return each(one => this.#cancel(account, one))
      case 'trade/cancel-algos':
        return this.#algo(this.#cancel(account, { ...all[0], ordId: textIn(all[0] ?? {}, 'algoId') }))
      case 'trade/cancel-all-after':
        return this.#cancelAllAfter(account, textIn(all[0] ?? {}, 'timeOut'))
    }
    return NOT_FOUND
  }

  /** One row for each order; the code says whether all, some or none were done. */
  #done(asked: readonly Fields[], results: readonly Done[]): SimulatedAnswer {
    const ts = ms(this.#context.now())
    const data = results.map((result, i) =>
      'order' in result
        ? { clOrdId: result.order.clientId ?? '', ordId: result.order.id, tag: '', ts, sCode: '0', sMsg: '' }
        : {
            clOrdId: textIn(asked[i]!, 'clOrdId'),
            ordId: textIn(asked[i]!, 'ordId'),
            tag: '',
            ts,
            sCode: result.code,
            sMsg: result.msg,
          },
    )
    const failures = results.filter(result => !('order' in result)).length
    const code = failures === 0 ? '0' : failures === results.length ? '1' : '2'
    const time = String(this.#context.now())
    return json({ code, data, inTime: time, outTime: time, msg: code === '1' ? 'All operations failed' : '' })
  }

  #algo(result: Done): SimulatedAnswer {
    if ('order' in result) {
      const { id, clientId } = result.order
      return ok([{ algoId: id, algoClOrdId: clientId ?? '', clOrdId: '', sCode: '0', sMsg: '', tag: '' }])
    }
    const { code: sCode, msg: sMsg } = result
    return json({ code: '1', data: [{ algoId: '', algoClOrdId: '', clOrdId: '', sCode, sMsg, tag: '' }], msg: '' })
  }

  #place(account: Account, fields: Fields, read: typeof wishOf): Done {
    const listed = instrumentNamed(textIn(fields, 'instId'))
    if (listed === undefined) return UNKNOWN_INSTRUMENT
    const wish = read(listed, fields)
    if (isError(wish)) return wish
    const placed = this.#context.exchange.place(account, wish, this.#context.now())
    return typeof placed === 'string' ? REFUSALS[placed] : { order: placed }
  }

  #amend(account: Account, fields: Fields): Done {
    const order = this.#named(account, fields)
    if (order?.state !== 'open' || isWaiting(order)) return AMEND_FAILED
    const quantity = textIn(fields, 'newSz') === '' ? undefined : lotsIn(order.instrument, fields, 'newSz')
    const price = textIn(fields, 'newPx') === '' ? undefined : ticksIn(order.instrument, fields, 'newPx')
    if (isError(quantity)) return quantity
    if (isError(price)) return price
    if (quantity === undefined && price === undefined) return parameter('newSz or newPx')
    const refusal = this.#context.exchange.amend(order, { quantity, price }, this.#context.now())
    return refusal === null ? { order } : REFUSALS[refusal]
  }

  #cancel(account: Account, fields: Fields): Done {
    if (textIn(fields, 'ordId') === '' && textIn(fields, 'clOrdId') === '') return NO_ID
    const order = this.#named(account, fields)
    if (order === undefined || !this.#context.exchange.cancel(order, this.#context.now())) return CANCEL_FAILED
    return { order }
  }

  #cancelAllAfter(account: Account, text: string): SimulatedAnswer {
    const seconds = Number(text)
    if (!/^\d{1,3}$/.test(text) || (seconds !== 0 && (seconds < SWITCH_MIN || seconds > SWITCH_MAX)))
      return failed(parameter('timeOut'))
    const now = this.#context.now()
    const due = now + seconds * MICROS_PER_SECOND
    if (seconds === 0) this.#context.switches.delete(account)
    else this.#context.switches.set(account, due)
    return ok([{ triggerTime: seconds === 0 ? '0' : ms(due), tag: '', ts: ms(now) }])
  }

  #named(account: Account, fields: Fields): SimulatedOrder | undefined {
    const { exchange } = this.#context
    const id = textIn(fields, 'ordId')
    const order = id === '' ? exchange.orderByClientId(account, textIn(fields, 'clOrdId')) : exchange.order(account, id)
    return order?.instrument.symbol === textIn(fields, 'instId') ? order : undefined
  }

  #info(order: SimulatedOrder) {
    const last =
      order.filled === 0
        ? undefined
        : this.#context.exchange.fillsOf(order.account).findLast(fill => fill.order === order)
    return orderInfo(order, last)
  }
}

function fieldsIn(body: string): Fields | readonly Fields[] | null {
  try {
    const parsed: unknown = JSON.parse(body)
    const all = Array.isArray(parsed) ? parsed : [parsed]
    if (all.some(one => typeof one !== 'object' || one === null)) return null
    return parsed as Fields | readonly Fields[]
  } catch {
    return null
  }
}

/** Newest first: those before `after` and after `before`, which are ids; `begin` and `end` are times. */
function pageOf<T extends SimulatedOrder | SimulatedFill>(all: readonly T[], query: URLSearchParams): T[] {
  const limit = countOf(query.get('limit'), PAGE_MAX, PAGE_MAX)
  const timeOf = (one: T) => ('createdAt' in one ? one.createdAt : one.at)
  const idOf = (one: T) => BigInt('createdAt' in one ? one.id : billOf(one))
  const begin = Number(query.get('begin') ?? 0) * MICROS_PER_MS
  const end = (Number(query.get('end') ?? Number.POSITIVE_INFINITY) + 1) * MICROS_PER_MS
  const [after, before] = [query.get('after'), query.get('before')]
  return all
    .filter(one => (after === null || idOf(one) < BigInt(after)) && (before === null || idOf(one) > BigInt(before)))
    .filter(one => timeOf(one) >= begin && timeOf(one) < end)
    .slice(-limit)
    .reverse()
}
