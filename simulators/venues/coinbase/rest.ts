import { type Account, json, type SimulatedAnswer, type SimulatedRequest, type VenueContext } from '../core/index.ts'
import type { CoinbaseAuth } from './auth.ts'
import { failure, NOT_FOUND, UNAUTHORIZED } from './errors.ts'
import { COINBASE_PRODUCTS, iso, moneyOf, productNamed } from './instruments.ts'
import { bookInfo, candlesInfo, DEPTH_MAX, dayOf, granularityOf, productInfo, tradeInfo } from './market-data.ts'
import type { CoinbaseTrading } from './trading.ts'

/** Advanced Trade over REST: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api */

const BROKERAGE = '/api/v3/brokerage'
const TRADES_DEFAULT = 100
const ACCOUNTS_DEFAULT = 49
const ACCOUNTS_MAX = 250
const TRADES_MAX = 1_000
const UNKNOWN_PRODUCT = failure('NOT_FOUND', 'valid product_id is required', 404)

export class CoinbaseRest {
  readonly #context: VenueContext
  readonly #auth: CoinbaseAuth
  readonly #trading: CoinbaseTrading

  constructor(context: VenueContext, auth: CoinbaseAuth, trading: CoinbaseTrading) {
    this.#context = context
    this.#auth = auth
    this.#trading = trading
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    const { path, method } = request
    if (path.startsWith('/v2/')) return path === '/v2/accounts' ? this.#wallets(request) : this.#currencies(path)
    if (!path.startsWith(`${BROKERAGE}/`)) return NOT_FOUND
    const call = path.slice(BROKERAGE.length)
    if (call === '/time') return this.#time()
    if (call.startsWith('/market/') && method === 'GET') return this.#market(call.slice('/market'.length), request)
    const account = this.#auth.verify(request)
    if (account === undefined) return UNAUTHORIZED
    return method === 'POST' ? this.#change(call, account, request) : this.#read(call, account, request)
  }

  #time(): SimulatedAnswer {
    const now = this.#context.now()
    const seconds = Math.floor(now / 1_000_000)
    return json({ iso: iso(now), epochSeconds: String(seconds), epochMillis: String(Math.floor(now / 1_000)) })
  }

  #change(call: string, account: Account, { body }: SimulatedRequest): SimulatedAnswer {
    let fields: Record<string, never>
    try {
      fields = JSON.parse(body) as Record<string, never>
    } catch {
      return failure('INVALID_ARGUMENT', 'the body is no JSON')
    }
    switch (call) {
      case '/orders':
        return this.#trading.place(account, fields)
      case '/orders/batch_cancel':
        return this.#trading.cancel(account, fields)
      case '/orders/edit':
        return this.#trading.edit(account, fields)
      default:
        return NOT_FOUND
    }
  }

  #read(call: string, account: Account, request: SimulatedRequest): SimulatedAnswer {
    const { query } = request
    switch (call) {
      case '/accounts':
        return this.#accounts(account, query)
      case '/transaction_summary':
        return json(summary())
      case '/key_permissions':
        return json({
          can_view: account.permissions.read,
          can_trade: account.permissions.trade,
          can_transfer: account.permissions.withdraw,
          portfolio_uuid: 'simulated-portfolio',
          portfolio_type: 'DEFAULT',
        })
      case '/orders/historical/batch':
        return this.#trading.orders(account, query)
      case '/orders/historical/fills':
        return this.#trading.fills(account, query)
    }
    const order = /^\/orders\/historical\/([^/]+)$/.exec(call)?.[1]
    return order === undefined ? this.#market(call, request) : this.#trading.order(account, order)
  }

  #market(call: string, { query }: SimulatedRequest): SimulatedAnswer {
    if (call === '/products') return this.#products(query)
    if (call === '/product_book') {
      const listed = productNamed(query.get('product_id'))
      if (listed === undefined) return UNKNOWN_PRODUCT
      const limit = Number(query.get('limit') ?? DEPTH_MAX) || DEPTH_MAX
      return json({ pricebook: bookInfo(listed, this.#context.feed(DEPTH_MAX).picture(listed), limit) })
    }
    if (call === '/best_bid_ask') {
      const named = query.getAll('product_ids')
      const some = COINBASE_PRODUCTS.filter(({ symbol }) => named.length === 0 || named.includes(symbol))
      return json({ pricebooks: some.map(one => bookInfo(one, this.#context.feed(DEPTH_MAX).picture(one), 1)) })
    }
    const [, id, what] = /^\/products\/([^/]+)(?:\/(ticker|candles))?$/.exec(call) ?? []
    if (id === undefined) return NOT_FOUND
    const listed = productNamed(id)
    if (listed === undefined) return UNKNOWN_PRODUCT
    if (what === undefined) return json(productInfo(this.#context, listed))
    if (what === 'ticker') {
      const count = Math.min(Number(query.get('limit') ?? TRADES_DEFAULT) || TRADES_DEFAULT, TRADES_MAX)
      const trades = this.#context.tape.trades(listed).slice(-count).reverse()
      const { bid, ask } = dayOf(this.#context, listed)
      return json({
        trades: trades.map(trade => ({ ...tradeInfo(listed, trade), bid: '', ask: '', exchange: 'coinbase' })),
        best_bid: bid,
        best_ask: ask,
      })
    }
    const interval = granularityOf(query.get('granularity') ?? '')
    if (interval === undefined) return failure('INVALID_ARGUMENT', 'granularity is none of those that are offered')
    const range = [Number(query.get('start')), Number(query.get('end'))] as const
    const candles = candlesInfo(this.#context, listed, interval, range)
    return candles === null
      ? failure('INVALID_ARGUMENT', 'number of candles requested should be less than 350')
      : json({ candles })
  }

  #products(query: URLSearchParams): SimulatedAnswer {
    const isSpot = (query.get('product_type') ?? 'SPOT') === 'SPOT'
    const products = isSpot ? COINBASE_PRODUCTS.map(one => productInfo(this.#context, one)) : []
    return json({ products, num_products: products.length })
  }

  #accounts(account: Account, query: URLSearchParams): SimulatedAnswer {
    const at = iso(this.#context.now())
    const accounts = account.assets.map((asset, index) => ({
      uuid: `00000000-0000-4000-a000-${String(index).padStart(12, '0')}`,
      name: `${asset} Wallet`,
      currency: asset,
      available_balance: { value: moneyOf(account.free(asset)), currency: asset },
      default: false,
      active: true,
      created_at: at,
      updated_at: at,
      deleted_at: null,
      type: asset === 'USD' ? 'ACCOUNT_TYPE_FIAT' : 'ACCOUNT_TYPE_CRYPTO',
      ready: true,
      hold: { value: moneyOf(account.held(asset)), currency: asset },
      retail_portfolio_id: 'simulated-portfolio',
    }))
    const start = Number(query.get('cursor') ?? 0) || 0
    const end = start + Math.min(Number(query.get('limit') ?? ACCOUNTS_DEFAULT) || ACCOUNTS_DEFAULT, ACCOUNTS_MAX)
    const page = accounts.slice(start, end)
    const hasNext = end < accounts.length
    return json({ accounts: page, has_next: hasNext, cursor: hasNext ? String(end) : '', size: page.length })
  }

  /** Of the older interface: everything that an account has, whether it is held or not. */
  #wallets(request: SimulatedRequest): SimulatedAnswer {
    const account = this.#auth.verify(request)
    if (account === undefined) return UNAUTHORIZED
    const data = account.assets.map(asset => ({
      id: asset,
      name: `${asset} Wallet`,
      primary: false,
      type: asset === 'USD' ? 'fiat' : 'wallet',
      currency: { code: asset },
      balance: { amount: moneyOf(account.total(asset)), currency: asset },
      resource: 'account',
    }))
    return json({ pagination: { next_uri: null, limit: data.length }, data })
  }

  /** Of the older interface: what currencies there are, and what they are worth in dollars. */
  #currencies(path: string): SimulatedAnswer {
    switch (path) {
      case '/v2/currencies':
        return json({ data: [{ id: 'USD', name: 'United States Dollar', min_size: '0.01' }] })
      case '/v2/currencies/crypto':
        return json({
          data: COINBASE_PRODUCTS.map(({ instrument, name }, index) => ({
            asset_id: `00000000-0000-4000-b000-${String(index).padStart(12, '0')}`,
            code: instrument.base,
            name,
            exponent: instrument.quantityScale,
            type: 'crypto',
          })),
        })
      case '/v2/exchange-rates': {
        const rates = COINBASE_PRODUCTS.map(one => [
          one.instrument.base,
          (1 / Number(dayOf(this.#context, one).last)).toFixed(12),
        ])
        return json({ data: { currency: 'USD', rates: { USD: '1.0', ...Object.fromEntries(rates) } } })
      }
      default:
        return NOT_FOUND
    }
  }
}

/** https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/fees/get-transaction-summary */
function summary() {
  const [{ makerPpm, takerPpm }] = COINBASE_PRODUCTS
  return {
    total_volume: 0,
    total_fees: 0,
    fee_tier: {
      pricing_tier: 'Advanced 1',
      usd_from: '0',
      usd_to: '1000',
      taker_fee_rate: String(takerPpm / 1_000_000),
      maker_fee_rate: String(makerPpm / 1_000_000),
    },
    advanced_trade_only_volume: 0,
    advanced_trade_only_fees: 0,
  }
}
