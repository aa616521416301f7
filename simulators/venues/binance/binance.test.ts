import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_MINUTE, MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import { type SimulatedRequest, VenueSimulator } from '../core/index.ts'
import { binanceSimulator } from './index.ts'

/** A minute begins here. */
const AT: Micros = 1_700_000_040_000_000
const open = (options: Partial<ConstructorParameters<typeof VenueSimulator>[0]> = {}) =>
  new VenueSimulator({ definition: binanceSimulator, seed: 'binance', start: AT, market: 'still', ...options })

type Answer = Record<string, unknown>

function client(simulator: VenueSimulator, credentials = binanceSimulator.credentials) {
  const send = (method: string, path: string, rawQuery = '', headers: Record<string, string> = {}, body = '') => {
    const request: SimulatedRequest = {
      method,
      host: 'api.binance.com',
      path,
      query: new URLSearchParams(rawQuery),
      rawQuery,
      headers,
      body,
      from: '10.0.0.1',
      url: `https://api.binance.com${path}`,
    }
    const { status, headers: told = {}, body: text } = simulator.request(request).answer!
    return { status, headers: told, body: JSON.parse(text) as Answer & Answer[] }
  }
  const sign = (text: string) => createHmac('sha256', credentials.secret).update(text).digest('hex')
  return {
    send,
    sign,
    signed(method: string, path: string, params: Record<string, string | number> = {}) {
      const timestamp = Math.floor(simulator.now / MICROS_PER_MS)
      const text = new URLSearchParams(
        Object.entries({ timestamp, ...params }).map(([name, value]) => [name, String(value)] as [string, string]),
      ).toString()
      const query = `${text}&signature=${sign(text)}`
      const headers = { 'x-mbx-apikey': credentials.apiKey }
      return method === 'POST' ? send(method, path, '', headers, query) : send(method, path, query, headers)
    },
  }
}

const LIMIT = { symbol: 'XRPUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '40', price: '2' } as const

describe('signatures', () => {
  /** The worked example of https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security */
  const published = {
    apiKey: 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A',
    secret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
  }
  const order =
    'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559'
  const signature = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71'
  const headers = { 'x-mbx-apikey': published.apiKey }
  const then = 1_499_827_319_559 * MICROS_PER_MS

  test.each([
    ['as a query', `${order}&signature=${signature}`, ''],
    ['as a body', '', `${order}&signature=${signature}`],
    [
      'as both, which are signed without an ampersand between them',
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC',
      'quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature=0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77',
    ],
  ])('the example that Binance publishes is accepted %s', (_, query, body) => {
    const { send } = client(open({ accounts: [published], start: then }))
    // The signature holds; Litecoin is not listed here.
    expect(send('POST', '/api/v3/order', query, headers, body).body).toEqual({ code: -1121, msg: 'Invalid symbol.' })
  })

  test.each([
    [-1022, 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b72', then],
    [-1021, signature, then + 5_001 * MICROS_PER_MS],
    [-1021, signature, then - 1_001 * MICROS_PER_MS],
    [-1121, signature, then + 5_000 * MICROS_PER_MS],
    [-1121, signature, then - 999 * MICROS_PER_MS],
  ])('%i: signature %s at %i', (code, given, start) => {
    const { send } = client(open({ accounts: [published], start }))
    expect(send('POST', '/api/v3/order', `${order}&signature=${given}`, headers).body.code).toBe(code)
  })

  test('keys: none, of no known form, unknown, not allowed to trade', () => {
    const reader = { apiKey: 'readerKeyOfSomeLength', secret: 's', permissions: { trade: false } }
    const simulator = open({ accounts: [reader] })
    const { send } = client(simulator)
    const code = (key?: string) =>
      send('GET', '/api/v3/account', 'timestamp=1', key === undefined ? {} : { 'x-mbx-apikey': key }).body.code
    expect([code(), code('nobody'), code('nobodyButLongEnoughToBeOne')]).toEqual([-2014, -2014, -2015])
    const reading = client(simulator, reader)
    expect(reading.signed('GET', '/api/v3/account').body).toMatchObject({ canTrade: false })
    expect(reading.signed('POST', '/api/v3/order', LIMIT)).toMatchObject({ status: 401, body: { code: -2015 } })
    expect(reading.signed('GET', '/sapi/v1/account/apiRestrictions').body).toMatchObject({
      enableReading: true,
      enableSpotAndMarginTrading: false,
      enableWithdrawals: false,
    })
  })
})

describe('orders', () => {
  test.each([
    [{ symbol: 'XRPEUR' }, -1121, 'Invalid symbol.'],
    [{ side: 'HOLD' }, -1117, 'Invalid side.'],
    [{ type: 'DARK' }, -1116, 'Invalid orderType.'],
    [{ timeInForce: 'EVER' }, -1115, 'Invalid timeInForce.'],
    [{ timeInForce: '' }, -1102, "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed."],
    [{ price: '' }, -1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed."],
    [{ price: '-2' }, -1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed."],
    [{ price: '2.00001' }, -1013, 'Filter failure: PRICE_FILTER'],
    [{ price: '2.000000001' }, -1111, "Parameter 'price' has too much precision."],
    [{ quantity: '40.05' }, -1013, 'Filter failure: LOT_SIZE'],
    [{ quantity: '0' }, -1013, 'Filter failure: LOT_SIZE'],
    [{ quantity: '2' }, -1013, 'Filter failure: NOTIONAL'],
    [{ quantity: '600000' }, -2010, 'Account has insufficient balance for requested action.'],
    [{ type: 'MARKET' }, -1106, "Parameter 'price' sent when not required."],
    [{ type: 'LIMIT_MAKER', price: '3', timeInForce: '' }, -2010, 'Order would immediately match and take.'],
    [{ type: 'STOP_LOSS_LIMIT', stopPrice: '2' }, -2010, 'Stop price would trigger immediately.'],
    [
      { newClientOrderId: 'no spaces' },
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
    ],
  ])('%j: %i', (change, code, msg) => {
    const simulator = open()
    const answer = client(simulator).signed('POST', '/api/v3/order', { ...LIMIT, ...change })
    expect(answer.body).toEqual({ code, msg })
    expect(simulator.exchange.ordersOf(simulator.accounts[0]!)).toEqual([])
  })

  test('a client id is unique among open orders', () => {
    const { signed } = client(open())
    const place = () => signed('POST', '/api/v3/order', { ...LIMIT, newClientOrderId: 'mine' }).body
    expect(place().status).toBe('NEW')
    expect(place()).toEqual({ code: -2010, msg: 'Duplicate order sent.' })
    const canceled = signed('DELETE', '/api/v3/order', { symbol: 'XRPUSDT', origClientOrderId: 'mine' }).body
    expect(canceled).toMatchObject({ status: 'CANCELED', origClientOrderId: 'mine' })
    expect(canceled.clientOrderId).not.toBe('mine')
    expect(place().status).toBe('NEW')
  })

  test('a market order is answered with its fills, and the fee is taken from what is received', () => {
    const simulator = open()
    const { signed } = client(simulator)
    const { symbol, side, quantity } = LIMIT
    const { body } = signed('POST', '/api/v3/order', { symbol, side, quantity, type: 'MARKET' })
    expect(body).toMatchObject({ status: 'FILLED', executedQty: '40.00000000', origQty: '40.00000000' })
    expect(body.fills).toMatchObject([{ qty: '40.00000000', commission: '0.04000000', commissionAsset: 'XRP' }])
    const { balances } = signed('GET', '/api/v3/account').body as unknown as { balances: Answer[] }
    expect(balances.find(({ asset }) => asset === 'XRP')).toEqual({
      asset: 'XRP',
      free: '200039.96000000',
      locked: '0.00000000',
    })
  })

  test('amended to less, an order keeps its place; to more is refused', () => {
    const simulator = open()
    const { signed } = client(simulator)
    const { orderId } = signed('POST', '/api/v3/order', { ...LIMIT, newClientOrderId: 'first' }).body as {
      orderId: number
    }
    const amend = (newQty: string) =>
      signed('PUT', '/api/v3/order/amend/keepPriority', {
        symbol: 'XRPUSDT',
        orderId,
        newQty,
        newClientOrderId: 'then',
      })
    expect(amend('30').body).toMatchObject({
      amendedOrder: { orderId, origClientOrderId: 'first', clientOrderId: 'then', qty: '30.00000000', status: 'NEW' },
    })
    expect(amend('50')).toMatchObject({
      status: 400,
      body: { code: -2038, msg: 'Order amend (quantity increase) is not supported.' },
    })
    const by = (origClientOrderId: string) =>
      signed('GET', '/api/v3/order', { symbol: 'XRPUSDT', origClientOrderId }).body
    expect([by('first').code, by('then').orderId]).toEqual([-2013, orderId])
  })

  test('cancel and replace: both, one or none', () => {
    const simulator = open()
    const { signed } = client(simulator)
    const replace = (cancelOrderId: unknown, change = {}) =>
      signed('POST', '/api/v3/order/cancelReplace', {
        ...LIMIT,
        cancelReplaceMode: 'STOP_ON_FAILURE',
        cancelOrderId: String(cancelOrderId),
        ...change,
      })
    const { orderId } = signed('POST', '/api/v3/order', LIMIT).body
    const { body } = replace(orderId, { price: '2.1' })
    expect(body).toMatchObject({ cancelResult: 'SUCCESS', newOrderResponse: { price: '2.10000000', status: 'NEW' } })
    expect(replace(orderId)).toMatchObject({
      status: 400,
      body: { code: -2022, data: { cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED' } },
    })
    const next = (body.newOrderResponse as Answer).orderId
    expect(replace(next, { quantity: '600000' })).toMatchObject({
      status: 409,
      body: { code: -2021, data: { cancelResult: 'SUCCESS', newOrderResponse: { code: -2010 } } },
    })
    expect(simulator.exchange.openOrdersOf(simulator.accounts[0]!)).toEqual([])
  })
})

describe('rates', () => {
  test('6,000 of weight a minute by address, told in every answer; then 429, and for who goes on 418, for longer each time', () => {
    const simulator = open()
    const { send } = client(simulator)
    const ask = () => send('GET', '/api/v3/depth', 'symbol=XRPUSDT&limit=5000')
    const used = Array.from({ length: 24 }, () => ask().headers['x-mbx-used-weight-1m'])
    expect([used[0], used.at(-1)]).toEqual(['250', '6000'])
    simulator.advance(AT + 20 * MICROS_PER_SECOND)
    const refused = Array.from({ length: 10 }, ask)
    for (const { status, headers, body } of refused)
      expect([status, headers['retry-after'], body.code]).toEqual([429, '40', -1003])
    expect(ask()).toMatchObject({ status: 418, headers: { 'retry-after': '120' } })
    expect(send('GET', '/api/v3/ping').body.msg).toContain(`IP banned until ${AT / 1_000 + 20_000 + 120_000}`)
    simulator.advance(AT + 140 * MICROS_PER_SECOND)
    expect(ask().status).toBe(200)
    for (let i = 0; i < 33; i++) ask()
    expect(ask()).toMatchObject({ status: 418, headers: { 'retry-after': '240' } })
  })

  test('100 orders in ten seconds of the clock by account', () => {
    const simulator = open()
    const { signed } = client(simulator)
    const place = () => signed('POST', '/api/v3/order', LIMIT)
    const counts = Array.from({ length: 100 }, () => place().headers['x-mbx-order-count-10s'])
    expect([counts[0], counts.at(-1)]).toEqual(['1', '100'])
    expect(place()).toMatchObject({ status: 429, headers: { 'retry-after': '10' }, body: { code: -1015 } })
    simulator.advance(AT + 10 * MICROS_PER_SECOND)
    expect(place().status).toBe(200)
  })
})

describe('streams', () => {
  const socketTo = (simulator: VenueSimulator, host: string, path: string) => {
    const frames: Answer[] = []
    const closed: string[] = []
    const { onFrame } = simulator.connect(
      { host, path, query: new URLSearchParams(path.split('?')[1]) },
      { send: frame => frames.push(JSON.parse(String(frame))), close: reason => closed.push(reason) },
    )
    return { frames, closed, say: (message: object) => onFrame(JSON.stringify(message)) }
  }

  test('diffs follow one another and the snapshot, and give the book', () => {
    const simulator = open({ market: 'living', past: MICROS_PER_MINUTE })
    const { send } = client(simulator)
    const stream = socketTo(simulator, 'stream.binance.com:9443', '/ws/xrpusdt@depth@100ms')
    const step = (from: number, to: number) => {
      for (let i = from; i < to; i++) simulator.advance(AT + i * 100 * MICROS_PER_MS)
    }
    step(1, 50)
    const snapshot = send('GET', '/api/v3/depth', 'symbol=XRPUSDT&limit=5000').body as unknown as {
      lastUpdateId: number
      bids: [string, string][]
    }
    step(50, 150)
    const diffs = stream.frames as unknown as { U: number; u: number; b: [string, string][] }[]
    expect(diffs.length).toBeGreaterThan(30)
    for (const [i, diff] of diffs.entries()) if (i > 0) expect(diff.U).toBe(diffs[i - 1]!.u + 1)
    const bids = new Map(snapshot.bids)
    for (const { u, b } of diffs)
      if (u > snapshot.lastUpdateId)
        for (const [price, quantity] of b)
          if (Number(quantity) === 0) bids.delete(price)
          else bids.set(price, quantity)
    const now = send('GET', '/api/v3/depth', 'symbol=XRPUSDT&limit=5000').body as unknown as typeof snapshot
    expect([...bids].sort(([a], [b]) => Number(b) - Number(a))).toEqual(now.bids)
    expect(now.bids).not.toEqual(snapshot.bids)
  })

  test('a combined stream names each; a sixth frame in a second ends the connection', () => {
    const simulator = open()
    const stream = socketTo(simulator, 'stream.binance.com:9443', '/stream?streams=xrpusdt@trade')
    client(simulator).signed('POST', '/api/v3/order', { ...LIMIT, price: '3' })
    expect(stream.frames).toMatchObject([{ stream: 'xrpusdt@trade', data: { e: 'trade', q: '40.00000000', m: false } }])
    for (let id = 1; id <= 5; id++) stream.say({ method: 'LIST_SUBSCRIPTIONS', id })
    expect(stream.frames.at(-1)).toEqual({ result: ['xrpusdt@trade'], id: 5 })
    expect(stream.closed).toEqual([])
    stream.say({ method: 'LIST_SUBSCRIPTIONS', id: 6 })
    expect(stream.closed).toEqual(['Too many requests'])
  })

  test('own orders and balances come after a signed subscription, and not after a wrong one', () => {
    const simulator = open()
    const { sign, signed } = client(simulator)
    const { apiKey } = binanceSimulator.credentials
    const subscribe = (signature: (text: string) => string) => {
      const stream = socketTo(simulator, 'ws-api.binance.com:443', '/ws-api/v3')
      const timestamp = AT / 1_000
      const params = { timestamp, apiKey, signature: signature(`apiKey=${apiKey}&timestamp=${timestamp}`) }
      stream.say({ id: 'a', method: 'userDataStream.subscribe.signature', params })
      return stream.frames
    }
    const wrong = subscribe(text => sign(`${text}0`))
    const right = subscribe(sign)
    signed('POST', '/api/v3/order', { ...LIMIT, price: '3', newClientOrderId: 'mine' })
    expect(wrong).toEqual([{ id: 'a', status: 400, error: { code: -1022, msg: expect.any(String) } }])
    expect(right[0]).toEqual({ id: 'a', status: 200, result: { subscriptionId: 0 } })
    const events = right.slice(1).map(frame => frame.event as Answer)
    expect(events.map(({ e, x, X }) => [e, x, X].filter(Boolean).join(' '))).toEqual([
      'executionReport NEW NEW',
      'outboundAccountPosition',
      'executionReport TRADE FILLED',
      'outboundAccountPosition',
    ])
    expect(events[2]).toMatchObject({
      c: 'mine',
      l: '40.00000000',
      z: '40.00000000',
      n: '0.04000000',
      N: 'XRP',
      m: false,
    })
  })
})
