import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_MS } from '../../../src/kernel/index.ts'
import { binanceClient, openSocket, request, START, stillBinance } from './testing.ts'

/** The key, the secret and the signatures of the examples in Binance's guide to signing. */
const PUBLISHED = {
  apiKey: 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A',
  secret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
}
const INVALID_SYMBOL = { status: 400, code: -1121 }

const published = (timestampMs: number) => stillBinance({ start: timestampMs * MICROS_PER_MS, accounts: [PUBLISHED] })
const outcome = (simulator: ReturnType<typeof stillBinance>, asked: ReturnType<typeof request>) => {
  const { answer } = simulator.request(asked)
  return { status: answer!.status, code: JSON.parse(answer!.body).code }
}

describe('the published examples are accepted', () => {
  const headers = { 'x-mbx-apikey': PUBLISHED.apiKey }
  const simulator = published(1_499_827_319_559)

  test('all in the body', () => {
    const body =
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559' +
      '&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71'
    // The signature holds, and only then the symbol is looked at: this venue does not list it.
    expect(outcome(simulator, request('POST', '/api/v3/order', { headers, body }))).toEqual(INVALID_SYMBOL)
  })

  test('half in the query, half in the body', () => {
    const path = '/api/v3/order?symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC'
    const body =
      'quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559' +
      '&signature=0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77'
    expect(outcome(simulator, request('POST', path, { headers, body }))).toEqual(INVALID_SYMBOL)
  })

  test('one letter of it changed is refused', () => {
    const body =
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=2&price=0.1&recvWindow=5000&timestamp=1499827319559' +
      '&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71'
    expect(outcome(simulator, request('POST', '/api/v3/order', { headers, body }))).toEqual({
      status: 400,
      code: -1022,
    })
  })

  test('of the WebSocket API', () => {
    const { frames, ask } = openSocket(published(1_645_423_376_532), 'ws-api.binance.com:443', '/ws-api/v3')
    const params = {
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.01000000',
      price: '52000.00',
      newOrderRespType: 'ACK',
      recvWindow: 100,
      timestamp: 1_645_423_376_532,
      apiKey: PUBLISHED.apiKey,
      signature: 'cc15477742bd704c29492d96c7ead9414dfd8e0ec4a00f947bb5bb454ddbd08a',
    }
    ask({ id: '4885f793', method: 'order.place', params })
    expect(frames[0]).toMatchObject({ id: '4885f793', status: 200, result: { symbol: 'BTCUSDT', orderListId: -1 } })
    ask({ id: 2, method: 'order.place', params: { ...params, quantity: '0.02000000' } })
    expect(frames[1]).toMatchObject({ id: 2, status: 400, error: { code: -1022 } })
  })
})

test('a signature of an Ed25519 key is verified, and one of another key is refused', () => {
  const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
  const own = generateKeyPairSync('ed25519').privateKey
  const apiKey = 'e'.repeat(64)
  const simulator = stillBinance({ accounts: [{ apiKey, secret: pem(own) }] })
  const text = `timestamp=${START / MICROS_PER_MS}`
  const ask = (key: KeyObject) => {
    const signature = encodeURIComponent(sign(null, Buffer.from(text), key).toString('base64'))
    const path = `/api/v3/account?${text}&signature=${signature}`
    return outcome(simulator, request('GET', path, { headers: { 'x-mbx-apikey': apiKey } }))
  }
  expect(ask(own)).toEqual({ status: 200, code: undefined })
  expect(ask(generateKeyPairSync('ed25519').privateKey)).toEqual({ status: 400, code: -1022 })
})

describe('refused in Binance’s own words', () => {
  const simulator = stillBinance({
    accounts: [{ apiKey: 'r'.repeat(64), secret: 's', permissions: { trade: false } }],
  })
  const now = START / MICROS_PER_MS
  const client = binanceClient(simulator)
  const codeOf = ({ status, body }: { status: number; body: { code: number } }) => [status, body.code]

  test('a key that is none, and one that nobody has', () => {
    const stranger = (apiKey: string) =>
      binanceClient(simulator, { apiKey, secret: 's' }).call('GET', '/api/v3/account')
    expect(codeOf(stranger('nobody'))).toEqual([401, -2014])
    expect(codeOf(stranger('n'.repeat(64)))).toEqual([401, -2008])
  })

  test.each([
    [-4_999, 200, undefined],
    [-5_001, 400, -1021],
    [999, 200, undefined],
    [1_000, 400, -1021],
  ])('a timestamp %i ms from the venue’s', (offset, status, code) => {
    expect(codeOf(client.call('GET', '/api/v3/account', { timestamp: now + offset }))).toEqual([status, code])
  })

  test('a receive window of one’s own holds, up to a minute', () => {
    expect(codeOf(client.call('GET', '/api/v3/account', { timestamp: now - 101, recvWindow: 100 }))).toEqual([
      400, -1021,
    ])
    expect(codeOf(client.call('GET', '/api/v3/account', { timestamp: now - 9_000, recvWindow: 10_000 }))[0]).toBe(200)
    expect(codeOf(client.call('GET', '/api/v3/account', { recvWindow: 60_001 }))).toEqual([400, -1131])
  })

  test('a clock that is set wrong refuses who was right', () => {
    simulator.faults.add({ kind: 'clock_skew', ms: 60_000, probability: 1, part: 0.5 })
    expect(codeOf(client.call('GET', '/api/v3/account'))).toEqual([400, -1021])
    simulator.faults.clear()
    expect(codeOf(client.call('GET', '/api/v3/account'))[0]).toBe(200)
  })

  test('no signature, no timestamp', () => {
    const headers = { 'x-mbx-apikey': simulator.accounts[0]!.apiKey }
    const ask = (query: string) => outcome(simulator, request('GET', `/api/v3/account?${query}`, { headers }))
    expect(ask(`timestamp=${now}`)).toEqual({ status: 400, code: -1102 })
    expect(ask('signature=00')).toEqual({ status: 400, code: -1102 })
  })

  test('a key that may read alone neither places nor cancels', () => {
    const reader = binanceClient(simulator, simulator.accounts[1]!)
    expect(codeOf(reader.limit())).toEqual([401, -2015])
    expect(codeOf(reader.call('DELETE', '/api/v3/order', { symbol: 'XRPUSDT', orderId: 1 }))).toEqual([401, -2015])
    expect(reader.call('GET', '/sapi/v1/account/apiRestrictions').body).toMatchObject({
      enableReading: true,
      enableSpotAndMarginTrading: false,
      enableWithdrawals: false,
    })
  })
})
