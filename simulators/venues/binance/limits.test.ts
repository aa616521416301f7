import { expect, test } from 'vitest'
import { MICROS_PER_SECOND } from '../../../src/kernel/index.ts'
import { binanceClient, request, START, stillBinance } from './testing.ts'

const DEPTH = '/api/v3/depth?symbol=XRPUSDT&limit=5000'
/** 6,000 a minute, 250 for a book of 5,000 levels. */
const DEPTHS_A_MINUTE = 24
const MINUTE_START = START - (START % (60 * MICROS_PER_SECOND))

test('the weight used is counted in every answer, and starts again with the minute', () => {
  const simulator = stillBinance({ start: MINUTE_START })
  const client = binanceClient(simulator)
  expect(client.open(DEPTH).headers['x-mbx-used-weight-1m']).toBe('250')
  expect(client.open('/api/v3/depth?symbol=XRPUSDT').headers['x-mbx-used-weight-1m']).toBe('255')
  expect(client.open('/api/v3/ticker/24hr').headers['x-mbx-used-weight-1m']).toBe('335')
  simulator.advance(MINUTE_START + 60 * MICROS_PER_SECOND)
  expect(client.open('/api/v3/time').headers['x-mbx-used-weight-1m']).toBe('1')
})

test('too much weight is refused with how long to wait, and who goes on is banned, for longer each time', () => {
  const simulator = stillBinance({ start: MINUTE_START })
  const client = binanceClient(simulator)
  for (let call = 0; call < DEPTHS_A_MINUTE; call++) expect(client.open(DEPTH).status).toBe(200)
  simulator.advance(MINUTE_START + 20 * MICROS_PER_SECOND)
  const refused = client.open(DEPTH)
  expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([429, -1003, '40'])

  let calls = 1
  let answer = refused
  for (; answer.status === 429; calls++) answer = client.open('/api/v3/time')
  expect(calls).toBe(11)
  expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([418, -1003, '120'])
  const until = (MINUTE_START + 140 * MICROS_PER_SECOND) / 1_000
  expect(answer.body.msg).toContain(`banned until ${until}`)

  // Another address is not touched.
  expect(simulator.request(request('GET', '/api/v3/time', { from: '10.0.0.2' })).answer!.status).toBe(200)
  simulator.advance(MINUTE_START + 139 * MICROS_PER_SECOND)
  expect(client.open('/api/v3/time').status).toBe(418)
  simulator.advance(MINUTE_START + 140 * MICROS_PER_SECOND)
  expect(client.open('/api/v3/time').status).toBe(200)

  for (answer = client.open(DEPTH); answer.status !== 418; ) answer = client.open(DEPTH)
  expect(answer.headers['retry-after']).toBe('240')
})

test('who waits after a 429 is not banned', () => {
  const simulator = stillBinance({ start: MINUTE_START })
  const client = binanceClient(simulator)
  for (let call = 0; call <= DEPTHS_A_MINUTE; call++) client.open(DEPTH)
  simulator.advance(MINUTE_START + 60 * MICROS_PER_SECOND)
  expect(client.open(DEPTH).status).toBe(200)
})

test('a hundred orders in ten seconds, and no more', () => {
  const simulator = stillBinance({ start: MINUTE_START })
  const client = binanceClient(simulator)
  for (let order = 1; order <= 100; order++)
    expect(client.limit({ quantity: 3 }).headers).toMatchObject({
      'x-mbx-order-count-10s': String(order),
      'x-mbx-order-count-1d': String(order),
    })
  const refused = client.limit({ quantity: 3 })
  expect([refused.status, refused.body.code]).toEqual([429, -1015])
  // A cancel is no order.
  expect(client.call('DELETE', '/api/v3/openOrders', { symbol: 'XRPUSDT' }).body).toHaveLength(100)
  simulator.advance(MINUTE_START + 10 * MICROS_PER_SECOND)
  expect(client.limit({ quantity: 3 }).status).toBe(200)
})
