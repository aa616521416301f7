import { createHmac } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_HOUR, MICROS_PER_MS, MICROS_PER_SECOND } from '../../../src/kernel/index.ts'
import { VenueSimulator } from '../core/index.ts'
import { requestTo } from '../testing.ts'
import { htxSimulator } from './index.ts'

/** A still market: XRP/USDT stands in a ladder around 2.3, which only these tests change. */
const START = Date.parse('2026-01-01T00:00:00Z') * 1_000
const HOST = 'api.huobi.pro'
const { apiKey, secret } = htxSimulator.credentials
const ACCOUNT = 100_009

type Fields = Record<string, string | number>

const signed = (method: string, path: string, stamp: string, fields: Fields = {}): string => {
  const query = new URLSearchParams({
    AccessKeyId: apiKey,
    SignatureMethod: 'HmacSHA256',
    SignatureVersion: '2',
    Timestamp: stamp,
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)])),
  })
  query.sort()
  const text = [method, HOST, path, query.toString()].join('\n')
  query.set('Signature', createHmac('sha256', secret).update(text).digest('base64'))
  return query.toString()
}

function open(permissions: { trade?: boolean } = {}) {
  const definition = { ...htxSimulator, credentials: { ...htxSimulator.credentials, permissions } }
  const simulator = new VenueSimulator({ definition, seed: 'orders', start: START, market: 'still' })
  const stamp = () => new Date(simulator.now / MICROS_PER_MS).toISOString().slice(0, 19)
  const call = (method: 'GET' | 'POST', path: string, fields: Fields = {}) => {
    const query = signed(method, path, stamp(), method === 'GET' ? fields : {})
    const { answer } = simulator.request(
      requestTo(HOST, `${path}?${query}`, { method, body: method === 'POST' ? JSON.stringify(fields) : '' }),
    )
    return JSON.parse(answer!.body)
  }
  const place = (fields: Fields) =>
    call('POST', '/v1/order/orders/place', { 'account-id': ACCOUNT, symbol: 'xrpusdt', ...fields })
  const order = (id: string) => call('GET', `/v1/order/orders/${id}`).data
  const later = (micros: number) => simulator.advance(simulator.exchange.market.now + micros)
  return { simulator, call, place, order, later, stamp }
}

const RESTING = { type: 'buy-limit', amount: '10', price: '2' }

describe('orders', () => {
  test('a limit rests, holds its money, and is canceled once', () => {
    const { place, order, call } = open()
    const { data: id } = place({ ...RESTING, 'client-order-id': 'mine-1' })
    expect(order(id)).toMatchObject({
      state: 'submitted',
      price: '2.00000',
      amount: '10.00',
      'client-order-id': 'mine-1',
    })
    const usdt = () =>
      call('GET', `/v1/account/accounts/${ACCOUNT}/balance`)
        .data.list.filter(({ currency }: { currency: string }) => currency === 'usdt')
        .map(({ balance }: { balance: string }) => balance)
    expect(usdt()).toEqual(['999980', '20'])
    expect(call('POST', `/v1/order/orders/${id}/submitcancel`)).toEqual({ status: 'ok', data: id })
    expect(call('POST', `/v1/order/orders/${id}/submitcancel`)).toMatchObject({
      'err-code': 'order-orderstate-error',
      'order-state': 7,
    })
    expect(usdt()).toEqual(['1000000', '0'])
  })

  test('a cancel by client id says by a number how the order stands', () => {
    const { place, call } = open()
    const cancel = (id: string) =>
      call('POST', '/v1/order/orders/submitCancelClientOrder', { 'client-order-id': id }).data
    place({ ...RESTING, 'client-order-id': 'rests' })
    place({ type: 'sell-market', amount: '10', 'client-order-id': 'fills' })
    expect([cancel('rests'), cancel('rests'), cancel('fills'), cancel('nobody')]).toEqual(['10', '7', '6', '0'])
  })

  test('a market buy says what is spent; its fee is taken from what it brings', () => {
    const { place, order, call } = open()
    const { data: id } = place({ type: 'buy-market', amount: '230' })
    const { state, ...filled } = order(id)
    expect(state).toBe('filled')
    expect(Number(filled['filled-cash-amount'])).toBeLessThanOrEqual(230)
    expect(Number(filled['filled-cash-amount'])).toBeGreaterThan(229.9)
    const [fill] = call('GET', `/v1/order/orders/${id}/matchresults`).data
    expect(fill).toMatchObject({ role: 'taker', 'fee-currency': 'xrp', type: 'buy-market' })
    // 0.2 % of the amount.
    expect(Number(fill['filled-fees'])).toBeCloseTo(Number(fill['filled-amount']) * 0.002, 7)
  })

  test('what is too fine, too small, unknown or used before is refused by its own code', () => {
    const { place } = open()
    const code = (fields: Fields) => place(fields)['err-code']
    expect(code({ ...RESTING, price: '2.000001' })).toBe('order-orderprice-precision-error')
    expect(code({ ...RESTING, amount: '10.001' })).toBe('order-orderamount-precision-error')
    expect(code({ ...RESTING, amount: '0.5' })).toBe('order-limitorder-amount-min-error')
    expect(code({ ...RESTING, amount: '4' })).toBe('order-value-min-error')
    expect(code({ ...RESTING, amount: '600000' })).toBe('account-frozen-balance-insufficient-error')
    expect(code({ ...RESTING, symbol: 'nousdt' })).toBe('base-symbol-error')
    expect(code({ ...RESTING, type: 'buy-iceberg' })).toBe('invalid-parameter')
    expect(code({ ...RESTING, 'account-id': 1 })).toBe('account-get-accounts-inexistent-error')
    expect(code({ ...RESTING, 'client-order-id': 'with space' })).toBe('invalid-parameter')
    expect(code({ ...RESTING, 'client-order-id': 'once' })).toBeUndefined()
    expect(code({ ...RESTING, 'client-order-id': 'once' })).toBe('invalid-client-order-id')
  })

  test('immediate or cancel, all or nothing, and maker or nothing leave nothing behind', () => {
    const { place, order } = open()
    const state = (fields: Fields) => order(place(fields).data).state
    expect(state({ type: 'buy-ioc', amount: '10', price: '2' })).toBe('canceled')
    expect(state({ type: 'buy-limit-fok', amount: '10', price: '2' })).toBe('canceled')
    expect(state({ type: 'buy-limit-maker', amount: '10', price: '2.5' })).toBe('canceled')
    expect(state({ type: 'buy-limit-maker', amount: '10', price: '2' })).toBe('submitted')
    expect(state({ type: 'buy-ioc', amount: '10', price: '2.5' })).toBe('filled')
  })

  test('a stop waits as created and becomes an order when the price is there', () => {
    const { place, order, simulator } = open()
    const stop = { type: 'sell-stop-limit', amount: '10', price: '2.5', 'stop-price': '2.299', operator: 'lte' }
    const { data: id } = place(stop)
    expect(order(id)).toMatchObject({ state: 'created', 'stop-price': '2.29900' })
    const [xrp] = htxSimulator.instruments.filter(({ symbol }) => symbol === 'xrpusdt')
    simulator.house({ instrument: xrp!, side: 'sell', price: undefined, quantity: 1_000_000, isTaking: true })
    expect(order(id).state).toBe('submitted')
    expect(place({ ...stop, operator: 'gte' })['err-code']).toBe('invalid-parameter')
  })

  test('a key that may not trade reads, and changes nothing', () => {
    const { place, call, simulator } = open({ trade: false })
    expect(call('GET', '/v2/user/api-key').data[0].permission).toBe('readOnly')
    expect(place(RESTING)).toMatchObject({ status: 'error' })
    expect(simulator.exchange.ordersOf(simulator.accounts[0]!)).toEqual([])
  })
})

describe('lists', () => {
  test('open orders go on from one of them, down or up', () => {
    const { place, call } = open()
    const ids = [1, 2, 3].map(() => Number(place(RESTING).data))
    const list = (fields: Fields) =>
      call('GET', '/v1/order/openOrders', { symbol: 'xrpusdt', ...fields }).data?.map(({ id }: { id: number }) => id)
    expect(list({})).toEqual([...ids].reverse())
    expect(list({ size: 2 })).toEqual([ids[2], ids[1]])
    expect(list({ from: ids[1]!, direct: 'next' })).toEqual([ids[0]])
    expect(list({ from: ids[1]!, direct: 'prev' })).toEqual([ids[2]])
    expect(call('GET', '/v1/order/openOrders', { from: ids[1]! })['err-code']).toBe('invalid-parameter')
  })

  test('all that is open is canceled a hundred at a time, of named symbols or of all', () => {
    const { place, call, later } = open()
    for (let i = 0; i < 120; i++) {
      if (i === 90) later(2 * MICROS_PER_SECOND)
      place(RESTING)
    }
    const cancel = (fields: Fields) => call('POST', '/v1/order/orders/batchCancelOpenOrders', fields).data
    expect(cancel({ symbol: 'btcusdt' })).toMatchObject({ 'success-count': 0, 'next-id': -1 })
    const first = cancel({})
    expect(first['success-count']).toBe(100)
    expect(first['next-id']).toBeGreaterThan(0)
    expect(cancel({})).toEqual({ 'success-count': 20, 'failed-count': 0, 'next-id': -1 })
  })

  test('fills are of 48 hours at most', () => {
    const { place, call, later } = open()
    place({ type: 'sell-market', amount: '10' })
    const start = START / MICROS_PER_MS
    later(49 * MICROS_PER_HOUR)
    const fills = (fields: Fields) => call('GET', '/v1/order/matchresults', { symbol: 'xrpusdt', ...fields })
    expect(fills({}).data).toEqual([])
    expect(fills({ 'start-time': start, 'end-time': start + 48 * 3_600_000 }).data).toHaveLength(1)
    expect(fills({ 'start-time': start })['err-code']).toBe('invalid-start-date')
  })
})

test('the switch cancels what is open unless it is asked for more time', () => {
  const { place, order, call, later } = open()
  const arm = (timeout: number) => call('POST', '/v2/algo-orders/cancel-all-after', { timeout })
  const { data: id } = place(RESTING)
  expect(arm(4).code).toBe(2002)
  expect(arm(5)).toMatchObject({ code: 200, data: { triggerTime: START / MICROS_PER_MS + 5_000 } })
  later(4 * MICROS_PER_SECOND)
  arm(5)
  later(4 * MICROS_PER_SECOND)
  expect(order(id).state).toBe('submitted')
  arm(0)
  later(10 * MICROS_PER_SECOND)
  expect(order(id).state).toBe('submitted')
  arm(5)
  later(5 * MICROS_PER_SECOND)
  expect(order(id).state).toBe('canceled')
})

describe('sockets', () => {
  function connect(path: string) {
    const opened = open()
    const frames: Record<string, unknown>[] = []
    const closed: string[] = []
    const socket = opened.simulator.connect(
      { host: HOST, path, query: new URLSearchParams() },
      {
        send: frame => frames.push(JSON.parse(typeof frame === 'string' ? frame : gunzipSync(frame).toString())),
        close: reason => closed.push(reason),
      },
    )
    return { ...opened, frames, closed, say: (message: object) => socket.onFrame(JSON.stringify(message)) }
  }

  test('books are on /feed and trades on /ws', () => {
    const feed = connect('/feed')
    feed.say({ sub: 'market.xrpusdt.mbp.150', id: '1' })
    feed.say({ sub: 'market.xrpusdt.trade.detail', id: '2' })
    expect(feed.frames).toMatchObject([
      { id: '1', status: 'ok', subbed: 'market.xrpusdt.mbp.150' },
      { id: '2', status: 'error', 'err-code': 'bad-request' },
    ])
    const ws = connect('/ws')
    ws.say({ sub: 'market.xrpusdt.mbp.150', id: '1' })
    ws.say({ sub: 'market.xrpusdt.trade.detail', id: '2' })
    expect(ws.frames).toMatchObject([{ status: 'error' }, { status: 'ok' }])
  })

  test('two pings without an answer end a public socket, answers keep it', () => {
    const dead = connect('/ws')
    for (let i = 0; i < 3; i++) dead.later(5 * MICROS_PER_SECOND)
    expect(dead.frames).toHaveLength(2)
    expect(dead.closed).toEqual(['ping without answer'])
    const alive = connect('/ws')
    for (let i = 0; i < 5; i++) {
      alive.later(5 * MICROS_PER_SECOND)
      alive.say({ pong: alive.frames.at(-1)!.ping })
    }
    expect(alive.closed).toEqual([])
  })

  test('nothing private before a login, and a wrong signature is none', () => {
    const { say, frames, stamp } = connect('/ws/v2')
    say({ action: 'sub', ch: 'orders#*' })
    const fields = { accessKey: apiKey, signatureMethod: 'HmacSHA256', signatureVersion: '2.1', timestamp: stamp() }
    const text = ['GET', HOST, '/ws/v2', new URLSearchParams(fields).toString()].join('\n')
    const signature = createHmac('sha256', secret).update(text).digest('base64')
    const wrong = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
    say({ action: 'req', ch: 'auth', params: { authType: 'api', ...fields, signature: wrong } })
    say({ action: 'req', ch: 'auth', params: { authType: 'api', ...fields, signature } })
    say({ action: 'sub', ch: 'orders#xrpusdt' })
    say({ action: 'sub', ch: 'orders#nousdt' })
    expect(frames.map(({ code }) => code)).toEqual([2002, 2002, 200, 200, 2001])
  })
})
