import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_MINUTE, MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import { type SimulatedRequest, VenueSimulator } from '../core/index.ts'
import { requestTo } from '../testing.ts'
import { bybitSimulator } from './index.ts'

const AT: Micros = 1_700_000_000_000_000
const open = (options: Partial<ConstructorParameters<typeof VenueSimulator>[0]> = {}) =>
  new VenueSimulator({ definition: bybitSimulator, seed: 'bybit', start: AT, market: 'still', ...options })

// biome-ignore lint/suspicious/noExplicitAny: answers are read as they come
type Answer = any

function client(simulator: VenueSimulator, { apiKey, secret } = bybitSimulator.credentials) {
  const send = (target: string, change: Partial<SimulatedRequest> = {}) => {
    const { answer } = simulator.request(requestTo('api.bybit.com', target, change))
    return { status: answer!.status, headers: answer!.headers ?? {}, text: answer!.body }
  }
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('hex')
  /** `skewMs`: how far the client's clock is off. */
  const signed = (
    method: string,
    path: string,
    fields: Record<string, unknown>,
    { skewMs = 0, window = '5000' } = {},
  ) => {
    const timestamp = String(Math.floor(simulator.now / MICROS_PER_MS) + skewMs)
    const rawQuery = method === 'GET' ? new URLSearchParams(fields as Record<string, string>).toString() : ''
    const body = method === 'GET' ? '' : JSON.stringify(fields)
    const headers = {
      'x-bapi-api-key': apiKey,
      'x-bapi-timestamp': timestamp,
      'x-bapi-recv-window': window,
      'x-bapi-sign': sign(timestamp + apiKey + window + rawQuery + body),
    }
    return send(`${path}?${rawQuery}`, { method, body, headers })
  }
  const get = (path: string, fields: Record<string, unknown> = {}): Answer =>
    JSON.parse(signed('GET', path, fields).text)
  const post = (path: string, fields: Record<string, unknown> = {}): Answer =>
    JSON.parse(signed('POST', path, fields).text)
  return { send, sign, signed, get, post }
}

const LIMIT = { category: 'spot', symbol: 'XRPUSDT', side: 'Buy', orderType: 'Limit', qty: '40', price: '2' } as const

describe('signatures', () => {
  test.each([
    [0, '5000', 0],
    [-5_000, '5000', 0],
    [-5_001, '5000', 10002],
    [999, '5000', 0],
    [1_000, '5000', 10002],
    [-9_000, '10000', 0],
    [-5_001, '', 10002],
  ])('a clock that is %i ms off, in a window of %s ms: %i', (skewMs, window, retCode) => {
    const { signed } = client(open())
    const { text } = signed('GET', '/v5/user/query-api', {}, { skewMs, window })
    expect(JSON.parse(text).retCode).toBe(retCode)
  })

  test('a wrong key, a wrong secret, a changed body, and a key that may not trade', () => {
    const reader = { apiKey: 'reader', secret: 'secret', permissions: { trade: false } }
    const simulator = open({ accounts: [reader] })
    const { apiKey, secret } = bybitSimulator.credentials
    const code = (credentials: { apiKey: string; secret: string }) =>
      client(simulator, credentials).post('/v5/order/create', LIMIT).retCode
    expect(code({ apiKey: 'stranger', secret })).toBe(10003)
    expect(code({ apiKey, secret: `${secret}!` })).toBe(10004)
    expect(code(reader)).toBe(10005)
    const { send, sign } = client(simulator)
    const timestamp = String(AT / 1_000)
    const headers = {
      'x-bapi-api-key': apiKey,
      'x-bapi-timestamp': timestamp,
      'x-bapi-recv-window': '5000',
      'x-bapi-sign': sign(`${timestamp}${apiKey}5000${JSON.stringify(LIMIT)}`),
    }
    const path = '/v5/order/create'
    const changed = send(path, { method: 'POST', headers, body: JSON.stringify({ ...LIMIT, qty: '41' }) })
    expect(JSON.parse(changed.text).retCode).toBe(10004)
    expect(simulator.accounts.flatMap(account => simulator.exchange.ordersOf(account))).toEqual([])
    expect(client(simulator, reader).get('/v5/user/query-api').result).toMatchObject({ readOnly: 1, uta: 1 })
  })
})

describe('orders', () => {
  test.each([
    [{ symbol: 'XRPEUR' }, 170121],
    [{ side: 'Hold' }, 170117],
    [{ orderType: 'Dark' }, 170116],
    [{ timeInForce: 'EVER' }, 170115],
    [{ price: '2.00001' }, 170134],
    [{ price: undefined }, 170130],
    [{ price: '-2' }, 170133],
    [{ qty: '40.001' }, 170137],
    [{ qty: '0.5' }, 170136],
    [{ qty: '1' }, 170140],
    [{ qty: '600000' }, 170131],
    [{ qty: '30000000' }, 170135],
    [{ price: '3', timeInForce: 'PostOnly' }, 170218],
    [{ orderLinkId: 'no spaces' }, 170130],
    [{ orderFilter: 'Weather' }, 170202],
    [{ orderFilter: 'tpslOrder', triggerPrice: '1' }, 170227],
    [{ orderType: 'Market', price: undefined }, 170227],
    [{ category: 'linear' }, 170227],
    [{ category: undefined }, 10001],
  ])('%j: %i', (change, retCode) => {
    const simulator = open()
    expect(client(simulator).post('/v5/order/create', { ...LIMIT, ...change }).retCode).toBe(retCode)
    expect(simulator.exchange.ordersOf(simulator.accounts[0]!)).toEqual([])
  })

  test('a client id is used once and for all', () => {
    const { post } = client(open())
    const place = () => post('/v5/order/create', { ...LIMIT, orderLinkId: 'mine' })
    expect(place()).toMatchObject({ retCode: 0, result: { orderLinkId: 'mine' } })
    expect(place().retCode).toBe(170141)
    const cancel = () => post('/v5/order/cancel', { category: 'spot', symbol: 'XRPUSDT', orderLinkId: 'mine' }).retCode
    expect([cancel(), cancel(), place().retCode]).toEqual([0, 170213, 170141])
  })

  test('amended, filled, canceled: as the questions about orders show it', () => {
    const simulator = open()
    const { get, post } = client(simulator)
    const place = (change: object) => post('/v5/order/create', { ...LIMIT, ...change }).result.orderId as string
    const amended = place({})
    const change = { category: 'spot', symbol: 'XRPUSDT', orderId: amended, qty: '30', price: '2.1' }
    expect(post('/v5/order/amend', change).retCode).toBe(0)
    const filled = place({ orderType: 'Market', price: undefined, marketUnit: 'baseCoin' })
    const killed = place({ timeInForce: 'IOC' })
    const list = (path: string, fields = {}) =>
      get(path, { category: 'spot', symbol: 'XRPUSDT', ...fields }).result.list
    expect(list('/v5/order/realtime')).toMatchObject([
      { orderId: amended, orderStatus: 'New', qty: '30', price: '2.1' },
    ])
    expect(list('/v5/order/history')).toMatchObject([
      { orderId: killed, orderStatus: 'Cancelled', cumExecQty: '0', leavesQty: '0' },
      { orderId: filled, orderStatus: 'Filled', cumExecQty: '40', cumFeeDetail: { XRP: '0.04' } },
    ])
    expect(list('/v5/order/realtime', { orderId: filled })).toMatchObject([{ orderStatus: 'Filled' }])
    expect(list('/v5/execution/list')).toMatchObject([
      { orderId: filled, execQty: '40', execFee: '0.04', feeCurrency: 'XRP', isMaker: false },
    ])
    const [{ coin }] = get('/v5/account/wallet-balance', { accountType: 'UNIFIED', coin: 'USDT,XRP' }).result.list
    expect(coin).toMatchObject([
      { coin: 'USDT', locked: '63' },
      { coin: 'XRP', walletBalance: '200039.96', locked: '0' },
    ])
    expect(post('/v5/order/cancel-all', { category: 'spot' }).result.list).toMatchObject([{ orderId: amended }])
  })

  test('pages follow their cursor, newest first', () => {
    const simulator = open()
    const { get, post } = client(simulator)
    for (let i = 0; i < 5; i++) post('/v5/order/create', { ...LIMIT, orderLinkId: `n${i}` })
    const seen: string[] = []
    let cursor = ''
    do {
      const { result } = get('/v5/order/realtime', { category: 'spot', limit: '2', cursor })
      seen.push(...result.list.map((order: Answer) => order.orderLinkId))
      cursor = result.nextPageCursor
    } while (cursor !== '')
    expect(seen).toEqual(['n4', 'n3', 'n2', 'n1', 'n0'])
  })
})

describe('rates', () => {
  test('20 orders in any second, told in every answer, then 10006', () => {
    const simulator = open()
    const { signed } = client(simulator)
    const place = () => signed('POST', '/v5/order/create', LIMIT)
    const left = Array.from({ length: 20 }, () => place().headers['x-bapi-limit-status'])
    expect([left[0], left.at(-1), place().headers['x-bapi-limit']]).toEqual(['19', '0', '20'])
    const refused = place()
    expect(JSON.parse(refused.text).retCode).toBe(10006)
    expect(refused.headers['x-bapi-limit-reset-timestamp']).toBe(String(AT / 1_000 + 1_000))
    simulator.advance(AT + MICROS_PER_SECOND - MICROS_PER_MS)
    expect(JSON.parse(place().text).retCode).toBe(10006)
    simulator.advance(AT + MICROS_PER_SECOND)
    expect(JSON.parse(place().text).retCode).toBe(0)
  })

  test('the 601st request of an address in five seconds earns ten minutes of 403', () => {
    const simulator = open()
    const { send } = client(simulator)
    const ask = () => send('/v5/market/time').status
    for (let i = 0; i < 600; i++) expect(ask()).toBe(200)
    expect(ask()).toBe(403)
    simulator.advance(AT + 10 * MICROS_PER_MINUTE - MICROS_PER_SECOND)
    expect(ask()).toBe(403)
    simulator.advance(AT + 10 * MICROS_PER_MINUTE)
    expect(ask()).toBe(200)
  })
})

describe('streams', () => {
  const socketTo = (simulator: VenueSimulator, path: string) => {
    const frames: Answer[] = []
    const closed: string[] = []
    const { onFrame } = simulator.connect(
      { host: 'stream.bybit.com', path, query: new URLSearchParams() },
      { send: frame => frames.push(JSON.parse(String(frame))), close: reason => closed.push(reason) },
    )
    return { frames, closed, say: (message: object) => onFrame(JSON.stringify(message)) }
  }

  test('a snapshot and what follows give the book, numbered without holes', () => {
    const simulator = open({ market: 'living', past: MICROS_PER_MINUTE })
    const { frames, say } = socketTo(simulator, '/v5/public/spot')
    say({ op: 'subscribe', args: ['orderbook.50.XRPUSDT'], req_id: 'r' })
    expect(frames[0]).toMatchObject({ success: true, op: 'subscribe', req_id: 'r' })
    for (let i = 1; i <= 150; i++) simulator.advance(AT + i * 100 * MICROS_PER_MS)
    const [snapshot, ...deltas] = frames.slice(1)
    expect([snapshot.type, snapshot.data.b.length]).toEqual(['snapshot', expect.any(Number)])
    expect(deltas.length).toBeGreaterThan(30)
    const bids = new Map<string, string>(snapshot.data.b)
    let { u } = snapshot.data
    for (const { type, data } of deltas) {
      expect([type, data.u]).toEqual(['delta', u + 1])
      u = data.u
      for (const [price, size] of data.b)
        if (size === '0') bids.delete(price)
        else bids.set(price, size)
    }
    const sorted = [...bids].sort(([a], [b]) => Number(b) - Number(a))
    const rest = client(simulator).get('/v5/market/orderbook', { category: 'spot', symbol: 'XRPUSDT', limit: '50' })
    expect(sorted).toEqual(rest.result.b)
  })

  test.each([
    [['orderbook.7.XRPUSDT'], 'error:handler not found,topic:orderbook.7.XRPUSDT'],
    [['tickers.XRPEUR'], 'error:handler not found,topic:tickers.XRPEUR'],
    [Array(11).fill('tickers.XRPUSDT'), 'args size >10'],
  ])('%j is refused', (args, ret_msg) => {
    const { frames, say } = socketTo(open(), '/v5/public/spot')
    say({ op: 'subscribe', args })
    expect(frames).toMatchObject([{ success: false, ret_msg }])
  })

  test('own orders, fills and coins come to who is authorised, and to nobody else', () => {
    const simulator = open()
    const { sign, post } = client(simulator)
    const { apiKey } = bybitSimulator.credentials
    const stream = (expires: number, signature: string) => {
      const socket = socketTo(simulator, '/v5/private')
      socket.say({ op: 'auth', args: [apiKey, expires, signature] })
      socket.say({ op: 'subscribe', args: ['order', 'execution', 'wallet'] })
      return socket
    }
    const expires = AT / 1_000 + 10_000
    const good = stream(expires, sign(`GET/realtime${expires}`))
    const bad = stream(expires, sign(`GET/realtime${expires + 1}`))
    const late = stream(AT / 1_000 - 1, sign(`GET/realtime${AT / 1_000 - 1}`))
    post('/v5/order/create', { ...LIMIT, price: '3', orderLinkId: 'mine' })
    for (const { frames, closed } of [bad, late]) {
      expect(frames).toMatchObject([{ op: 'auth', success: false }])
      expect(closed).toHaveLength(1)
    }
    const told = good.frames.slice(2)
    expect(told.map(({ topic, data: [one] }) => `${topic} ${one.orderStatus ?? one.execType ?? ''}`.trim())).toEqual([
      'order New',
      'wallet',
      'execution Trade',
      'order Filled',
      'wallet',
    ])
    expect(told[2].data[0]).toMatchObject({ orderLinkId: 'mine', execQty: '40', execFee: '0.04', feeCurrency: 'XRP' })
  })

  test('a stop waits, and is told when it is triggered and fills', () => {
    const simulator = open()
    const { sign, post } = client(simulator)
    const expires = AT / 1_000 + 10_000
    const { frames, say } = socketTo(simulator, '/v5/private')
    say({ op: 'auth', args: [bybitSimulator.credentials.apiKey, expires, sign(`GET/realtime${expires}`)] })
    say({ op: 'subscribe', args: ['order'] })
    const stop = { ...LIMIT, side: 'Sell', orderType: 'Market', price: undefined, orderFilter: 'tpslOrder' }
    expect(post('/v5/order/create', { ...stop, triggerPrice: '2.2995' }).retCode).toBe(0)
    const xrp = bybitSimulator.instruments.find(({ symbol }) => symbol === 'XRPUSDT')!
    const sell = (quantity: number) =>
      simulator.house({ instrument: xrp, side: 'sell', price: undefined, quantity, isTaking: true })
    const statuses = () => frames.slice(2).map(({ data: [{ orderStatus }] }) => orderStatus)
    sell(100)
    const first = statuses()
    sell(400_000)
    expect(statuses()[0]).toBe('Untriggered')
    expect(first.length).toBeLessThan(statuses().length)
    expect(statuses().at(-1)).toBe('Filled')
  })
})
