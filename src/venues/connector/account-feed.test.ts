import type { Exchange } from 'ccxt'
import { expect, test } from 'vitest'
import { AppError, defineInstrument, type OrderId, type OrderRequest, seededRandom } from '../../kernel/index.ts'
import { manualTime } from '../../platform/testing.ts'
import type { AccountHost, SocketEvents, StreamSession, VenueExecution, VenueOrder } from '../port/index.ts'
import { AccountFeed } from './account-feed.ts'
import type { VenueDefinition } from './definition.ts'
import { instrumentBook } from './instruments.ts'
import { OrdersKnown } from './orders-known.ts'

const XRP = defineInstrument({ venue: 'coinbase', pair: 'XRP/USD', tick: '0.0001', lot: '0.1' })
const request: OrderRequest = {
  id: 'run-1' as OrderId,
  instrument: XRP.id,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  price: 5_000,
  quantity: 100,
}

/** A feed at a session that is played by hand, and a history of fills that is answered by hand. */
async function open() {
  const { clock, timers, advance } = manualTime()
  const told: string[] = []
  const questions: { answer(fills: readonly VenueExecution[]): Promise<void>; fail(): Promise<void> }[] = []
  let host: AccountHost | undefined
  let socket: SocketEvents | undefined
  const session: StreamSession = { onOpen() {}, onFrame() {}, onTick() {} }
  const orders = new OrdersKnown()
  orders.add(request, 'c')
  const feed = new AccountFeed({
    definition: {
      account: {
        open: async () => ({
          url: 'wss://venue',
          session: (_: unknown, given: AccountHost) => {
            host = given
            return session
          },
        }),
      },
    } as unknown as VenueDefinition,
    orders,
    instruments: instrumentBook([XRP]),
    listener: {
      onMarket() {},
      onStale() {},
      onReport: report => told.push(report.type === 'filled' ? `filled ${report.fill.quantity}` : report.type),
      onBalance() {},
      onPrivateReady() {},
      onExternal: () => told.push('external'),
    },
    exchange: async () => ({}) as Exchange,
    address: url => url,
    transport: {
      fetch: () => Promise.reject(new Error('nothing is fetched')),
      connect(_, events) {
        socket = events
        return { send() {}, close() {} }
      },
    },
    clock,
    timers,
    random: seededRandom('feed'),
    onState() {},
    fills: () =>
      new Promise((resolve, reject) => {
        questions.push({
          async answer(fills) {
            resolve(fills)
            await advance(0)
          },
          async fail() {
            reject(new AppError('venue.unavailable', { venue: 'coinbase' }))
            await advance(0)
          },
        })
      }),
  })
  feed.start()
  await new Promise(resolve => setImmediate(resolve))
  socket!.onOpen()
  return { host: host!, told, questions, pass: () => advance(2_000), close: () => feed.close() }
}

const order = (state: VenueOrder['state'], filled: number): VenueOrder => ({
  venueOrderId: '7',
  clientId: 'c',
  instrument: XRP.id,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  price: 5_000,
  quantity: 100,
  filled,
  state,
  reason: null,
  at: 1,
})

const fill = (id: string, quantity: number): VenueExecution => ({
  id,
  venueOrderId: '7',
  clientId: null,
  instrument: XRP.id,
  side: 'buy',
  price: 5_000,
  quantity,
  liquidity: 'maker',
  feeAmount: '0',
  feeAsset: 'USD',
  at: 1,
})

test('an order that is over is told after the fills that are being asked for, with one more question about them', async () => {
  const { host, told, questions, close } = await open()
  host.requestFills(order('open', 40))
  host.onOrder(order('canceled', 40))
  host.onOrder(order('open', 40))
  expect(told).toEqual(['accepted'])
  await questions[0]!.answer([fill('a', 40)])
  expect(told).toEqual(['accepted', 'filled 40', 'accepted'])
  await questions[1]!.answer([fill('a', 40)])
  expect(told.slice(3)).toEqual(['filled 40', 'accepted', 'canceled'])
  expect(questions).toHaveLength(2)
  host.onOrder(order('canceled', 40))
  expect(told.at(-1)).toBe('canceled')
  close()
})

test('fills that waited for the order they belong to are told before its end', async () => {
  const { host, told, close } = await open()
  host.onFill(fill('a', 40))
  host.onOrder(order('canceled', 40))
  expect(told).toEqual(['accepted', 'filled 40', 'canceled'])
  close()
})

test('its end waits until its fills account for what it has filled, also when an end without news overtakes them', async () => {
  const { host, told, questions, pass, close } = await open()
  host.requestFills(order('canceled', 70))
  host.requestFills(order('open', 60))
  await questions[0]!.answer([fill('a', 40)])
  expect(told).toEqual(['filled 40'])
  await pass()
  await questions[1]!.answer([fill('a', 40), fill('b', 30)])
  expect(told).toEqual(['filled 40', 'filled 40', 'filled 30', 'accepted', 'canceled'])
  close()
})

test('a history that never tells them, or never answers well, does not hold it back for good', async () => {
  const { host, told, questions, pass, close } = await open()
  host.requestFills(order('canceled', 70))
  await questions[0]!.fail()
  await pass()
  await questions[1]!.answer([])
  await pass()
  expect(told).toEqual([])
  await questions[2]!.answer([fill('a', 40)])
  expect(told).toEqual(['filled 40', 'accepted', 'canceled'])
  expect(questions).toHaveLength(3)
  close()
})
