import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defineInstrument, type Micros } from '../../kernel/index.ts'
import { instrumentBook } from '../connector/instruments.ts'
import type { AccountHost, VenueOrder } from '../port/index.ts'
import { coinbasePrivateSession } from './private-session.ts'

const BTC = defineInstrument({
  venue: 'coinbase',
  pair: 'BTC/USD',
  symbol: 'BTC-USD',
  tick: '0.01',
  lot: '0.00000001',
})

function open() {
  const orders: VenueOrder[] = []
  const sent: string[] = []
  const failures: string[] = []
  const ready: Micros[] = []
  const asked: string[] = []
  const host: AccountHost = {
    send: frame => sent.push(frame),
    onReady: at => ready.push(at),
    fail: reason => failures.push(reason),
    onOrder: order => orders.push(order),
    onFill: () => failures.push('a fill is told'),
    requestFills: ({ venueOrderId, filled }) => asked.push(`${venueOrderId} ${filled}`),
    onBalance: () => failures.push('a balance is told'),
    onRefused: () => failures.push('a refusal is told'),
  }
  const session = coinbasePrivateSession({ token: () => 'a token' })(instrumentBook([BTC]), host)
  session.onOpen(1)
  let sequence = -1
  const frame = (channel: string, events: readonly object[], at: Micros) => {
    sequence += 1
    session.onFrame(JSON.stringify({ channel, sequence_num: sequence, events }), at)
  }
  return { session, orders, sent, failures, ready, asked, frame }
}

const row = (id: string, change: object = {}) => ({
  order_id: id,
  client_order_id: '',
  cumulative_quantity: '0',
  leaves_quantity: '0.002',
  limit_price: '60000.5',
  status: 'OPEN',
  product_id: 'BTC-USD',
  order_side: 'SELL',
  order_type: 'Limit',
  time_in_force: 'GOOD_UNTIL_CANCELLED',
  ...change,
})

const recording = join(
  process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../../shared'),
  'cases/wire/nautilus_trader/coinbase/ws_user.json',
)

test.skipIf(!existsSync(recording))('the recorded snapshot is one open order, and the account is ready', () => {
  const { session, orders, failures, ready, asked } = open()
  session.onFrame(readFileSync(recording, 'utf8'), 7)
  expect(orders).toEqual([
    {
      venueOrderId: 'a1b2c3d4-e5f6-7890-abcd-ef1234567890',
      clientId: '11111-000000-000001',
      instrument: BTC.id,
      side: 'buy',
      type: 'limit',
      timeInForce: 'gtc',
      price: null,
      quantity: 100_000,
      filled: 0,
      state: 'open',
      reason: null,
      at: 7,
    },
  ])
  expect([ready, asked, failures]).toEqual([[7], [], []])
})

test('both channels are asked for with a token', () => {
  expect(open().sent.map(frame => JSON.parse(frame))).toEqual([
    { type: 'subscribe', channel: 'heartbeats', jwt: 'a token' },
    { type: 'subscribe', channel: 'user', jwt: 'a token' },
  ])
})

test('fills are asked for when an order has filled further, once for each sum; its end is told after them', () => {
  const { frame, orders, asked } = open()
  frame('user', [{ type: 'snapshot', orders: [] }], 1)
  const update = (change: object, at: Micros) => frame('user', [{ type: 'update', orders: [row('a', change)] }], at)
  update({}, 2)
  update({ cumulative_quantity: '0.0005', leaves_quantity: '0.0015' }, 3)
  update({ cumulative_quantity: '0.0005', leaves_quantity: '0.0015' }, 4)
  update({ cumulative_quantity: '0.002', leaves_quantity: '0', status: 'FILLED' }, 5)
  expect(asked).toEqual(['a 50000', 'a 200000'])
  expect(orders.map(({ price, quantity, filled, state }) => [price, quantity, filled, state])).toEqual([
    [6_000_050, 200_000, 0, 'open'],
    [6_000_050, 200_000, 50_000, 'open'],
    [6_000_050, 200_000, 50_000, 'open'],
  ])
})

test.each([
  [
    'a smaller batch',
    (frame: ReturnType<typeof open>['frame']) => frame('user', [{ type: 'snapshot', orders: [] }], 3),
  ],
  ['a heartbeat', (frame: ReturnType<typeof open>['frame']) => frame('heartbeats', [{ heartbeat_counter: 1 }], 3)],
  ['an update', (frame: ReturnType<typeof open>['frame']) => frame('user', [{ type: 'update', orders: [] }], 3)],
])('open orders come in batches of fifty: they are all told with %s', (_, last) => {
  const { frame, ready, orders } = open()
  const batch = (from: number) => Array.from({ length: 50 }, (_, i) => row(`order ${from + i}`))
  frame('user', [{ type: 'snapshot', orders: batch(0) }], 1)
  frame('user', [{ type: 'snapshot', orders: batch(50) }], 2)
  expect([orders.length, ready]).toEqual([100, []])
  last(frame)
  expect(ready).toEqual([3])
})

test.each([
  ['CANCELLED', 'canceled'],
  ['EXPIRED', 'expired'],
  ['FAILED', 'rejected'],
  ['PENDING', 'open'],
  ['CANCEL_QUEUED', 'open'],
])('%s is %s', (status, state) => {
  const { frame, orders } = open()
  frame('user', [{ type: 'update', orders: [row('a', { status, cancel_reason: 'why' })] }], 1)
  expect([orders[0]!.state, orders[0]!.reason]).toEqual([state, 'why'])
})

test('a missing frame, a refusal and a frame that is no JSON end the connection', () => {
  const { session, frame, failures } = open()
  frame('user', [], 1)
  session.onFrame(JSON.stringify({ channel: 'user', sequence_num: 5, events: [] }), 2)
  session.onFrame(JSON.stringify({ type: 'error', message: 'authentication failure' }), 3)
  session.onFrame('{', 4)
  session.onTick(10_000_005)
  expect(failures).toEqual([
    'a frame is missing',
    'refused by Coinbase: authentication failure',
    'a frame is not JSON',
    'silent',
  ])
})
