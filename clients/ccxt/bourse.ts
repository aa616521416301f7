import ccxt, {
  type Balances,
  Exchange,
  type Market,
  type OHLCV,
  type Order,
  type OrderBook,
  type Ticker,
  type Trade,
} from 'ccxt'

/** Prices and amounts are multiples of these. See ccxt's manual, "Precision mode". */
const TICK_SIZE = 4
const MICROS_PER_MS = 1_000
/** Own orders that are remembered to tell news by, and those that wait for the next call of `watchOrders`. */
const ORDERS_MAX = 1_000

/** Reasons of refusals that have an error of their own in ccxt. */
const REASONS: Readonly<Record<string, string>> = {
  insufficient_funds: 'InsufficientFunds',
  client_id_reused: 'DuplicateOrderId',
  would_cross: 'OrderImmediatelyFillable',
  not_fillable: 'OrderNotFillable',
}

/** Codes of problems, as ccxt's errors. */
const CODES: Readonly<Record<string, string>> = {
  'auth.required': 'AuthenticationError',
  'auth.token_invalid': 'AuthenticationError',
  'auth.token_expired': 'AuthenticationError',
  'permission.denied': 'PermissionDenied',
  'order.unknown': 'OrderNotFound',
  'instrument.unknown': 'BadSymbol',
  'request.invalid': 'InvalidOrder',
  'exchange.refused': 'InvalidOrder',
  'request.rate_limited': 'RateLimitExceeded',
  'exchange.unavailable': 'ExchangeNotAvailable',
  'exchange.busy': 'ExchangeNotAvailable',
}

type Dict = Record<string, any>

/** Own orders as one loop of `watchOrders` gets them. */
interface OrderNews {
  readonly symbol: string | undefined
  /** When it was first asked for: milliseconds, by the clock here. */
  readonly askedAt: number
  /** What has changed since the last call, by id. */
  readonly untold: Map<string, Order>
}

/** The one that was put in last is the last to go. */
function putBounded(orders: Map<string, Order>, order: Order): void {
  const id = String(order.id)
  orders.delete(id)
  orders.set(id, order)
  if (orders.size > ORDERS_MAX) orders.delete(orders.keys().next().value!)
}

/**
 * The house exchange of a Bourse installation, for users of ccxt: the same calls as any other class of ccxt and ccxt.pro.
 * @example new bourse({ urls: { api: { rest: 'http://127.0.0.1:3000', ws: 'ws://127.0.0.1:3000' } }, token })
 */
export class bourse extends Exchange {
  /** Own orders as they were last heard of, by id. */
  ordersKnown = new Map<string, Order>()
  orderNews = new Map<string, OrderNews>()

  override describe(): Dict {
    return this.deepExtend(super.describe(), {
      id: 'bourse',
      name: 'Bourse',
      rateLimit: 20,
      pro: true,
      precisionMode: TICK_SIZE,
      has: {
        spot: true,
        fetchMarkets: true,
        fetchOrderBook: true,
        fetchTrades: true,
        fetchTicker: true,
        fetchOHLCV: true,
        fetchBalance: true,
        createOrder: true,
        editOrder: true,
        cancelOrder: true,
        cancelAllOrders: true,
        fetchOrder: true,
        fetchOpenOrders: true,
        fetchClosedOrders: true,
        fetchMyTrades: true,
        fetchTradingFee: true,
        watchOrderBook: true,
        watchOrders: true,
      },
      timeframes: { '5s': '5s', '15s': '15s', '1m': '1m', '5m': '5m', '15m': '15m', '1h': '1h' },
      urls: { api: { rest: 'http://127.0.0.1:3000', ws: 'ws://127.0.0.1:3000' } },
      requiredCredentials: { apiKey: false, secret: false, token: true },
      api: {
        rest: {
          get: {
            'v1/exchange/instruments': 1,
            'v1/exchange/book': 1,
            'v1/exchange/trades': 1,
            'v1/exchange/fees': 1,
            'v1/exchange/orders': 1,
            'v1/exchange/orders/{id}': 1,
            'v1/exchange/fills': 1,
            'v1/exchange/balances': 1,
            'v1/tickers': 1,
            'v1/candles': 1,
          },
          post: { 'v1/exchange/orders': 1 },
          patch: { 'v1/exchange/orders/{id}': 1 },
          delete: { 'v1/exchange/orders/{id}': 1, 'v1/exchange/orders': 1 },
        },
      },
    })
  }

  override sign(path: string, _api: any, method: any, params: Dict = {}): any {
    const rest = this.omit(params, this.extractParams(path))
    const hasBody = method === 'POST' || method === 'PATCH'
    const query = hasBody || Object.keys(rest).length === 0 ? '' : `?${this.urlencode(rest)}`
    this.checkRequiredCredentials()
    return {
      url: `${(this.urls.api as Dict).rest}/${this.implodeParams(path, params)}${query}`,
      method,
      body: hasBody ? this.json(rest) : undefined,
      headers: { authorization: `Bearer ${this.token}`, ...(hasBody ? { 'content-type': 'application/json' } : {}) },
    }
  }

  override handleErrors(
    status: any,
    _reason: any,
    _url: any,
    _method: any,
    _headers: any,
    body: string,
    answer: any,
  ): any {
    if (status < 400) return
    const { code, reason, detail } = (answer ?? {}) as Dict
    const name = REASONS[reason] ?? CODES[code] ?? (status >= 500 ? 'ExchangeError' : 'BadRequest')
    const made = (ccxt as unknown as Dict)[name] as new (message: string) => Error
    throw new made(`${this.id} ${detail ?? body}`)
  }

  override async fetchMarkets(): Promise<Market[]> {
    const { items } = await this.request('v1/exchange/instruments', 'rest', 'GET')
    const { makerRate, takerRate } = await this.request('v1/exchange/fees', 'rest', 'GET')
    return items.map((listed: Dict) =>
      this.safeMarketStructure({
        id: listed.id,
        symbol: listed.pair,
        base: listed.base,
        quote: listed.quote,
        baseId: listed.base,
        quoteId: listed.quote,
        type: 'spot',
        spot: true,
        margin: false,
        swap: false,
        future: false,
        option: false,
        contract: false,
        active: listed.phase === 'trading',
        maker: Number(makerRate),
        taker: Number(takerRate),
        precision: { amount: Number(listed.lot), price: Number(listed.tick) },
        limits: {
          amount: { min: Number(listed.quantityMin), max: Number(listed.quantityMax) },
          price: { min: Number(listed.tick), max: Number(listed.priceMax) },
          cost: { min: Number(listed.notionalMin), max: undefined },
        },
        info: listed,
      }),
    )
  }

  override async fetchOrderBook(symbol: string, limit = 100, params: Dict = {}): Promise<OrderBook> {
    await this.loadMarkets()
    const market = this.market(symbol)
    const book = await this.request('v1/exchange/book', 'rest', 'GET', {
      instrument: market.id,
      depth: limit,
      ...params,
    })
    const made = this.parseOrderBook(book, symbol, book.at / MICROS_PER_MS)
    made.nonce = book.sequence
    return made
  }

  override async fetchTrades(symbol: string, since?: number, limit = 100, params: Dict = {}): Promise<Trade[]> {
    await this.loadMarkets()
    const market = this.market(symbol)
    const { items } = await this.request('v1/exchange/trades', 'rest', 'GET', {
      instrument: market.id,
      limit,
      ...params,
    })
    return this.parseTrades(items, market as any, since, limit)
  }

  override async fetchMyTrades(symbol?: string, since?: number, limit = 100, params: Dict = {}): Promise<Trade[]> {
    await this.loadMarkets()
    const market = symbol === undefined ? undefined : this.market(symbol)
    const { items } = await this.request('v1/exchange/fills', 'rest', 'GET', {
      ...(market === undefined ? {} : { instrument: market.id }),
      ...(since === undefined ? {} : { since: since * MICROS_PER_MS }),
      limit,
      ...params,
    })
    return this.parseTrades(items, market as any, since, limit)
  }

  override parseTrade(trade: Dict, market?: any): Trade {
    const timestamp = Math.floor(trade.at / MICROS_PER_MS)
    return this.safeTrade(
      {
        id: trade.id,
        order: trade.order,
        timestamp,
        datetime: this.iso8601(timestamp),
        symbol: this.safeSymbol(trade.instrument, market),
        side: trade.side,
        takerOrMaker: trade.liquidity === undefined ? undefined : trade.liquidity === 'taker' ? 'taker' : 'maker',
        price: trade.price,
        amount: trade.quantity,
        fee: trade.fee === undefined ? undefined : { cost: trade.fee, currency: trade.feeAsset },
        info: trade,
      } as any,
      market,
    )
  }

  override async fetchTicker(symbol: string): Promise<Ticker> {
    await this.loadMarkets()
    const market = this.market(symbol)
    const { items } = await this.request('v1/tickers', 'rest', 'GET')
    const ticker = items.find((one: Dict) => one.instrument === market.id) ?? {}
    const timestamp = Math.floor((ticker.at ?? 0) / MICROS_PER_MS)
    return this.safeTicker(
      {
        symbol,
        timestamp,
        datetime: this.iso8601(timestamp),
        bid: ticker.bid,
        ask: ticker.ask,
        last: ticker.last,
        close: ticker.last,
        baseVolume: ticker.volume24h,
        info: ticker,
      } as any,
      market as any,
    )
  }

  override async fetchOHLCV(symbol: string, timeframe = '1m', since?: number, limit = 100): Promise<OHLCV[]> {
    await this.loadMarkets()
    const market = this.market(symbol)
    const { items } = await this.request('v1/candles', 'rest', 'GET', {
      instrument: market.id,
      interval: timeframe,
      limit,
    })
    return this.parseOHLCVs(items, market as any, timeframe, since, limit)
  }

  override parseOHLCV(candle: any): OHLCV {
    const { openAt, open, high, low, close, volume } = candle
    return [openAt / MICROS_PER_MS, Number(open), Number(high), Number(low), Number(close), Number(volume)]
  }

  override async fetchBalance(): Promise<Balances> {
    const { items } = await this.request('v1/exchange/balances', 'rest', 'GET')
    const result: Dict = { info: items }
    for (const { asset, available, held } of items) result[asset] = { free: available, used: held, total: undefined }
    return this.safeBalance(result)
  }

  /**
   * `params`: `clientOrderId`, `triggerPrice`, `timeInForce`, `postOnly`; `cancelOnDisconnect: true` has the order cancelled when the
   * socket of this client ends, and `session` when the connection of that session does.
   */
  override async createOrder(
    symbol: string,
    type: any,
    side: any,
    amount: number,
    price?: number,
    params: Dict = {},
  ): Promise<Order> {
    await this.loadMarkets()
    const market = this.market(symbol)
    const trigger = this.safeNumber2(params, 'triggerPrice', 'stopPrice')
    const clientId = this.safeString(params, 'clientOrderId', this.uuid22())
    const isLimit = type === 'limit'
    const timeInForce = this.safeStringLower(params, 'timeInForce')
    const session = params.cancelOnDisconnect ? await this.session() : this.safeInteger(params, 'session')
    const answer = await this.request('v1/exchange/orders', 'rest', 'POST', {
      instrument: market.id,
      side,
      type: trigger === undefined ? type : isLimit ? 'stop_limit' : 'stop',
      quantity: this.amountToPrecision(symbol, amount),
      clientId,
      ...(isLimit ? { price: this.priceToPrecision(symbol, price) } : {}),
      ...(trigger === undefined ? {} : { triggerPrice: this.priceToPrecision(symbol, trigger) }),
      ...(timeInForce === undefined || timeInForce === 'po' ? {} : { timeInForce }),
      ...(params.postOnly || timeInForce === 'po' ? { postOnly: true } : {}),
      ...(session === undefined ? {} : { session }),
    })
    return this.parseOrder(
      { ...answer, side, type, price: isLimit ? this.priceToPrecision(symbol, price) : undefined },
      market as any,
    )
  }

  override async editOrder(
    id: string,
    symbol: string,
    _type: any,
    _side: any,
    amount?: number,
    price?: number,
  ): Promise<Order> {
    await this.loadMarkets()
    await this.request('v1/exchange/orders/{id}', 'rest', 'PATCH', {
      id,
      ...(amount === undefined ? {} : { quantity: this.amountToPrecision(symbol, amount) }),
      ...(price === undefined ? {} : { price: this.priceToPrecision(symbol, price) }),
    })
    return this.fetchOrder(id, symbol)
  }

  override async cancelOrder(id: string, symbol?: string): Promise<Order> {
    await this.request('v1/exchange/orders/{id}', 'rest', 'DELETE', { id })
    return this.fetchOrder(id, symbol)
  }

  override async cancelAllOrders(symbol?: string): Promise<Order[]> {
    await this.loadMarkets()
    const open = await this.fetchOpenOrders(symbol)
    const of = symbol === undefined ? {} : { instrument: this.market(symbol).id }
    await this.request('v1/exchange/orders', 'rest', 'DELETE', of)
    return open
  }

  override async fetchOrder(id: string, symbol?: string): Promise<Order> {
    await this.loadMarkets()
    const market = symbol === undefined ? undefined : this.market(symbol)
    return this.parseOrder(await this.request('v1/exchange/orders/{id}', 'rest', 'GET', { id }), market as any)
  }

  override fetchOpenOrders(symbol?: string, since?: number, limit = 500): Promise<Order[]> {
    return this.ordersIn('open', symbol, since, limit)
  }

  override fetchClosedOrders(symbol?: string, since?: number, limit = 500): Promise<Order[]> {
    return this.ordersIn('closed', symbol, since, limit)
  }

  async ordersIn(state: 'open' | 'closed', symbol?: string, since?: number, limit = 500): Promise<Order[]> {
    await this.loadMarkets()
    const market = symbol === undefined ? undefined : this.market(symbol)
    const of = market === undefined ? {} : { instrument: market.id }
    const { items } = await this.request('v1/exchange/orders', 'rest', 'GET', { state, limit, ...of })
    return this.parseOrders(items, market as any, since, limit)
  }

  override parseOrder(order: Dict, market?: any): Order {
    const timestamp = Math.floor((order.createdAt ?? order.at) / MICROS_PER_MS)
    const state: string = order.state
    return this.safeOrder(
      {
        id: order.id,
        clientOrderId: order.clientId ?? undefined,
        timestamp,
        datetime: this.iso8601(timestamp),
        symbol: this.safeSymbol(order.instrument, market),
        type: order.type === 'stop_limit' ? 'limit' : order.type === 'stop' ? 'market' : order.type,
        side: order.side,
        timeInForce: order.timeInForce?.toUpperCase(),
        postOnly: order.postOnly,
        price: order.price ?? undefined,
        triggerPrice: order.triggerPrice ?? undefined,
        amount: order.quantity,
        filled: order.filled,
        average: order.averagePrice ?? undefined,
        status: state === 'waiting' ? 'open' : state === 'filled' ? 'closed' : state,
        fee: order.fees === undefined ? undefined : { cost: order.fees, currency: market?.quote },
        info: order,
      } as any,
      market,
    )
  }

  override async watchOrderBook(symbol: string, limit?: number): Promise<OrderBook> {
    await this.loadMarkets()
    const topic = `l2:${this.market(symbol).id}`
    const book = (await this.watchTopic(topic, topic)) as any
    return book.limit(limit) as OrderBook
  }

  /**
   * Own orders that have changed since the last call, as they are now; none is missed between two calls. The first call counts
   * from when it is made: an order that is placed before the exchange hears of it is told as well. After a lost connection what
   * has changed meanwhile is told, of open orders and of the last hundred others.
   */
  override async watchOrders(symbol?: string, since?: number, limit?: number): Promise<Order[]> {
    const hash = `orders:${symbol ?? ''}`
    const news = this.orderNews.get(hash) ?? { symbol, askedAt: this.milliseconds(), untold: new Map() }
    this.orderNews.set(hash, news)
    await this.loadMarkets()
    const topic = `exchange-orders:${((await this.authenticate()) as Dict).principal.id}`
    // Without a pause between the two: what comes from here on settles the watch.
    const told = news.untold.size > 0 ? this.takeUntold(news) : await this.watchFrame(hash, topic)
    return this.filterBySymbolSinceLimit(
      this.newUpdates ? told : [...this.ordersKnown.values()],
      symbol,
      since,
      limit,
    ) as Order[]
  }

  /** The first frame of a connection says who this is; the answer is waited for once. */
  async authenticate(): Promise<unknown> {
    // Where the address is ws://, ccxt wants its agent loaded before the first socket.
    await this.loadHttpProxyAgent()
    const url = `${(this.urls.api as Dict).ws}/v1/stream`
    const client = this.client(url) as any
    return client.greeting ?? (await this.watch(url, 'ready', { type: 'auth', token: this.token }, 'ready', true))
  }

  /** The session of the socket: orders that are placed with it are cancelled when the socket ends, for whatever reason. */
  async session(): Promise<number> {
    await this.authenticate()
    const client = this.client(`${(this.urls.api as Dict).ws}/v1/stream`) as any
    return client.session ?? (await this.watchTopic('exchange-session', 'exchange-session'))
  }

  async watchTopic(topic: string, hash: string): Promise<any> {
    await this.authenticate()
    return this.watchFrame(hash, topic)
  }

  watchFrame(hash: string, topic: string): Promise<any> {
    return this.watch(`${(this.urls.api as Dict).ws}/v1/stream`, hash, { type: 'subscribe', topic }, topic, true)
  }

  override handleMessage(client: any, message: Dict): void {
    const { type, topic } = message
    if (type === 'ready') {
      client.greeting = message
      // By how much its clock is ahead of ours, at least: the frame was sent before it came.
      client.aheadMicros = Number(message.now) - (this.milliseconds() + 1) * MICROS_PER_MS
      client.resolve(message, 'ready')
    } else if (type === 'error') this.handleStreamError(client, message)
    else if (type === 'resync') delete client.subscriptions[topic]
    else if (type === 'snapshot' || type === 'update') {
      const data: Dict[] = Array.isArray(message.data) ? message.data : [message.data]
      if (topic === 'exchange-session') {
        client.session = message.data.session
        client.resolve(client.session, topic)
      } else if (topic.startsWith('l2:')) this.handleBook(client, topic, type, data)
      else this.handleOrders(client, type, data)
    }
  }

  /** A subscription that was refused has ended: whoever waits is told, and the next call asks anew. */
  handleStreamError(client: any, { code, detail, topic }: Dict): void {
    const made = (ccxt as unknown as Dict)[CODES[code] ?? 'ExchangeError'] as new (message: string) => Error
    const error = new made(`${this.id} ${detail}`)
    delete client.subscriptions[topic]
    if (!topic?.startsWith('exchange-orders:')) client.reject(error, topic)
    else for (const hash of this.orderNews.keys()) if (hash in client.futures) client.reject(error, hash)
  }

  /** The book by level; a change that does not follow the last one makes the book be asked for anew. */
  handleBook(client: any, topic: string, type: string, data: readonly Dict[]): void {
    const symbol = this.safeSymbol(topic.slice('l2:'.length))
    for (const change of data) {
      const known = this.orderbooks[symbol] as any
      if (type === 'snapshot') {
        const book = this.orderBook({}) as any
        book.reset({ ...this.parseOrderBook(change, symbol, change.at / MICROS_PER_MS), nonce: change.sequence })
        this.orderbooks[symbol] = book
        continue
      }
      if (known === undefined || change.sequence <= known.nonce) continue
      if (change.sequence !== known.nonce + 1) {
        delete this.orderbooks[symbol]
        delete client.subscriptions[topic]
        client.reject(
          new ccxt.ChecksumError(`${this.id} ${symbol}: change ${change.sequence} after ${known.nonce}`),
          topic,
        )
        return
      }
      for (const [price, quantity] of change.bids) known.bids.store(Number(price), Number(quantity))
      for (const [price, quantity] of change.asks) known.asks.store(Number(price), Number(quantity))
      known.nonce = change.sequence
      known.timestamp = change.at / MICROS_PER_MS
    }
    client.resolve(this.orderbooks[symbol], topic)
  }

  /** An order may come twice, in a snapshot and beside it; a snapshot also has what was there before anybody asked. */
  handleOrders(client: any, type: string, data: readonly Dict[]): void {
    // ccxt makes text of long numbers, depending on what follows them.
    const at = (view: Dict) => Number(view.updatedAt)
    for (const view of [...data].sort((one, other) => at(one) - at(other))) {
      const known = this.ordersKnown.get(view.id)
      if (known !== undefined && (at(known.info) > at(view) || this.json(known.info) === this.json(view))) continue
      const order = this.parseOrder(view, this.safeMarket(view.instrument))
      putBounded(this.ordersKnown, order)
      for (const { symbol, askedAt, untold } of this.orderNews.values()) {
        const isOld = known === undefined && at(view) < askedAt * MICROS_PER_MS + client.aheadMicros
        if ((type === 'snapshot' && isOld) || (symbol !== undefined && symbol !== order.symbol)) continue
        putBounded(untold, order)
      }
    }
    for (const [hash, news] of this.orderNews)
      if (news.untold.size > 0 && hash in client.futures) client.resolve(this.takeUntold(news), hash)
  }

  takeUntold({ untold }: OrderNews): Order[] {
    const orders = [...untold.values()]
    untold.clear()
    return orders
  }
}
