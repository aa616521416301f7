import { createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_MINUTE, MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import { VenueSimulator } from '../core/index.ts'
import { requestTo } from '../testing.ts'
import { bitfinexSimulator } from './index.ts'

/** The middle of a day. */
const AT: Micros = 1_700_049_600_000_000
const TODAY = '2023-11-15'
const open = (options: Partial<ConstructorParameters<typeof VenueSimulator>[0]> = {}) =>
  new VenueSimulator({ definition: bitfinexSimulator, seed: 'bitfinex', start: AT, market: 'still', ...options })

// biome-ignore lint/suspicious/noExplicitAny: answers are read as they come
type Answer = any

function client(simulator: VenueSimulator, { apiKey, secret } = bitfinexSimulator.credentials) {
  let last = 0
  const sign = (text: string) => createHmac('sha384', secret).update(text).digest('hex')
  const send = (method: string, path: string, body: string, headers: Record<string, string>) => {
    const { answer } = simulator.request(requestTo('api.bitfinex.com', path, { method, headers, body }))
    return { status: answer!.status, body: JSON.parse(answer!.body) as Answer }
  }
  const call = (path: string, fields: object = {}, nonce = ++last, change: Record<string, string> = {}) => {
    const full = `/v2/auth/${path}`
    const body = JSON.stringify(fields)
    const headers = {
      'bfx-apikey': apiKey,
      'bfx-nonce': String(nonce),
      'bfx-signature': sign(`/api${full}${nonce}${body}`),
      ...change,
    }
    return send('POST', full, body, headers)
  }
  return {
    sign,
    call,
    write: (what: string, fields: object): Answer => call(`w/order/${what}`, fields).body,
    read: (what: string, fields: object = {}): Answer => call(`r/${what}`, fields).body,
    public: (path: string) => send('GET', `/v2/${path}`, '', {}),
  }
}

const LIMIT = { symbol: 'tXRPUSD', type: 'EXCHANGE LIMIT', amount: '40', price: '2' } as const
const [STATUS, LEFT, AMOUNT, PRICE] = [13, 6, 7, 16] as const

describe('signatures', () => {
  test('nonces only grow; keys and digests are checked', () => {
    const { call } = client(open())
    const code = (nonce: number, change = {}) => {
      const { status, body } = call('r/wallets', {}, nonce, change)
      return status === 200 ? 'taken' : [status, ...body]
    }
    expect(code(100)).toBe('taken')
    expect(code(100)).toEqual([500, 'error', 10114, 'nonce: small'])
    expect(code(99)).toEqual([500, 'error', 10114, 'nonce: small'])
    expect(code(101)).toBe('taken')
    expect(code(102, { 'bfx-apikey': 'stranger' })).toEqual([500, 'error', 10100, 'apikey: invalid'])
    expect(code(103, { 'bfx-signature': '00' })).toEqual([500, 'error', 10100, 'apikey: digest invalid'])
  })

  test('a key that may not trade reads, and changes nothing', () => {
    const reader = { apiKey: 'reader', secret: 's', permissions: { trade: false } }
    const simulator = open({ accounts: [reader] })
    const { write, read } = client(simulator, reader)
    expect(write('submit', LIMIT)).toEqual(['error', 10100, 'apikey: permission invalid'])
    expect(read('permissions')).toContainEqual(['orders', 1, 0])
    expect(simulator.exchange.ordersOf(simulator.accounts[1]!)).toEqual([])
  })
})

describe('orders', () => {
  test.each([
    ['symbol: invalid', { symbol: 'tXRPEUR' }],
    ['type: invalid', { type: 'EXCHANGE DARK' }],
    ['amount: invalid', { amount: '0' }],
    ['amount: invalid', { amount: '40.000000001' }],
    ['price: invalid', { price: '2.00001' }],
    ['price: invalid', { price: '123456' }],
    ['cid: invalid', { cid: 'mine' }],
    ['cid: invalid', { cid: 2 ** 45 }],
    ['Invalid order: minimum size not met', { amount: '3' }],
    ['Invalid order: not enough exchange balance', { amount: '600000' }],
    ['Invalid order: not enough exchange balance', { amount: '-300000' }],
  ])('%s: %j', (text, change) => {
    const simulator = open()
    expect(client(simulator).write('submit', { ...LIMIT, ...change })).toEqual(['error', expect.any(Number), text])
    expect(simulator.exchange.ordersOf(simulator.accounts[0]!)).toEqual([])
  })

  test.each([
    ['EXCHANGE LIMIT', '2', 0, 'ACTIVE', 40],
    ['EXCHANGE IOC', '2', 0, 'IOC CANCELED', 40],
    ['EXCHANGE FOK', '2', 0, 'FILLORKILL CANCELED', 40],
    ['EXCHANGE LIMIT', '3', 4096, 'POSTONLY CANCELED', 40],
    ['EXCHANGE LIMIT', '3', 0, 'EXECUTED @ 2.3003(40)', 0],
    ['EXCHANGE MARKET', undefined, 0, 'EXECUTED @ 2.3003(40)', 0],
  ])('%s at %s with flags %i: %s', (type, price, flags, status, left) => {
    const { write, read } = client(open())
    const [, , , , [[id]]] = write('submit', { ...LIMIT, type, price, flags })
    const rows = [...read('orders', { id: [id] }), ...read('orders/hist', { id: [id] })]
    expect(rows.map(row => [row[STATUS], row[LEFT], row[AMOUNT]])).toEqual([[status, left, 40]])
  })

  test('an order sent twice under one client id is two orders, and the id names the later one', () => {
    const { write, read } = client(open())
    const ids = [1, 2].map(() => write('submit', { ...LIMIT, cid: 7 })[4][0][0])
    expect(new Set(ids).size).toBe(2)
    write('cancel', { cid: 7, cid_date: TODAY })
    expect(read('orders').map((row: unknown[]) => row[0])).toEqual([ids[0]])
  })

  test('an update says what is left or what is added; a client id is one of its day', () => {
    const { write, read } = client(open())
    const [, , , , [[id]]] = write('submit', { ...LIMIT, cid: 7 })
    const row = () => read('orders')[0]
    write('update', { id, amount: '30', price: '2.1' })
    expect([row()[AMOUNT], row()[PRICE]]).toEqual([30, 2.1])
    write('update', { cid: 7, cid_date: TODAY, delta: '5' })
    expect([row()[AMOUNT], row()[PRICE]]).toEqual([35, 2.1])
    const cancel = (cid_date: string) => write('cancel', { cid: 7, cid_date })
    expect(cancel('2023-11-14')).toEqual(['error', 10001, 'Order not found.'])
    expect(cancel(TODAY)[6]).toBe('SUCCESS')
    expect(cancel(TODAY)).toEqual(['error', 10001, 'Order not found.'])
    expect(read('orders/hist')[0][STATUS]).toBe('CANCELED')
  })

  test('fills: oldest or newest first, with the fee below zero in what was received', () => {
    const { write, read } = client(open())
    for (const amount of ['40', '-10']) write('submit', { ...LIMIT, type: 'EXCHANGE MARKET', amount })
    const [sold, bought] = read('trades/tXRPUSD/hist')
    expect(read('trades/tXRPUSD/hist', { sort: 1 })).toEqual([bought, sold])
    expect([bought[4], bought[9], bought[10]]).toEqual([40, -0.08, 'XRP'])
    expect([sold[4], sold[10]]).toEqual([-10, 'USD'])
    expect(sold[9]).toBeCloseTo(-10 * sold[5] * 0.002, 8)
    expect(read('wallets')).toContainEqual(['exchange', 'XRP', 200029.92, 0, 200029.92, null, null])
  })

  test('all, or those that are named, are canceled at once', () => {
    const { write, read } = client(open())
    const ids = [1, 2, 3].map(cid => write('submit', { ...LIMIT, cid })[4][0][0])
    write('cancel/multi', { id: [ids[0]] })
    expect(read('orders').map(([id]: Answer) => id)).toEqual(ids.slice(1))
    write('cancel/multi', { all: 1 })
    expect(read('orders')).toEqual([])
  })
})

test('90 requests of an endpoint in a minute, and a minute’s block of it for who asks for more', () => {
  const simulator = open()
  const asked = client(simulator)
  const ask = () => asked.public('ticker/tXRPUSD')
  for (let i = 0; i < 90; i++) expect(ask().status).toBe(200)
  expect(ask()).toEqual({ status: 429, body: ['error', 11010, 'ratelimit: error'] })
  expect(asked.public('platform/status').body).toEqual([1])
  simulator.advance(AT + 60 * MICROS_PER_SECOND - 1)
  expect(ask().status).toBe(429)
  simulator.advance(AT + 60 * MICROS_PER_SECOND)
  expect(ask().status).toBe(200)
})

describe('sockets', () => {
  const socketTo = (simulator: VenueSimulator) => {
    const frames: Answer[] = []
    const { onFrame } = simulator.connect(
      { host: 'api-pub.bitfinex.com', path: '/ws/2', query: new URLSearchParams() },
      { send: frame => frames.push(JSON.parse(String(frame))), close() {} },
    )
    return { frames, say: (message: object) => onFrame(JSON.stringify(message)) }
  }

  test('books: every message numbered, each change with the checksum of what is rebuilt', () => {
    const simulator = open({ market: 'living', past: MICROS_PER_MINUTE })
    const { frames, say } = socketTo(simulator)
    say({ event: 'conf', flags: 65_536 | 131_072 })
    say({ event: 'subscribe', channel: 'book', symbol: 'tXRPUSD', len: '25' })
    for (let i = 1; i <= 100; i++) simulator.advance(AT + i * 100 * MICROS_PER_MS)
    const { chanId } = frames.find(({ event }) => event === 'subscribed')!
    const messages = frames.filter(frame => frame[0] === chanId)
    expect(messages.map(message => message.at(-1))).toEqual(messages.map((_, i) => i + 1))
    const levels = new Map<number, number>()
    let checked = 0
    for (const [, what, sum] of messages) {
      if (what === 'cs') {
        const side = (sign: number) =>
          [...levels]
            .filter(([, amount]) => amount * sign > 0)
            .sort(([a], [b]) => sign * (b - a))
            .slice(0, 25)
        const [bids, asks] = [side(1), side(-1)]
        const parts = Array.from({ length: 25 }, (_, i) => [bids[i], asks[i]])
          .flat()
          .filter(one => one !== undefined)
        expect(sum).toBe(crc32(parts.flat().join(':')) | 0)
        checked += 1
        continue
      }
      for (const [price, count, amount] of typeof what[0] === 'number' ? [what] : what)
        if (count === 0) levels.delete(price)
        else levels.set(price, amount)
    }
    expect(checked).toBeGreaterThan(10)
  })

  test.each([
    [{ channel: 'weather', symbol: 'tXRPUSD' }, 10302],
    [{ channel: 'trades', symbol: 'tXRPEUR' }, 10300],
    [{ channel: 'book', symbol: 'tXRPUSD', len: '7' }, 10300],
    [{ channel: 'ticker', symbol: 'tBTCUSD' }, 10301],
  ])('%j is refused: %i', (message, code) => {
    const { frames, say } = socketTo(open())
    say({ event: 'subscribe', channel: 'ticker', symbol: 'tBTCUSD' })
    say({ event: 'subscribe', ...message })
    expect(frames.at(-1)).toMatchObject({ event: 'error', code })
  })

  test('own orders, fills and wallets come to who has logged in; a heartbeat every 15 seconds', () => {
    const simulator = open()
    const { sign, write } = client(simulator)
    const { apiKey } = bitfinexSimulator.credentials
    const stream = (authNonce: number, change: object = {}) => {
      const socket = socketTo(simulator)
      const authPayload = `AUTH${authNonce}`
      socket.say({ event: 'auth', apiKey, authNonce, authPayload, authSig: sign(authPayload), ...change })
      return socket.frames
    }
    const right = stream(5)
    const wrong = [stream(5), stream(6, { authSig: sign('AUTH7') }), stream(8, { apiKey: 'stranger' })]
    expect(wrong.map(frames => [frames[1].status, frames[1].code])).toEqual([
      ['FAILED', 10114],
      ['FAILED', 10100],
      ['FAILED', 10100],
    ])
    write('submit', { ...LIMIT, price: '3', cid: 7 })
    expect(wrong.map(frames => frames.length)).toEqual([2, 2, 2])
    const told = right.slice(2)
    expect(told.map(([, type]: Answer) => type)).toEqual(['ps', 'ws', 'os', 'on', 'wu', 'te', 'tu', 'oc', 'wu', 'wu'])
    expect(told[6][2].slice(9)).toEqual([-0.08, 'XRP', 7])
    expect(told[5][2].slice(9)).toEqual([null, null, 7])
    simulator.advance(AT + 15 * MICROS_PER_SECOND)
    expect(right.at(-1)).toEqual([0, 'hb'])
  })
})
