import type { Exchange, Order, Trade } from 'ccxt'
import { clientIdOf } from '../connector/client-id.ts'
import type { RestDialect } from '../connector/definition.ts'
import type { HttpResponse } from '../port/index.ts'
import { coinbaseTokens } from './token.ts'

/** https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/create-order with its neighbours */
const ORDERS = '/api/v3/brokerage/orders'
const ORDER_PATHS = new Set([ORDERS, `${ORDERS}/edit`])
const CANCEL_PATH = `${ORDERS}/batch_cancel`
const PAGES_MAX = 200
const ROWS_PER_PAGE = 250
const CANCELS_PER_CALL = 100
const CANCEL_ROUNDS_MAX = 3
const UNKNOWN = 'UNKNOWN_FAILURE_REASON'
/** A cancel that is under way already, or failed for no reason that is told. */
const PROVES_NOTHING = /^(UNKNOWN_(CANCEL_|EDIT_ORDER_)?FAILURE_REASON|DUPLICATE_CANCEL_REQUEST)$/
/** Whom it does not know or who asks too often is turned away before anything is done. */
const TURNED_AWAY = new Set([401, 403, 429])

interface Answer {
  readonly success?: boolean
  readonly error?: string
  readonly message?: string
  readonly error_response?: { error?: string; message?: string; preview_failure_reason?: string }
  readonly results?: readonly { success: boolean; failure_reason?: string }[]
  readonly errors?: readonly { edit_failure_reason?: string; preview_failure_reason?: string; id?: string }[]
}

function answerOf({ body }: HttpResponse): Answer | null {
  try {
    return JSON.parse(body) as Answer
  } catch {
    return null
  }
}

/** Why an order, an edit or a cancel was refused, whichever of Coinbase's ways it says so in. */
function reasonOf(answer: Answer): string | null {
  const { error_response: refused, results, errors } = answer
  if (refused !== undefined) {
    const { error = UNKNOWN, preview_failure_reason: preview, message = '' } = refused
    if (error === UNKNOWN && (preview === undefined || preview.startsWith('UNKNOWN'))) return null
    return `${error === UNKNOWN ? preview : error} ${message}`.trim()
  }
  const failed = results?.find(({ success }) => !success)
  if (failed !== undefined) return proven(failed.failure_reason)
  if (answer.success === false && errors !== undefined)
    return proven(errors[0]?.edit_failure_reason) ?? proven(errors[0]?.preview_failure_reason)
  if (errors?.[0]?.id !== undefined) return errors[0].id
  return answer.error === undefined ? null : `${answer.error} ${answer.message ?? ''}`.trim()
}

const proven = (reason: string | undefined): string | null =>
  reason === undefined || reason.startsWith('UNKNOWN_PREVIEW') || PROVES_NOTHING.test(reason) ? null : reason

type Row = Readonly<Record<string, unknown>>

/** History, newest first, by cursor. */
async function* pagesOf(exchange: Exchange, path: string, list: 'orders' | 'fills', params: object) {
  let cursor = ''
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = (await exchange.request(`brokerage/orders/historical/${path}`, ['v3', 'private'], 'GET', {
      ...params,
      limit: ROWS_PER_PAGE,
      ...(cursor === '' ? {} : { cursor }),
    })) as { orders?: Row[]; fills?: Row[]; has_next?: boolean; cursor?: string }
    const rows = answer[list] ?? []
    yield rows
    cursor = answer.cursor ?? ''
    if (cursor === '' || rows.length === 0 || answer.has_next === false) return
  }
  throw new Error(`more than ${PAGES_MAX} pages of ${list}`)
}

const productOf = (exchange: Exchange, symbol: string | undefined) =>
  symbol === undefined ? {} : { product_id: String(exchange.market(symbol)?.id) }

async function openOrders(exchange: Exchange, symbol: string | undefined): Promise<Order[]> {
  const found = new Map<string, Order>()
  const which = { order_status: 'OPEN', ...productOf(exchange, symbol) }
  for await (const rows of pagesOf(exchange, 'batch', 'orders', which))
    for (const order of exchange.parseOrders(rows)) found.set(String(order.id), order)
  return [...found.values()]
}

/** Gives the number that was not canceled: they were over in the meantime, or stay open. */
async function cancelOrders(exchange: Exchange, orders: readonly Order[]): Promise<number> {
  let failed = 0
  for (let start = 0; start < orders.length; start += CANCELS_PER_CALL) {
    const order_ids = orders.slice(start, start + CANCELS_PER_CALL).map(({ id }) => String(id))
    const path = 'brokerage/orders/batch_cancel'
    const { results = [] } = (await exchange.request(path, ['v3', 'private'], 'POST', { order_ids })) as Answer
    failed += order_ids.length - results.filter(({ success }) => success).length
  }
  return failed
}

interface Wallets {
  v3PrivateGetBrokerageAccounts: (params: object) => Promise<{ accounts: Row[] }>
}

/** ccxt asks for one page of them, and an account has a wallet of every asset that it ever had. */
async function allAccounts(exchange: Exchange, params: object): Promise<{ accounts: Row[] }> {
  const accounts: Row[] = []
  let cursor = ''
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = (await exchange.request('brokerage/accounts', ['v3', 'private'], 'GET', {
      ...params,
      ...(cursor === '' ? {} : { cursor }),
    })) as { accounts?: Row[]; has_next?: boolean; cursor?: string }
    accounts.push(...(answer.accounts ?? []))
    cursor = answer.cursor ?? ''
    if (answer.has_next !== true || cursor === '') return { accounts }
  }
  throw new Error(`more than ${PAGES_MAX} pages of accounts`)
}

/** ccxt does not know orders that are filled whole or not at all: they are read as it reads the others. */
function withFillOrKill<T>(order: T): T {
  const { order_configuration: configuration } = order as { order_configuration?: { limit_limit_fok?: object } }
  const fok = configuration?.limit_limit_fok
  return fok === undefined ? order : { ...order, order_configuration: { limit_limit_gtc: fok } }
}

export const coinbaseRest: RestDialect = {
  ccxt: 'coinbase',
  signsTime: true,
  options: {
    fetchMarkets: { types: ['spot'] },
    fetchBalance: 'v3PrivateGetBrokerageAccounts',
  },
  skipsCurrencies: true,
  tradesNameMaker: true,
  // A market buy is counted in money there; an order in lots is sent as a limit that the market has long passed.
  marketAsLimit: true,
  prepare(exchange) {
    ;(exchange as unknown as Wallets).v3PrivateGetBrokerageAccounts = params => allAccounts(exchange, params)
    // ccxt reads the whole seconds of it.
    exchange.fetchTime = async () => {
      const { epochMillis } = (await exchange.request('brokerage/time', ['v3', 'public'], 'GET')) as Row
      return Number(epochMillis)
    }
    const parseOrder = exchange.parseOrder.bind(exchange)
    exchange.parseOrder = (order, market) => parseOrder(withFillOrKill(order), market)
    if (!(exchange.secret ?? '').includes('EC PRIVATE KEY')) return
    const tokenOf = coinbaseTokens(exchange.apiKey ?? '', exchange.secret ?? '')
    const own = exchange as unknown as {
      createAuthToken: (seconds: number, method?: string, url?: string, useEddsa?: boolean) => string
    }
    own.createAuthToken = (seconds, method, url) =>
      tokenOf(seconds, url === undefined ? null : `${method} ${url.replace('https://', '').replace(/\?.*$/, '')}`)
  },
  kindOf: (method, path) =>
    method === 'POST' && ORDER_PATHS.has(path) ? 'order' : path === CANCEL_PATH ? 'cancel' : 'query',
  clientId: clientIdOf,
  order(request, { clientId, triggerPrice }) {
    const isMarket = request.type === 'market'
    const params: Record<string, unknown> = { client_order_id: clientId }
    if (isMarket) params.timeInForce = 'IOC'
    else if (request.timeInForce !== 'gtc') params.timeInForce = request.timeInForce.toUpperCase()
    if (request.postOnly === true) params.postOnly = true
    if (triggerPrice !== null) params.stopLossPrice = triggerPrice
    return { type: 'limit', params }
  },
  refusal(response) {
    if (response.status >= 500) return null
    const answer = answerOf(response)
    const reason = answer === null ? null : reasonOf(answer)
    return reason ?? (TURNED_AWAY.has(response.status) ? `${response.status} ${response.body.trim()}` : null)
  },
  openOrders,
  async fills(exchange, symbol, sinceMs) {
    const market = exchange.market(symbol)
    const found: Trade[] = []
    const which = { product_ids: String(market?.id), start_sequence_timestamp: new Date(sinceMs).toISOString() }
    for await (const rows of pagesOf(exchange, 'fills', 'fills', which))
      found.push(...exchange.parseTrades(rows, market))
    return found
  },
  async permissions(exchange) {
    const answer = (await exchange.request('brokerage/key_permissions', ['v3', 'private'], 'GET')) as Record<
      string,
      boolean
    >
    return { read: answer.can_view === true, trade: answer.can_trade === true, withdraw: answer.can_transfer === true }
  },
  /** There is no question by client id: the account's orders of the time are looked through. */
  async orderByClientId(exchange: Exchange, symbol, clientId, since) {
    const which = { ...productOf(exchange, symbol), start_date: new Date(since / 1_000).toISOString() }
    for await (const rows of pagesOf(exchange, 'batch', 'orders', which)) {
      const found = rows.find(({ client_order_id: id }) => id === clientId)
      if (found !== undefined) return exchange.parseOrder(found, exchange.market(symbol)) as Order
    }
    return null
  },
  amend: (exchange, _symbol, { venueOrderId, quantity, price }) =>
    exchange.request('brokerage/orders/edit', ['v3', 'private'], 'POST', {
      order_id: venueOrderId,
      size: quantity,
      ...(price === null ? {} : { price }),
    }),
  /** There is no one call: what is open is asked for, and canceled a hundred at a time. */
  async cancelAll(exchange, _symbols, only) {
    for (let round = 1; ; round++) {
      const failed = await cancelOrders(exchange, await openOrders(exchange, only ?? undefined))
      if (failed === 0) return
      if (round >= CANCEL_ROUNDS_MAX) throw new Error(`${failed} orders of ${only ?? 'the account'} were not canceled`)
    }
  },
}
