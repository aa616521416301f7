import type { Exchange } from 'ccxt'
import { clientIdOf } from '../connector/client-id.ts'
import type { RestDialect } from '../connector/definition.ts'
import type { HttpResponse } from '../port/index.ts'

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints */
const ORDER_PATHS = /^\/api\/v3\/(order|openOrders)$/
/**
 * Codes after which Binance itself says that the request may have been carried out:
 * https://developers.binance.com/docs/binance-spot-api-docs/errors, -1000 to -1007.
 */
const PROVES_NOTHING = new Set([-1000, -1001, -1006, -1007, -1008])
const OVERLOADED = -1008
const NO_OPEN_ORDER = -2011

function faultOf({ body }: HttpResponse): { code: number; msg: string } | null {
  try {
    const { code, msg } = JSON.parse(body) as { code?: unknown; msg?: unknown }
    return typeof code === 'number' && code < 0 ? { code, msg: String(msg) } : null
  } catch {
    return null
  }
}

export const binanceRest: RestDialect = {
  ccxt: 'binance',
  signsTime: true,
  options: {
    fetchMarkets: { types: ['spot'] },
    defaultType: 'spot',
    recvWindow: 5_000,
    warnOnFetchOpenOrdersWithoutSymbol: false,
  },
  skipsCurrencies: true,
  kindOf: (method, path) =>
    !ORDER_PATHS.test(path) || method === 'GET' ? 'query' : method === 'DELETE' ? 'cancel' : 'order',
  clientId: clientIdOf,
  order(request, { clientId, triggerPrice }) {
    const params: Record<string, unknown> = { newClientOrderId: clientId }
    const isLimit = request.type === 'limit' || request.type === 'stop_limit'
    if (request.postOnly === true) params.postOnly = true
    else if (isLimit) params.timeInForce = request.timeInForce.toUpperCase()
    if (triggerPrice !== null) params.stopLossPrice = triggerPrice
    return { type: isLimit ? 'limit' : 'market', params }
  },
  /** An error below 500 with a code of Binance's own; a 429 or 418 was not carried out either. */
  refusal(response) {
    const fault = faultOf(response)
    if (fault === null || response.status >= 500 || PROVES_NOTHING.has(fault.code)) return null
    return `${fault.code} ${fault.msg}`
  },
  isDown: response => faultOf(response)?.code === OVERLOADED,
  isNonceFault: response => faultOf(response)?.code === -1021,
  async permissions(exchange) {
    // The testnet has no wallet, from which to withdraw, and none of its calls.
    if (exchange.isSandboxModeEnabled) {
      const { canTrade } = (await exchange.request('account', 'private', 'GET')) as { canTrade?: boolean }
      return { read: true, trade: canTrade === true, withdraw: false }
    }
    const answer = (await exchange.request('account/apiRestrictions', 'sapi', 'GET')) as Record<string, unknown>
    return {
      read: answer.enableReading === true,
      trade: answer.enableSpotAndMarginTrading === true,
      withdraw: answer.enableWithdrawals === true,
    }
  },
  async fees(exchange, symbol) {
    const { id } = exchange.market(symbol) as { id: string }
    const answer = (await exchange.request('account/commission', 'private', 'GET', { symbol: id })) as {
      standardCommission: { maker: string; taker: string }
    }
    return answer.standardCommission
  },
  orderByClientId: (exchange: Exchange, symbol, clientId) =>
    exchange.fetchOrder('', symbol, { origClientOrderId: clientId }),
  cancelByClientId: clientId => ({ origClientOrderId: clientId }),
  async cancelAll(exchange, symbols, only) {
    for (const symbol of only === null ? symbols : [only])
      try {
        await exchange.cancelAllOrders(symbol)
      } catch (error) {
        // Where nothing is open there is nothing to cancel.
        if (!String(error).includes(String(NO_OPEN_ORDER))) throw error
      }
  },
}
