import { MICROS_PER_MINUTE, MICROS_PER_SECOND, priceText, quantityText } from '../../../src/kernel/index.ts'
import {
  json,
  type SimulatedAnswer,
  type SimulatedInstrument,
  type SimulatedRequest,
  type VenueContext,
} from '../core/index.ts'
import { failed } from './errors.ts'
import { COINBASE_ASSETS, COINBASE_PRODUCTS, productNamed, QUOTE_MIN } from './instruments.ts'
import { iso } from './orders.ts'

/** Public calls: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/public/list-public-products and its neighbours */

export const BOOK_DEPTH = 1_000
const TRADES_MAX = 1_000
const CANDLES_MAX = 350
const MINUTES: Readonly<Record<string, number>> = {
  ONE_MINUTE: 1,
  FIVE_MINUTE: 5,
  FIFTEEN_MINUTE: 15,
  THIRTY_MINUTE: 30,
  ONE_HOUR: 60,
  TWO_HOUR: 120,
  FOUR_HOUR: 240,
  SIX_HOUR: 360,
  ONE_DAY: 1_440,
}

export class CoinbasePublicRest {
  readonly #context: VenueContext

  constructor(context: VenueContext) {
    this.#context = context
  }

  /** `/v2/…`, what the retail API says of time and currencies. */
  answerV2(path: string): SimulatedAnswer {
    const now = this.#context.now()
    switch (path) {
      case '/v2/time':
        return json({ data: { iso: iso(now), epoch: Math.floor(now / MICROS_PER_SECOND) } })
      case '/v2/currencies':
        return json({ data: [{ id: 'USD', name: 'US Dollar', min_size: '0.01' }] })
      case '/v2/currencies/crypto':
        return json({
          data: COINBASE_ASSETS.filter(({ asset }) => asset !== 'USD').map(({ asset, name }) => ({
            asset_id: `simulated-${asset.toLowerCase()}`,
            code: asset,
            name,
            exponent: 8,
            type: 'crypto',
          })),
        })
      case '/v2/exchange-rates':
        return json({ data: { currency: 'USD', rates: { USD: '1.0' } } })
    }
    return json({ errors: [{ id: 'not_found', message: 'Not found' }] }, 404)
  }

  answer(path: string, query: URLSearchParams): SimulatedAnswer {
    const now = this.#context.now()
    if (path === 'time') {
      const epochSeconds = String(Math.floor(now / MICROS_PER_SECOND))
      return json({ iso: iso(now), epochSeconds, epochMillis: String(Math.floor(now / 1_000)) })
    }
    if (path === 'market/products') {
      const isSpot = (query.get('product_type') ?? 'SPOT') === 'SPOT'
      const products = isSpot ? COINBASE_PRODUCTS.map(one => this.#product(one)) : []
      return json({ products, num_products: products.length })
    }
    if (path === 'market/product_book') {
      const product = productNamed(query.get('product_id'))
      return product === undefined ? unknownProduct() : this.#book(product, Number(query.get('limit') ?? BOOK_DEPTH))
    }
    const [, symbol, what = ''] = /^market\/products\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? []
    const product = productNamed(symbol)
    if (symbol === undefined) return failed(404, 'NOT_FOUND', 'there is no such path')
    if (product === undefined) return unknownProduct()
    switch (what) {
      case '':
        return json(this.#product(product))
      case 'ticker':
        return this.#trades(product, Number(query.get('limit') ?? 100))
      case 'candles':
        return this.#candles(product, query)
    }
    return failed(404, 'NOT_FOUND', 'there is no such path')
  }

  #product(one: SimulatedInstrument) {
    const { instrument } = one
    const { tape, market } = this.#context
    const { last, volume } = tape.day(one, market.now)
    return {
      product_id: one.symbol,
      price: priceText(instrument, last),
      price_percentage_change_24h: '0',
      volume_24h: volume.toFixed(8),
      base_increment: quantityText(instrument, 1),
      quote_increment: priceText(instrument, 1),
      quote_min_size: QUOTE_MIN,
      quote_max_size: '50000000',
      base_min_size: quantityText(instrument, instrument.quantityMin),
      base_max_size: '100000000',
      base_name: COINBASE_ASSETS.find(({ asset }) => asset === instrument.base)?.name ?? instrument.base,
      quote_name: 'US Dollar',
      is_disabled: false,
      new: false,
      status: 'online',
      cancel_only: false,
      limit_only: false,
      post_only: false,
      trading_disabled: false,
      auction_mode: false,
      product_type: 'SPOT',
      quote_currency_id: instrument.quote,
      base_currency_id: instrument.base,
      alias: '',
      alias_to: [],
      base_display_symbol: instrument.base,
      quote_display_symbol: instrument.quote,
      view_only: false,
      price_increment: priceText(instrument, 1),
      display_name: one.symbol,
      product_venue: 'CBE',
    }
  }

  #book(product: SimulatedInstrument, limit: number): SimulatedAnswer {
    const { instrument } = product
    const { bids, asks, at } = this.#context.feed(BOOK_DEPTH).picture(product)
    const rows = (levels: typeof bids) =>
      levels
        .slice(0, limit)
        .map(([price, quantity]) => ({ price: priceText(instrument, price), size: quantityText(instrument, quantity) }))
    return json({
      pricebook: { product_id: product.symbol, bids: rows(bids), asks: rows(asks), time: iso(at) },
      last: priceText(instrument, this.#context.tape.trades(product).at(-1)?.price ?? 0),
    })
  }

  /** Newest first, with the best prices. */
  #trades(product: SimulatedInstrument, limit: number): SimulatedAnswer {
    const { instrument } = product
    const { tape, market } = this.#context
    const trades = tape.trades(product).slice(-Math.min(limit, TRADES_MAX)).reverse()
    const { bids, asks } = market.levels(product, 1)
    return json({
      trades: trades.map(({ number, price, quantity, at, side }) => ({
        trade_id: String(number),
        product_id: product.symbol,
        price: priceText(instrument, price),
        size: quantityText(instrument, quantity),
        time: iso(at),
        side: side.toUpperCase(),
        bid: '',
        ask: '',
        exchange: 'coinbase',
      })),
      best_bid: priceText(instrument, bids[0]?.[0] ?? 0),
      best_ask: priceText(instrument, asks[0]?.[0] ?? 0),
    })
  }

  /** Newest first; `start` and `end` are Unix seconds. */
  #candles(product: SimulatedInstrument, query: URLSearchParams): SimulatedAnswer {
    const { instrument } = product
    const minutes = MINUTES[query.get('granularity') ?? '']
    if (minutes === undefined) return failed(400, 'INVALID_ARGUMENT', 'granularity is not known')
    const [start, end] = [Number(query.get('start')), Number(query.get('end'))]
    if ((end - start) / (60 * minutes) > CANDLES_MAX)
      return failed(400, 'INVALID_ARGUMENT', 'number of candles requested should be less than 350')
    const candles = this.#context.tape
      .candles(product, minutes * MICROS_PER_MINUTE, this.#context.market.now)
      .filter(({ openAt }) => openAt / MICROS_PER_SECOND >= start && openAt / MICROS_PER_SECOND <= end)
      .reverse()
    const text = (price: number) => priceText(instrument, price)
    return json({
      candles: candles.map(({ openAt, open, high, low, close, volume }) => ({
        start: String(openAt / MICROS_PER_SECOND),
        low: text(low),
        high: text(high),
        open: text(open),
        close: text(close),
        volume: volume.toFixed(8),
      })),
    })
  }
}

const unknownProduct = () => failed(404, 'NOT_FOUND', 'product not found')

export const isPublic = ({ path }: SimulatedRequest): boolean =>
  (path.startsWith('/v2/') && path !== '/v2/accounts') || /^\/api\/v3\/brokerage\/(market\/|time$)/.test(path)
