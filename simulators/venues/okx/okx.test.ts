import { createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_MINUTE, MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import { VenueSimulator } from '../core/index.ts'
import { requestTo } from '../testing.ts'
import { okxSimulator } from './index.ts'

const AT: Micros = 1_700_000_000_000_000
const open = (options: Partial<ConstructorParameters<typeof VenueSimulator>[0]> = {}) =>
  new VenueSimulator({ definition: okxSimulator, seed: 'okx', start: AT, market: 'still', ...options })

// biome-ignore lint/suspicious/noExplicitAny: answers are read as they come
type Answer = any
const credentials = okxSimulator.credentials as { apiKey: string; secret: string; passphrase: string }

function client(simulator: VenueSimulator, { apiKey, secret, passphrase } = credentials) {
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64')
  const send = (method: string, path: string, fields: object, headers: (signed: string) => Record<string, string>) => {
    const query = method === 'GET' ? new URLSearchParams(fields as Record<string, string>).toString() : ''
    const body = method === 'GET' ? '' : JSON.stringify(fields)
    const full = `/api/v5/${path}${query === '' ? '' : `?${query}`}`
    const { answer } = simulator.request(
      requestTo('www.okx.com', full, { method, headers: headers(method + full + body), body }),
    )
    return { status: answer!.status, ...(JSON.parse(answer!.body) as Answer) }
  }
  const call = (method: string, path: string, fields: object = {}, skewMs = 0, change: Record<string, string> = {}) =>
    send(method, path, fields, signed => {
      const timestamp = new Date(Math.floor(simulator.now / MICROS_PER_MS) + skewMs).toISOString()
      return {
        'ok-access-key': apiKey,
        'ok-access-passphrase': passphrase,
        'ok-access-timestamp': timestamp,
        'ok-access-sign': sign(timestamp + signed),
        ...change,
      }
    })
  return {
    sign,
    call,
    get: (path: string, fields: object = {}) => call('GET', path, fields),
    post: (path: string, fields: object) => call('POST', path, fields),
    public: (path: string, fields: object = {}) => send('GET', path, fields, () => ({})),
  }
}

const LIMIT = { instId: 'XRP-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', sz: '40', px: '2' } as const

describe('signatures', () => {
  test.each([
    [0, '0'],
    [-30_000, '0'],
    [-30_001, '50102'],
    [30_000, '0'],
    [30_001, '50102'],
  ])('a clock that is %i ms off: %s', (skewMs, code) => {
    expect(client(open()).call('GET', 'account/balance', {}, skewMs).code).toBe(code)
  })

  test.each([
    ['50103', { 'ok-access-key': '' }],
    ['50104', { 'ok-access-passphrase': '' }],
    ['50106', { 'ok-access-sign': '' }],
    ['50107', { 'ok-access-timestamp': '' }],
    ['50112', { 'ok-access-timestamp': 'yesterday' }],
    ['50111', { 'ok-access-key': 'stranger' }],
    ['50113', { 'ok-access-sign': 'bm90IHRoZSBzaWduYXR1cmU=' }],
    ['50105', { 'ok-access-passphrase': 'Guess1' }],
  ])('%s: %j', (code, headers) => {
    expect(client(open()).call('GET', 'account/balance', {}, 0, headers)).toMatchObject({ status: 401, code })
  })

  test('a key that may not trade reads, and changes nothing', () => {
    const reader = { apiKey: 'reader', secret: 's', passphrase: 'p', permissions: { trade: false } }
    const simulator = open({ accounts: [reader] })
    expect(client(simulator, reader).post('trade/order', LIMIT).code).toBe('50120')
    expect(client(simulator, reader).get('account/config').data[0].perm).toBe('read_only')
    expect(simulator.exchange.ordersOf(simulator.accounts[1]!)).toEqual([])
  })
})

describe('orders', () => {
  test.each([
    ['51001', { instId: 'XRP-EUR' }],
    ['51000', { tdMode: 'cross' }],
    ['51000', { side: 'hold' }],
    ['51000', { ordType: 'dark' }],
    ['51000', { px: '2.00001' }],
    ['51000', { px: '' }],
    ['51121', { sz: '40.0000001' }],
    ['51020', { sz: '0.5' }],
    ['51008', { sz: '600000' }],
    ['51000', { clOrdId: 'no-dashes' }],
    ['51000', { ordType: 'market' }],
  ])('%s: %j', (sCode, change) => {
    const simulator = open()
    const answer = client(simulator).post('trade/order', { ...LIMIT, ...change })
    expect(answer).toMatchObject({ code: '1', data: [{ sCode, ordId: '' }] })
    expect(simulator.exchange.ordersOf(simulator.accounts[0]!)).toEqual([])
  })

  test('a batch: all, some or none', () => {
    const { post } = client(open())
    const [good, bad] = [LIMIT, { ...LIMIT, sz: '0' }]
    const codes = [[good, good], [good, bad], [bad]].map(batch => post('trade/batch-orders', batch).code)
    expect(codes).toEqual(['0', '2', '1'])
  })

  test('a post-only order that would take is taken, and canceled', () => {
    const simulator = open()
    const { post, get } = client(simulator)
    const { ordId } = post('trade/order', { ...LIMIT, ordType: 'post_only', px: '3' }).data[0]
    expect(get('trade/order', { instId: 'XRP-USDT', ordId }).data[0]).toMatchObject({
      state: 'canceled',
      accFillSz: '0',
    })
  })

  test('amended, filled, canceled: as the questions about orders show it; a client id is unique among what is open', () => {
    const simulator = open()
    const { post, get } = client(simulator)
    const place = (change: object) => post('trade/order', { ...LIMIT, ...change }).data[0]
    const amended = place({ clOrdId: 'mine' })
    expect(place({ clOrdId: 'mine' }).sCode).toBe('51016')
    const change = { instId: 'XRP-USDT', clOrdId: 'mine', newSz: '30', newPx: '2.1' }
    expect(post('trade/amend-order', change).data[0]).toMatchObject({ sCode: '0', ordId: amended.ordId })
    const filled = place({ ordType: 'market', tgtCcy: 'base_ccy' })
    const killed = place({ ordType: 'fok' })
    const ask = (path: string) => get(path, { instType: 'SPOT' }).data
    expect(ask('trade/orders-pending')).toMatchObject([{ clOrdId: 'mine', sz: '30', px: '2.1', state: 'live' }])
    expect(ask('trade/orders-history')).toMatchObject([
      { ordId: killed.ordId, state: 'canceled', cancelSource: '13' },
      { ordId: filled.ordId, state: 'filled', fee: '-0.04', feeCcy: 'XRP' },
    ])
    expect(ask('trade/fills')).toMatchObject([{ ordId: filled.ordId, fillSz: '40', fee: '-0.04', execType: 'T' }])
    expect(get('account/balance', { ccy: 'USDT' }).data[0].details).toMatchObject([{ ccy: 'USDT', frozenBal: '63' }])
    const cancel = () => post('trade/cancel-order', { instId: 'XRP-USDT', ordId: amended.ordId }).data[0].sCode
    expect([cancel(), cancel()]).toEqual(['0', '51400'])
    expect(place({ clOrdId: 'mine' }).sCode).toBe('0')
  })

  test('a stop is an algo order until it is triggered', () => {
    const simulator = open()
    const { post, get } = client(simulator)
    const stop = { ...LIMIT, side: 'sell', ordType: 'conditional', slOrdPx: '-1' }
    expect(post('trade/order-algo', { ...stop, slTriggerPx: '2.5' }).data[0].sCode).toBe('51280')
    const { algoId } = post('trade/order-algo', { ...stop, slTriggerPx: '2.29' }).data[0]
    const count = (path: string) => get(path, { instType: 'SPOT' }).data.length
    expect([count('trade/orders-algo-pending'), count('trade/orders-pending')]).toEqual([1, 0])
    const xrp = okxSimulator.instruments.find(({ symbol }) => symbol === 'XRP-USDT')!
    const { bids } = simulator.exchange.market.levels(xrp, 100)
    const quantity = bids.filter(([price]) => price >= 22_900).reduce((sum, [, lots]) => sum + lots, 1)
    simulator.house({ instrument: xrp, side: 'sell', price: undefined, quantity, isTaking: true })
    expect([count('trade/orders-algo-pending'), count('trade/orders-history')]).toEqual([0, 1])
    expect(get('trade/order', { instId: 'XRP-USDT', ordId: algoId }).data[0].state).toBe('filled')
  })

  test('orders are canceled when no more time is asked for', () => {
    const simulator = open()
    const { post } = client(simulator)
    post('trade/order', LIMIT)
    expect(post('trade/cancel-all-after', { timeOut: '5' }).code).toBe('51000')
    expect(post('trade/cancel-all-after', { timeOut: '10' }).code).toBe('0')
    const states = () => simulator.exchange.ordersOf(simulator.accounts[0]!).map(({ state }) => state)
    simulator.advance(AT + 9 * MICROS_PER_SECOND)
    expect(states()).toEqual(['open'])
    simulator.advance(AT + 10 * MICROS_PER_SECOND)
    expect(states()).toEqual(['canceled'])
  })
})

test('60 orders of an instrument in two seconds that roll, and others of another', () => {
  const simulator = open()
  const { post } = client(simulator)
  const place = (change = {}) => post('trade/order', { ...LIMIT, ...change })
  for (let i = 0; i < 60; i++) expect(place().code).toBe('0')
  expect(place()).toMatchObject({ status: 429, code: '50011' })
  expect(place({ instId: 'DOGE-USDT', px: '0.3' }).code).toBe('0')
  simulator.advance(AT + 2 * MICROS_PER_SECOND - 1)
  expect(place().status).toBe(429)
  simulator.advance(AT + 2 * MICROS_PER_SECOND)
  expect(place().code).toBe('0')
})

describe('channels', () => {
  const socketTo = (simulator: VenueSimulator, path: string) => {
    const frames: Answer[] = []
    const closed: string[] = []
    const { onFrame } = simulator.connect(
      { host: 'ws.okx.com:8443', path: `/ws/v5/${path}`, query: new URLSearchParams() },
      {
        send: frame => frames.push(frame === 'pong' ? 'pong' : JSON.parse(String(frame))),
        close: reason => closed.push(reason),
      },
    )
    return {
      frames,
      closed,
      say: (message: object | 'ping') => onFrame(message === 'ping' ? 'ping' : JSON.stringify(message)),
    }
  }

  test('books: a chain of numbers, and the checksum of what is rebuilt', () => {
    const simulator = open({ market: 'living', past: MICROS_PER_MINUTE })
    const { frames, say } = socketTo(simulator, 'public')
    say({ op: 'subscribe', args: [{ channel: 'books', instId: 'XRP-USDT' }] })
    for (let i = 1; i <= 150; i++) simulator.advance(AT + i * 100 * MICROS_PER_MS)
    const sides = { bids: new Map<string, string>(), asks: new Map<string, string>() }
    let last = -1
    const books = frames.slice(1)
    expect(books.length).toBeGreaterThan(30)
    for (const { data } of books) {
      const [row] = data
      expect(row.prevSeqId).toBe(last)
      last = row.seqId
      for (const side of ['bids', 'asks'] as const)
        for (const [price, size] of row[side])
          if (size === '0') sides[side].delete(price)
          else sides[side].set(price, size)
      const sorted = (side: 'bids' | 'asks', sign: number) =>
        [...sides[side]].sort(([a], [b]) => sign * (Number(a) - Number(b))).slice(0, 25)
      const [bids, asks] = [sorted('bids', -1), sorted('asks', 1)]
      const texts = Array.from({ length: 25 }, (_, i) => [bids[i], asks[i]]).flat()
      expect(row.checksum).toBe(crc32(texts.flatMap(level => level?.slice(0, 2) ?? []).join(':')) | 0)
    }
  })

  test('an unknown channel is named; silence of 30 seconds ends the connection, and a ping is enough to keep it', () => {
    const simulator = open()
    const [silent, pinging] = [socketTo(simulator, 'public'), socketTo(simulator, 'public')]
    silent.say({ op: 'subscribe', args: [{ channel: 'books', instId: 'XRP-EUR' }] })
    expect(silent.frames).toMatchObject([{ event: 'error', code: '60018' }])
    simulator.advance(AT + 29 * MICROS_PER_SECOND)
    pinging.say('ping')
    simulator.advance(AT + 31 * MICROS_PER_SECOND)
    expect([silent.closed.length, pinging.closed.length, pinging.frames]).toEqual([1, 0, ['pong']])
  })

  test('own orders and balances come to who has logged in', () => {
    const simulator = open()
    const { post, sign } = client(simulator)
    const stream = (change: object) => {
      const socket = socketTo(simulator, 'private')
      const timestamp = String(AT / MICROS_PER_SECOND)
      const { apiKey, passphrase } = credentials
      const login = { apiKey, passphrase, timestamp, sign: sign(`${timestamp}GET/users/self/verify`), ...change }
      socket.say({ op: 'login', args: [login] })
      socket.say({ op: 'subscribe', args: [{ channel: 'orders', instType: 'SPOT' }, { channel: 'account' }] })
      return socket.frames
    }
    const wrong = [
      stream({ apiKey: 'stranger' }),
      stream({ sign: sign('another text') }),
      stream({ passphrase: 'Guess1' }),
      stream({ timestamp: String(AT / MICROS_PER_SECOND - 31) }),
    ]
    const right = stream({})
    post('trade/order', { ...LIMIT, px: '3', clOrdId: 'mine' })
    expect(wrong.map(frames => frames[0].code)).toEqual(['60005', '60007', '60024', '60006'])
    for (const frames of wrong) expect(frames.every(({ event }: Answer) => event === 'error')).toBe(true)
    const told = right.filter(({ data }) => data !== undefined)
    expect(told.map(({ arg, data: [row] }) => `${arg.channel} ${row.state ?? ''}`.trim())).toEqual([
      'account',
      'orders live',
      'account',
      'orders filled',
      'account',
    ])
    expect(told[3].data[0]).toMatchObject({ clOrdId: 'mine', fillSz: '40', fillFee: '-0.04', fillFeeCcy: 'XRP' })
  })
})
