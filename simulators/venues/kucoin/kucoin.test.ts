import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_MINUTE, MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import { VenueSimulator } from '../core/index.ts'
import { requestTo } from '../testing.ts'
import { kucoinSimulator } from './index.ts'

const AT: Micros = 1_700_000_000_000_000
const open = (options: Partial<ConstructorParameters<typeof VenueSimulator>[0]> = {}) =>
  new VenueSimulator({ definition: kucoinSimulator, seed: 'kucoin', start: AT, market: 'still', ...options })

// biome-ignore lint/suspicious/noExplicitAny: answers are read as they come
type Answer = any
const credentials = kucoinSimulator.credentials as { apiKey: string; secret: string; passphrase: string }

function client(simulator: VenueSimulator, { apiKey, secret, passphrase } = credentials) {
  const hmac = (text: string) => createHmac('sha256', secret).update(text).digest('base64')
  const call = (
    method: string,
    path: string,
    fields: object = {},
    skewMs = 0,
    change: Record<string, string> = {},
  ): Answer => {
    const inQuery = method !== 'POST'
    const query = inQuery ? new URLSearchParams(fields as Record<string, string>).toString() : ''
    const body = inQuery ? '' : JSON.stringify(fields)
    const full = `/api/v1/${path}${query === '' ? '' : `?${query}`}`
    const timestamp = String(Math.floor(simulator.now / MICROS_PER_MS) + skewMs)
    const headers = {
      'kc-api-key': apiKey,
      'kc-api-timestamp': timestamp,
      'kc-api-passphrase': hmac(passphrase),
      'kc-api-sign': hmac(timestamp + method + full + body),
      ...change,
    }
    const { answer } = simulator.request(requestTo('api.kucoin.com', full, { method, headers, body }))
    return { status: answer!.status, headers: answer!.headers, body: answer!.body, ...JSON.parse(answer!.body) }
  }
  return {
    call,
    hmac,
    get: (path: string, fields: object = {}) => call('GET', path, { symbol: 'XRP-USDT', ...fields }),
    post: (path: string, fields: object = {}) => call('POST', path, fields),
    remove: (path: string, fields: object = {}) => call('DELETE', path, { symbol: 'XRP-USDT', ...fields }),
  }
}

const LIMIT = { symbol: 'XRP-USDT', side: 'buy', type: 'limit', size: '40', price: '2' } as const

describe('signatures', () => {
  test.each([
    [0, '200000'],
    [-5_000, '200000'],
    [-5_001, '400002'],
    [5_000, '200000'],
    [5_001, '400002'],
  ])('a clock that is %i ms off: %s', (skewMs, code) => {
    expect(client(open()).call('GET', 'accounts', {}, skewMs).code).toBe(code)
  })

  test.each([
    ['400001', { 'kc-api-key': '' }],
    ['400001', { 'kc-api-passphrase': '' }],
    ['400001', { 'kc-api-sign': '' }],
    ['400001', { 'kc-api-timestamp': '' }],
    ['400002', { 'kc-api-timestamp': 'yesterday' }],
    ['400003', { 'kc-api-key': 'stranger' }],
    ['400004', { 'kc-api-passphrase': credentials.passphrase }],
    ['400005', { 'kc-api-sign': 'bm90IHRoZSBzaWduYXR1cmU=' }],
  ])('%s: %j', (code, headers) => {
    expect(client(open()).call('GET', 'accounts', {}, 0, headers)).toMatchObject({ status: 401, code })
  })

  test('a key that may not trade reads, and changes nothing', () => {
    const reader = { apiKey: 'reader', secret: 's', passphrase: 'p', permissions: { trade: false } }
    const simulator = open({ accounts: [reader] })
    expect(client(simulator, reader).post('hf/orders', LIMIT)).toMatchObject({ status: 401, code: '400007' })
    expect(client(simulator, reader).get('user/api-key').data.permission).toBe('General')
    expect(simulator.exchange.ordersOf(simulator.accounts[1]!)).toEqual([])
  })
})

describe('orders', () => {
  test.each([
    ['400100', { symbol: 'XRP-EUR' }],
    ['400100', { side: 'hold' }],
    ['400100', { type: 'dark' }],
    ['400100', { price: '' }],
    ['400100', { timeInForce: 'GTX' }],
    ['400100', { clientOid: 'no spaces' }],
    ['400100', { size: '0.01' }],
    ['600100', { price: '2.000001' }],
    ['600100', { size: '40.00001' }],
    ['600101', { size: '0.1', price: '0.5' }],
    ['200004', { size: '600000' }],
    ['400100', { clientTimestamp: AT / 1_000 - 2_000, allowMaxTimeWindow: 1_000 }],
  ])('%s: %j', (code, change) => {
    const simulator = open()
    expect(client(simulator).post('hf/orders', { ...LIMIT, ...change })).toMatchObject({ status: 200, code })
    expect(simulator.exchange.ordersOf(simulator.accounts[0]!)).toEqual([])
  })

  test('a client id is used once and for all', () => {
    const { post, remove } = client(open())
    const place = () => post('hf/orders', { ...LIMIT, clientOid: 'mine' }).code
    expect([place(), place()]).toEqual(['200000', '126044'])
    expect(remove('hf/orders/client-order/mine').data).toEqual({ clientOid: 'mine' })
    expect(place()).toBe('126044')
  })

  test('a post-only order that would take is taken, and canceled; a fill-or-kill that cannot be filled too', () => {
    const { post, get } = client(open())
    for (const change of [{ postOnly: true, price: '3' }, { timeInForce: 'FOK' }]) {
      const { orderId } = post('hf/orders', { ...LIMIT, ...change }).data
      expect(get(`hf/orders/${orderId}`).data).toMatchObject({ active: false, cancelExist: true, dealSize: '0' })
    }
  })

  test('resting, filled, canceled: as the questions about orders show it', () => {
    const simulator = open()
    const { post, get, remove } = client(simulator)
    const resting = post('hf/orders', { ...LIMIT, clientOid: 'mine' }).data.orderId
    const filled = post('hf/orders', { ...LIMIT, type: 'market' }).data.orderId
    expect(get('hf/orders/active').data).toMatchObject([{ id: resting, clientOid: 'mine', active: true }])
    expect(get('hf/orders/active/symbols').data).toEqual({ symbols: ['XRP-USDT'] })
    // 40 XRP at the best price, 2.30061 (a fifth of a per mille over the middle), and a per mille of it in dollars.
    expect(get('hf/orders/done').data.items).toMatchObject([
      { id: filled, dealSize: '40', dealFunds: '92.0244', fee: '0.0920244', feeCurrency: 'USDT', cancelExist: false },
    ])
    const fills = get('hf/fills')
    expect(fills.data.items).toMatchObject([{ orderId: filled, size: '40', fee: '0.0920244', liquidity: 'taker' }])
    // The id of a trade is a number, and larger than what JSON.parse keeps.
    expect(fills.body).toContain('"tradeId":11067996711960001,')
    // 80 for the order and a per mille for what it may cost.
    const [usdt] = get('accounts', { currency: 'USDT', type: 'trade' }).data
    expect([usdt.holds, usdt.balance]).toEqual(['80.08', '999907.8835756'])
    const cancel = () => remove(`hf/orders/${resting}`)
    expect(cancel().data).toEqual({ orderId: resting })
    expect(cancel()).toMatchObject({ code: '400100', msg: 'order_not_exist_or_not_allow_to_cancel' })
    expect(get('hf/orders/0123456789abcdef01234567').code).toBe('100001')
  })

  test('a change is a cancel and a new order under another id', () => {
    const { post, get } = client(open())
    const before = post('hf/orders', { ...LIMIT, clientOid: 'mine' }).data.orderId
    const { newOrderId } = post('hf/orders/alter', { symbol: 'XRP-USDT', clientOid: 'mine', newPrice: '2.1' }).data
    expect(newOrderId).not.toBe(before)
    expect(get(`hf/orders/${before}`).data).toMatchObject({ active: false, cancelExist: true })
    expect(get('hf/orders/client-order/mine').data).toMatchObject({ id: newOrderId, price: '2.1', active: true })
  })

  test('all orders are canceled, of a symbol and of the account', () => {
    const { post, call, remove, get } = client(open())
    for (const symbol of ['XRP-USDT', 'DOGE-USDT']) post('hf/orders', { ...LIMIT, symbol, price: '0.3' })
    expect(remove('hf/orders').data).toBe('success')
    expect(get('hf/orders/active/symbols').data.symbols).toEqual(['DOGE-USDT'])
    expect(call('DELETE', 'hf/orders/cancelAll').data).toEqual({ succeedSymbols: ['DOGE-USDT'], failedSymbols: [] })
    expect(get('hf/orders/active/symbols').data.symbols).toEqual([])
  })

  test('a stop waits in a list of its own until it is triggered', () => {
    const simulator = open()
    const { post, get } = client(simulator)
    const stop = { ...LIMIT, side: 'sell', type: 'market', stop: 'loss' }
    expect(post('stop-order', { ...stop, stopPrice: '2.5' }).code).toBe('400100')
    const { orderId } = post('stop-order', { ...stop, stopPrice: '2.29' }).data
    expect(get('stop-order').data.items).toMatchObject([{ id: orderId, status: 'NEW', stopPrice: '2.29' }])
    expect(get('hf/orders/active').data).toEqual([])
    const xrp = kucoinSimulator.instruments.find(({ symbol }) => symbol === 'XRP-USDT')!
    const { bids } = simulator.exchange.market.levels(xrp, 100)
    const quantity = bids.filter(([price]) => price >= 229_000).reduce((sum, [, lots]) => sum + lots, 1)
    simulator.house({ instrument: xrp, side: 'sell', price: undefined, quantity, isTaking: true })
    expect(get('stop-order').data.items).toEqual([])
    expect(get(`hf/orders/${orderId}`).data).toMatchObject({ type: 'market', dealSize: '40', active: false })
  })

  test('orders are canceled when no more time is asked for', () => {
    const simulator = open()
    const { post } = client(simulator)
    post('hf/orders', LIMIT)
    const arm = (timeout: number) => post('hf/orders/dead-cancel-all', { timeout }).code
    expect([arm(4), arm(86_401), arm(5)]).toEqual(['400100', '400100', '200000'])
    const states = () => simulator.exchange.ordersOf(simulator.accounts[0]!).map(({ state }) => state)
    simulator.advance(AT + 5 * MICROS_PER_SECOND - 1)
    expect(states()).toEqual(['open'])
    simulator.advance(AT + 5 * MICROS_PER_SECOND)
    expect(states()).toEqual(['canceled'])
  })
})

test('a pool of weight for thirty seconds from its first request on; another pool has its own', () => {
  const simulator = open()
  const { get, post } = client(simulator)
  for (let i = 1; i <= 100; i++) {
    const { code, headers } = get('user/api-key')
    expect([code, headers['gw-ratelimit-remaining']]).toEqual(['200000', String(2_000 - 20 * i)])
  }
  expect(get('user/api-key')).toMatchObject({ status: 429, code: '429000', headers: { 'gw-ratelimit-reset': '30000' } })
  expect(post('hf/orders', LIMIT).code).toBe('200000')
  simulator.advance(AT + 30 * MICROS_PER_SECOND - 1)
  expect(get('user/api-key').status).toBe(429)
  simulator.advance(AT + 30 * MICROS_PER_SECOND)
  expect(get('user/api-key').code).toBe('200000')
})

describe('the socket', () => {
  const socketTo = (simulator: VenueSimulator, token: string) => {
    const frames: Answer[] = []
    const closed: string[] = []
    const { onFrame } = simulator.connect(
      { host: 'ws-api-spot.kucoin.com', path: '/', query: new URLSearchParams({ token, connectId: 'c' }) },
      { send: frame => frames.push(JSON.parse(String(frame))), close: reason => closed.push(reason) },
    )
    return { frames, closed, say: (message: object) => onFrame(JSON.stringify({ id: '1', ...message })) }
  }
  const tokenOf = (simulator: VenueSimulator, kind: 'public' | 'private'): string =>
    client(simulator).post(`bullet-${kind}`).data.token
  const subscribe = (topic: string, privateChannel = false) => ({
    type: 'subscribe',
    topic,
    privateChannel,
    response: true,
  })

  test('opens with a token that was given out, and with no other', () => {
    const simulator = open()
    expect(socketTo(simulator, tokenOf(simulator, 'public')).frames).toEqual([{ id: 'c', type: 'welcome' }])
    const { frames, closed, say } = socketTo(simulator, 'guess')
    say({ type: 'ping' })
    simulator.advance(AT + 50 * MICROS_PER_MS)
    expect([frames, closed]).toEqual([
      [{ id: 'c', type: 'error', code: 401, data: 'token is invalid' }],
      ['token is invalid'],
    ])
  })

  test('what is wrong is named; silence of 28 seconds ends it, and a ping is enough to keep it', () => {
    const simulator = open()
    const token = tokenOf(simulator, 'public')
    const [silent, pinging] = [socketTo(simulator, token), socketTo(simulator, token)]
    silent.say(subscribe('/market/level2:XRP-EUR'))
    silent.say(subscribe('/spotMarket/tradeOrdersV2', true))
    silent.say({ type: 'sing' })
    expect(silent.frames.slice(1).map(({ code }) => code)).toEqual([404, 403, 415])
    simulator.advance(AT + 27 * MICROS_PER_SECOND)
    pinging.say({ type: 'ping' })
    simulator.advance(AT + 29 * MICROS_PER_SECOND)
    expect([silent.closed.length, pinging.closed.length]).toEqual([1, 0])
    expect(pinging.frames[1]).toMatchObject({ id: '1', type: 'pong' })
  })

  test('no more than a hundred frames in ten seconds are heard', () => {
    const simulator = open()
    const { frames, say } = socketTo(simulator, tokenOf(simulator, 'public'))
    for (let i = 0; i < 101; i++) say({ type: 'ping' })
    expect(
      frames
        .slice(1)
        .map(({ type }) => type)
        .filter(type => type === 'pong'),
    ).toHaveLength(100)
    expect(frames.at(-1)).toMatchObject({ type: 'error', code: 509 })
  })

  test('changes of a book are numbered without holes, and bring the book before to the book now', () => {
    const simulator = open({ market: 'living', past: MICROS_PER_MINUTE })
    const { frames, say } = socketTo(simulator, tokenOf(simulator, 'public'))
    say(subscribe('/market/level2:XRP-USDT'))
    const { get } = client(simulator)
    const { data } = get('market/orderbook/level2_100')
    const book = { bids: new Map<string, string>(data.bids), asks: new Map<string, string>(data.asks) }
    let last = Number(data.sequence)
    for (let i = 1; i <= 100; i++) simulator.advance(AT + i * 100 * MICROS_PER_MS)
    const changes = frames.filter(({ subject }) => subject === 'trade.l2update')
    expect(changes.length).toBeGreaterThan(20)
    for (const { data: change } of changes) {
      expect(change.sequenceStart).toBe(last + 1)
      last = change.sequenceEnd
      for (const side of ['bids', 'asks'] as const)
        for (const [price, size, sequence] of change.changes[side]) {
          expect(Number(sequence)).toBeGreaterThanOrEqual(change.sequenceStart)
          expect(Number(sequence)).toBeLessThanOrEqual(change.sequenceEnd)
          if (size === '0') book[side].delete(price)
          else book[side].set(price, size)
        }
    }
    const now = get('market/orderbook/level2_20').data
    const best = (side: 'bids' | 'asks', sign: number) =>
      [...book[side]].sort(([a], [b]) => sign * (Number(a) - Number(b))).slice(0, 20)
    expect(now.sequence).toBe(String(last))
    expect([best('bids', -1), best('asks', 1)]).toEqual([now.bids, now.asks])
  })

  test('own orders and balances, step by step', () => {
    const simulator = open()
    const { post, remove } = client(simulator)
    const { frames, say } = socketTo(simulator, tokenOf(simulator, 'private'))
    for (const topic of ['/spotMarket/tradeOrdersV2', '/spotMarket/tradeOrders', '/account/balance'])
      say(subscribe(topic, true))
    frames.length = 0
    const { orderId } = post('hf/orders', { ...LIMIT, clientOid: 'mine' }).data
    simulator.advance(AT + 100 * MICROS_PER_MS)
    remove(`hf/orders/${orderId}`)
    post('hf/orders', { ...LIMIT, price: '3' })
    const stepsOf = (wanted: string) =>
      frames.filter(({ topic }) => topic === wanted).map(({ data }) => `${data.type} ${data.status}`)
    const older = ['open open', 'canceled done', 'match match', 'filled done']
    expect(stepsOf('/spotMarket/tradeOrders')).toEqual(older)
    const [first, second, ...rest] = older
    expect(stepsOf('/spotMarket/tradeOrdersV2')).toEqual(['received new', first, second, 'received new', ...rest])
    const canceled = frames.find(({ data }) => data.type === 'canceled')!.data
    expect(canceled).toMatchObject({ clientOid: 'mine', canceledSize: '40', remainSize: '0', filledSize: '0' })
    const match = frames.find(({ data }) => data.type === 'match')!.data
    expect(match).toMatchObject({ liquidity: 'taker', matchSize: '40', matchPrice: '2.30061' })
    const held = frames.filter(({ data }) => data.currency === 'USDT').map(({ data }) => data.hold)
    expect(held.slice(0, 2)).toEqual(['80.08', '0'])
  })
})
