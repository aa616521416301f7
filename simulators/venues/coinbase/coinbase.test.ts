import { generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_MINUTE, MICROS_PER_MS, MICROS_PER_SECOND } from '../../../src/kernel/index.ts'
import type { VenueSimulator } from '../core/index.ts'
import { coinbaseClient, HOST, openSocket, request, START, secret, stillCoinbase, tokenOf } from './testing.ts'

/** The still market of XRP: asks from 2.3005 upwards, bids from 2.2995 downwards, 5 ten-thousandths apart, 2,173.913043 at each. */
const open = () => {
  const simulator = stillCoinbase()
  return { simulator, client: coinbaseClient(simulator) }
}

describe('tokens', () => {
  const now = START / MICROS_PER_SECOND
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'sec1', format: 'pem' })
    .toString()

  test.each([
    ['of an unknown key', { key: 'organizations/simulated/apiKeys/nobody' }],
    ['signed with another key', { secret: other }],
    ['for another call', { uri: `GET ${HOST}/api/v3/brokerage/orders/historical/fills` }],
    ['for another method', { uri: `POST ${HOST}/api/v3/brokerage/accounts` }],
    ['for no call', { uri: undefined }],
    ['of yesterday', { claims: { nbf: now - 86_400, exp: now - 86_280 } }],
    ['of tomorrow', { claims: { nbf: now + 60, exp: now + 120 } }],
    ['for a day', { claims: { exp: now + 86_400 } }],
    ['of somebody else’s making', { claims: { iss: 'me' } }],
    ['in another’s name', { claims: { sub: 'organizations/simulated/apiKeys/other' } }],
  ])('%s are refused', (_, wish) => {
    const { client } = open()
    expect(client.call('GET', '/accounts').status).toBe(200)
    const { status, text } = client.call('GET', '/accounts', undefined, wish)
    expect([status, text]).toEqual([401, 'Unauthorized\n'])
  })

  test('no token, and one that is none', () => {
    const { simulator } = open()
    const ask = (headers: Record<string, string>) =>
      simulator.request(request('GET', '/accounts', { headers })).answer!.status
    expect([ask({}), ask({ authorization: 'Bearer a.b.c' }), ask({ authorization: 'Bearer x' })]).toEqual([
      401, 401, 401,
    ])
  })

  test('of an Ed25519 key name their calls in a list', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const { d, x } = privateKey.export({ format: 'jwk' })
    const bytes = Buffer.concat([Buffer.from(d!, 'base64url'), Buffer.from(x!, 'base64url')])
    const simulator = stillCoinbase({ accounts: [{ apiKey: 'ed', secret: bytes.toString('base64') }] })
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const uris = [`GET ${HOST}/api/v3/brokerage/accounts`]
    const text = `${part({ alg: 'EdDSA', kid: 'ed' })}.${part({ sub: 'ed', iss: 'cdp', nbf: now, exp: now + 120, uris })}`
    const ask = (path: string) => {
      const token = `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`
      return simulator.request(request('GET', path, { headers: { authorization: `Bearer ${token}` } })).answer!.status
    }
    expect([ask('/accounts'), ask('/key_permissions')]).toEqual([200, 401])
  })

  test('a key that may read alone changes nothing, and says so', () => {
    const simulator = stillCoinbase({ accounts: [{ apiKey: 'reader', secret, permissions: { trade: false } }] })
    const client = coinbaseClient(simulator)
    const reader = { key: 'reader' }
    expect(client.call('GET', '/key_permissions', undefined, reader).body).toMatchObject({
      can_view: true,
      can_trade: false,
      can_transfer: false,
    })
    for (const path of ['/orders', '/orders/batch_cancel', '/orders/edit'])
      expect(client.call('POST', path, {}, reader)).toMatchObject({ status: 403, body: { error: 'PERMISSION_DENIED' } })
  })
})

test('ten public requests a second for an address, thirty private ones for a key', () => {
  const { simulator, client } = open()
  const time = (from = '10.0.0.1') => simulator.request(request('GET', '/time', { from })).answer!.status
  expect(Array.from({ length: 11 }, () => time())).toEqual([...Array(10).fill(200), 429])
  expect(time('10.0.0.2')).toBe(200)
  const accounts = () => client.call('GET', '/accounts').status
  expect(Array.from({ length: 31 }, accounts)).toEqual([...Array(30).fill(200), 429])
  simulator.advance(START + MICROS_PER_SECOND)
  expect([time(), accounts()]).toEqual([200, 200])
})

describe('orders', () => {
  test.each<[string, object, object, string, string]>([
    [
      'a price off the tick',
      { limit_price: '2.00001' },
      {},
      'INVALID_PRICE_PRECISION',
      'PREVIEW_INVALID_PRICE_PRECISION',
    ],
    ['a size off the lot', { base_size: '40.0000001' }, {}, 'INVALID_SIZE_PRECISION', 'PREVIEW_INVALID_SIZE_PRECISION'],
    ['too little money', { base_size: '0.4' }, {}, 'UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL'],
    ['more than there is', { base_size: '600000' }, {}, 'INSUFFICIENT_FUND', 'PREVIEW_INSUFFICIENT_FUND'],
    [
      'a maker that would take',
      { limit_price: '2.3005', post_only: true },
      {},
      'INVALID_LIMIT_PRICE_POST_ONLY',
      'PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY',
    ],
    ['an unknown product', {}, { product_id: 'XRP-EUR' }, 'INVALID_PRODUCT_ID', 'PREVIEW_INVALID_PRODUCT_ID'],
    ['an unknown side', {}, { side: 'HOLD' }, 'INVALID_SIDE', 'PREVIEW_INVALID_SIDE'],
    [
      'an unknown kind',
      {},
      { order_configuration: { twap_limit_gtd: {} } },
      'UNSUPPORTED_ORDER_CONFIGURATION',
      'PREVIEW_INVALID_ORDER_CONFIG',
    ],
  ])('%s is not created', (_, fields, order, error, preview) => {
    const { client } = open()
    const body = client.limit(fields, order)
    expect(body).toMatchObject({ success: false, error_response: { error, preview_failure_reason: preview } })
    expect(client.call('GET', '/orders/historical/batch').body.orders).toEqual([])
  })

  test('an id that was used already is its first order, and nothing new', () => {
    const { client } = open()
    const first = client.limit({}, { client_order_id: 'mine' })
    const second = client.limit({ base_size: '50' }, { client_order_id: 'mine' })
    expect(second.success_response.order_id).toBe(first.success_response.order_id)
    expect(client.call('GET', '/orders/historical/batch').body.orders).toHaveLength(1)
  })

  test('a market sale walks the book and pays its fee out of what it brings', () => {
    const { client, simulator } = open()
    const { order_id: id } = client.place({ market_market_ioc: { base_size: '3000' } }, { side: 'SELL' })
    // 2,173.913043 × 2.2995 + 826.086957 × 2.299, and six thousandths of it.
    expect(client.order(id)).toMatchObject({
      status: 'FILLED',
      order_type: 'MARKET',
      filled_size: '3000',
      filled_value: '6898.08695652',
      total_fees: '41.38852175',
      total_value_after_fees: '6856.69843477',
      number_of_fills: '2',
      average_filled_price: '2.29936231',
      settled: true,
    })
    const { fills } = client.call('GET', `/orders/historical/fills?order_ids=${id}`).body
    expect(
      fills.map(({ price, size, liquidity_indicator }: Record<string, string>) => [price, size, liquidity_indicator]),
    ).toEqual([
      ['2.299', '826.086957', 'TAKER'],
      ['2.2995', '2173.913043', 'TAKER'],
    ])
    expect(simulator.accounts[0]!.free('XRP')).toBe(197_000n * 10n ** 18n)
  })

  test('a market buy spends what it was given, its fee included', () => {
    const { client, simulator } = open()
    client.place({ market_market_ioc: { quote_size: '1000' } })
    const spent = Number(1_000_000n * 10n ** 18n - simulator.accounts[0]!.total('USD')) / 1e18
    expect(spent).toBeLessThanOrEqual(1_000)
    expect(spent).toBeGreaterThan(999.99)
  })

  test.each([
    ['sor_limit_ioc', 'CANCELLED', '2173.913043'],
    ['limit_limit_fok', 'CANCELLED', '0'],
    ['limit_limit_gtc', 'OPEN', '2173.913043'],
  ])('%s beyond the first level', (kind, status, filled_size) => {
    const { client } = open()
    const { order_id: id } = client.place({ [kind]: { base_size: '2500', limit_price: '2.3005' } })
    expect(client.order(id)).toMatchObject({ status, filled_size })
  })

  test('a stop waits for its price, from the side that it names', () => {
    const { client } = open()
    const stop = (stop_price: string, stop_direction: string) =>
      client.place({ stop_limit_stop_limit_gtc: { base_size: '40', limit_price: '2.4', stop_price, stop_direction } })
    expect(stop('2.2', 'STOP_DIRECTION_STOP_UP').error_response.preview_failure_reason).toBe(
      'PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE',
    )
    const { order_id: id } = stop('2.301', 'STOP_DIRECTION_STOP_UP')
    expect(client.order(id)).toMatchObject({ status: 'OPEN', trigger_status: 'STOP_PENDING', order_type: 'STOP_LIMIT' })
    client.place({ market_market_ioc: { quote_size: '5200' } })
    expect(client.order(id)).toMatchObject({ status: 'FILLED', trigger_status: 'STOP_TRIGGERED', filled_size: '40' })
  })

  test('several are canceled at once; what is over or unknown is said of each', () => {
    const { client } = open()
    const ids = [client.limit().order_id, client.limit().order_id]
    client.call('POST', '/orders/batch_cancel', { order_ids: [ids[0]] })
    const { results } = client.call('POST', '/orders/batch_cancel', { order_ids: [...ids, 'none'] }).body
    expect(
      results.map((one: { success: boolean; failure_reason: string }) => [one.success, one.failure_reason]),
    ).toEqual([
      [false, 'INVALID_CANCEL_REQUEST'],
      [true, 'UNKNOWN_CANCEL_FAILURE_REASON'],
      [false, 'UNKNOWN_CANCEL_ORDER'],
    ])
  })

  test('a limit order is edited in price and size', () => {
    const { client, simulator } = open()
    const { order_id } = client.limit()
    const edit = (fields: object) => client.call('POST', '/orders/edit', { order_id, ...fields }).body
    expect(edit({ price: '2.1', size: '50' })).toEqual({ success: true, errors: [] })
    expect(client.order(order_id).order_configuration.limit_limit_gtc).toMatchObject({
      base_size: '50',
      limit_price: '2.1',
    })
    // 50 at 2.1, and the fee that it would pay as a taker.
    expect(simulator.accounts[0]!.held('USD')).toBe(105_630n * 10n ** 15n)
    expect(edit({ price: '2.00001' }).errors[0].edit_failure_reason).toBe('INVALID_EDITED_PRICE')
    expect(
      client.call('POST', '/orders/edit', { order_id: 'none', size: '1' }).body.errors[0].edit_failure_reason,
    ).toBe('ORDER_NOT_FOUND')
  })

  test('history is told newest first, page by page', () => {
    const { client } = open()
    const ids = [1, 2, 3].map(() => client.limit().order_id as string).reverse()
    const page = (query: string) => {
      const { orders, cursor, has_next } = client.call('GET', `/orders/historical/batch?limit=2${query}`).body
      return [orders.map(({ order_id }: { order_id: string }) => order_id), cursor, has_next]
    }
    expect(page('')).toEqual([ids.slice(0, 2), '2', true])
    expect(page('&cursor=2')).toEqual([ids.slice(2), '', false])
    expect(page('&order_status=FILLED')).toEqual([[], '', false])
    expect(page('&product_ids=BTC-USD')).toEqual([[], '', false])
  })
})

function live(simulator: VenueSimulator, ms: number): void {
  const { market } = simulator.exchange
  for (let passed = 0; passed < ms; passed += 50) simulator.advance(market.now + 50 * MICROS_PER_MS)
}

describe('streams', () => {
  test('the book that is rebuilt is the book of REST; nothing is missing between its numbers', () => {
    const simulator = stillCoinbase({ market: 'living', past: 10 * MICROS_PER_MINUTE })
    const { frames, ask } = openSocket(simulator)
    ask({ type: 'subscribe', channel: 'heartbeats' })
    for (const channel of ['level2', 'market_trades', 'ticker'])
      ask({ type: 'subscribe', channel, product_ids: ['XRP-USD'] })
    live(simulator, 20_000)
    expect(frames.map(({ sequence_num }) => sequence_num)).toEqual(frames.map((_, index) => index))
    const events = (channel: string) => frames.filter(frame => frame.channel === channel).flatMap(frame => frame.events)

    const book = { bid: new Map<string, string>(), offer: new Map<string, string>() }
    const told = events('l2_data')
    expect(told.map(({ type }) => type)).toEqual(['snapshot', ...Array(told.length - 1).fill('update')])
    expect(told.length).toBeGreaterThan(50)
    for (const { updates } of told)
      for (const { side, price_level, new_quantity } of updates as Record<string, string>[])
        if (Number(new_quantity) === 0) book[side as 'bid'].delete(price_level!)
        else book[side as 'bid'].set(price_level!, new_quantity!)
    const { pricebook } = coinbaseClient(simulator).call('GET', '/product_book?product_id=XRP-USD').body
    const sorted = (side: Map<string, string>, sign: number) =>
      [...side].sort(([a], [b]) => sign * (Number(a) - Number(b))).map(([price, size]) => ({ price, size }))
    expect(sorted(book.bid, -1)).toEqual(pricebook.bids)
    expect(sorted(book.offer, 1)).toEqual(pricebook.asks)

    const [snapshot, ...updates] = events('market_trades')
    expect(snapshot.type).toBe('snapshot')
    const ids = updates.flatMap(({ trades }) =>
      trades.toReversed().map(({ trade_id }: { trade_id: string }) => Number(trade_id)),
    )
    expect(ids.length).toBeGreaterThan(3)
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    expect(Number(snapshot.trades[0].trade_id)).toBeLessThan(ids[0]!)
    expect(events('heartbeats').map(({ heartbeat_counter }) => heartbeat_counter)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
    const tickers = events('ticker').map(({ tickers: [ticker] }) => ticker)
    for (const { best_bid, best_ask } of tickers) expect(Number(best_bid)).toBeLessThan(Number(best_ask))
  })

  test('the side of a trade is that of the order that rested', () => {
    const { simulator, client } = open()
    const { frames, ask } = openSocket(simulator)
    ask({ type: 'subscribe', channel: 'market_trades', product_ids: ['XRP-USD'] })
    client.place({ market_market_ioc: { base_size: '40' } }, { side: 'SELL' })
    live(simulator, 500)
    const [trade] = frames.at(-1).events[0].trades
    expect(trade).toMatchObject({ side: 'BUY', size: '40', price: '2.2995' })
    expect(client.call('GET', '/products/XRP-USD/ticker').body.trades).toEqual([expect.objectContaining(trade)])
  })

  test('subscriptions are confirmed as they stand, and end', () => {
    const simulator = stillCoinbase()
    const { frames, ask } = openSocket(simulator)
    const standing = () => frames.findLast(({ channel }) => channel === 'subscriptions').events[0].subscriptions
    ask({ type: 'subscribe', channel: 'level2', product_ids: ['XRP-USD', 'BTC-USD'] })
    ask({ type: 'unsubscribe', channel: 'level2', product_ids: ['BTC-USD'] })
    expect(standing()).toEqual({ level2: ['XRP-USD'] })
    ask({ type: 'unsubscribe', channel: 'level2', product_ids: ['XRP-USD'] })
    expect(standing()).toEqual({})
    for (const wrong of [
      { type: 'subscribe', channel: 'level3' },
      { type: 'subscribe', channel: 'level2', product_ids: ['XRP-EUR'] },
      { type: 'subscribe', channel: 'user', product_ids: [] },
      { type: 'subscribe', channel: 'user', jwt: 'a.b.c' },
    ]) {
      ask(wrong)
      expect(frames.at(-1)).toMatchObject({ type: 'error' })
    }
  })

  const userOf = (simulator: VenueSimulator) => {
    const { frames, ask } = openSocket(simulator)
    ask({ type: 'subscribe', channel: 'user', product_ids: ['XRP-USD'], jwt: tokenOf(simulator.exchange.market.now) })
    return () => frames.filter(({ channel }) => channel === 'user').flatMap(({ events }) => events)
  }

  test('a user’s orders: those that are open, and then each change', () => {
    const { simulator, client } = open()
    const { order_id: id } = client.limit()
    client.limit({ limit_price: '90000', base_size: '0.01' }, { product_id: 'BTC-USD' })
    const events = userOf(simulator)
    client.call('POST', '/orders/batch_cancel', { order_ids: [id] })
    client.place({ market_market_ioc: { base_size: '2500' } }, { side: 'SELL' })
    const rows = events().flatMap(({ type, orders }) =>
      orders.map((order: Record<string, string>) => [
        type,
        order.status,
        order.cumulative_quantity,
        order.leaves_quantity,
      ]),
    )
    expect(rows).toEqual([
      ['snapshot', 'OPEN', '0', '40'],
      ['update', 'CANCELLED', '0', '0'],
      ['update', 'PENDING', '0', '2500'],
      ['update', 'OPEN', '2173.913043', '326.086957'],
      ['update', 'FILLED', '2500', '0'],
    ])
  })

  const recorded = join(
    process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../../shared'),
    'cases/wire/nautilus_trader/coinbase',
  )
  const recording = (name: string) => {
    try {
      return JSON.parse(readFileSync(join(recorded, `${name}.json`), 'utf8'))
    } catch {
      return null
    }
  }

  test.skipIf(recording('ws_user') === null)('the fields of recorded messages are all there', () => {
    const { simulator, client } = open()
    const { order_id: id } = client.limit()
    const keys = (value: object) => Object.keys(value)
    expect(keys(userOf(simulator)()[0].orders[0])).toEqual(
      expect.arrayContaining(keys(recording('ws_user').events[0].orders[0])),
    )
    expect(keys(client.order(id))).toEqual(expect.arrayContaining(keys(recording('http_order').order)))
    client.place({ market_market_ioc: { base_size: '40' } }, { side: 'SELL' })
    const [fill] = client.call('GET', '/orders/historical/fills').body.fills
    expect(keys(fill)).toEqual(expect.arrayContaining(keys(recording('http_fills').fills[0])))
  })
})
