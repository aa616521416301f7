import { afterAll, beforeAll, expect, test } from 'vitest'
import { bourse } from '../../clients/ccxt/bourse.ts'
import { eventually } from '../../src/platform/testing.ts'
import { serveExchange, XRP } from './exchange-server.ts'

/** A day of work of a ccxt user on the house exchange: what the classes of the outside venues do at their simulators. */

const PAIR = 'XRP/USD'
const QUANTITY = 40
const server = serveExchange()
let ada: bourse
let bob: bourse

beforeAll(async () => {
  const { http, exchange, tokenOf } = server.current
  const { origin } = await http.listen()
  const api = { rest: origin, ws: origin.replace('http', 'ws') }
  const client = async (person: string) => new bourse({ urls: { api }, token: await tokenOf(person) })
  ada = await client('ada')
  bob = await client('bob')
  const order = { instrument: XRP, type: 'limit', quantity: '1000' } as const
  for (let level = 1; level <= 10; level++) {
    await exchange.place('bob', { ...order, side: 'buy', price: (0.5 - level / 1_000).toFixed(4) })
    await exchange.place('bob', { ...order, side: 'sell', price: (0.5 + level / 1_000).toFixed(4) })
  }
  // A trade, so that there is a last price and a candle.
  await exchange.place('ada', { ...order, side: 'buy', quantity: '10', price: '0.5010' })
})
afterAll(async () => {
  await ada?.close()
  await bob?.close()
})

test('markets', async () => {
  await ada.loadMarkets()
  expect(ada.market(PAIR)).toMatchObject({
    id: XRP,
    base: 'XRP',
    quote: 'USD',
    spot: true,
    active: true,
    maker: 0.001,
    taker: 0.002,
    precision: { amount: 0.1, price: 0.0001 },
  })
})

test('book', async () => {
  const book = await ada.fetchOrderBook(PAIR, 5)
  expect(book.bids.map(([price, amount]) => [price, amount])).toEqual(
    [0.499, 0.498, 0.497, 0.496, 0.495].map(price => [price, 1000]),
  )
  expect(book.asks[0]!.slice(0, 2)).toEqual([0.501, 990])
})

test('trades, ticker and candles', async () => {
  const trades = await ada.fetchTrades(PAIR)
  expect(trades.map(({ side, price, amount }) => [side, price, amount])).toEqual([['buy', 0.501, 10]])
  expect(await ada.fetchTicker(PAIR)).toMatchObject({ bid: 0.499, ask: 0.501, last: 0.501 })
  const candles = await ada.fetchOHLCV(PAIR, '1m')
  expect(candles.at(-1)!.slice(1)).toEqual([0.501, 0.501, 0.501, 0.501, 10])
})

test('balance', async () => {
  const balance = (await bob.fetchBalance()) as unknown as Record<string, { free: number; used: number; total: number }>
  // Ten bids of a thousand at 0.490 to 0.499, with the taker's fee of 0.2 % that is held with them.
  expect(balance.USD!.used).toBeCloseTo(4_945 * 1.002, 6)
  expect(balance.XRP).toMatchObject({ used: 9_990, total: 99_990 })
})

test('a limit order rests, is listed, is changed and is canceled', async () => {
  const placed = await ada.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.45)
  const open = await ada.fetchOpenOrders(PAIR)
  expect(open.map(({ id, side, price, amount, status }) => [id, side, price, amount, status])).toEqual([
    [placed.id, 'buy', 0.45, QUANTITY, 'open'],
  ])
  const changed = await ada.editOrder(placed.id!, PAIR, 'limit', 'buy', QUANTITY + 1, 0.46)
  expect([changed.id, changed.amount, changed.price]).toEqual([placed.id, QUANTITY + 1, 0.46])
  expect(await ada.cancelOrder(placed.id!, PAIR)).toMatchObject({ status: 'canceled', filled: 0 })
  expect(await ada.fetchOpenOrders(PAIR)).toEqual([])
})

test('a market order fills, with a fee, and moves the balance', async () => {
  const placed = await ada.createOrder(PAIR, 'market', 'sell', QUANTITY)
  const order = await ada.fetchOrder(placed.id!, PAIR)
  expect([order.status, order.filled, order.average]).toEqual(['closed', QUANTITY, 0.499])
  const [fill] = (await ada.fetchMyTrades(PAIR)).filter(trade => trade.order === placed.id)
  // 40 at 0.499 is 19.96; 0.2 % of it.
  expect([fill!.side, fill!.amount, fill!.takerOrMaker, fill!.fee!.cost]).toEqual(['sell', QUANTITY, 'taker', 0.03992])
})

test('refusals are ccxt’s own errors', async () => {
  await expect(ada.createOrder(PAIR, 'limit', 'buy', 900_000, 0.49)).rejects.toMatchObject({
    name: 'InsufficientFunds',
  })
  await expect(ada.fetchOrder('0-999999', PAIR)).rejects.toMatchObject({ name: 'OrderNotFound' })
  await expect(ada.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.6, { postOnly: true })).rejects.toMatchObject({
    name: 'OrderImmediatelyFillable',
  })
  const stranger = new bourse({ urls: ada.urls, token: 'nobody' })
  await expect(stranger.fetchBalance()).rejects.toMatchObject({ name: 'AuthenticationError' })
  await stranger.close()
})

test('the same client order id is one order', async () => {
  const params = { clientOrderId: 'once' }
  const first = await ada.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.45, params)
  expect((await ada.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.45, params)).id).toBe(first.id)
  await expect(ada.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.44, params)).rejects.toMatchObject({
    name: 'DuplicateOrderId',
  })
  expect((await ada.cancelAllOrders(PAIR)).map(({ id }) => id)).toEqual([first.id])
})

test('the book is watched and moves', async () => {
  const first = await ada.watchOrderBook(PAIR)
  expect(first.bids[0]!.slice(0, 2)).toEqual([0.499, 960])
  const moving = ada.watchOrderBook(PAIR)
  const order = { instrument: XRP, type: 'limit', side: 'buy', price: '0.4995', quantity: '20' } as const
  await server.current.exchange.place('bob', order)
  let book = await moving
  // What happened just before may come first.
  while (book.bids[0]![0] === 0.499) book = await ada.watchOrderBook(PAIR)
  expect(book.bids[0]!.slice(0, 2)).toEqual([0.4995, 20])
})

/** What calls of `watchOrders` tell of one order, until they tell this status. */
async function statusesOf(client: bourse, clientId: string, last: string): Promise<string[]> {
  const statuses: string[] = []
  while (!statuses.includes(last))
    for (const { clientOrderId, status } of await client.watchOrders(PAIR))
      if (clientOrderId === clientId) statuses.push(status!)
  return statuses
}

/** What a client knows of its connection. */
const streamOf = (client: bourse) =>
  client.client(`${(client.urls.api as { ws: string }).ws}/v1/stream`) as unknown as {
    connection: { terminate(): void }
    throttle: () => Promise<void>
  }

test('own orders are watched', async () => {
  const opened = statusesOf(ada, 'watched', 'open')
  const placed = await ada.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.45, { clientOrderId: 'watched' })
  expect(await opened).toEqual(['open'])
  // Nobody waits while it changes: the next call tells it.
  await ada.cancelOrder(placed.id!, PAIR)
  expect(await statusesOf(ada, 'watched', 'canceled')).toEqual(['canceled'])
})

test('an order that is placed before the exchange hears that orders are watched is told, and no older one', async () => {
  const client = new bourse({ urls: ada.urls, token: ada.token })
  await client.authenticate()
  let letThrough = () => {}
  const held = new Promise<void>(resolve => {
    letThrough = resolve
  })
  streamOf(client).throttle = () => held
  const watching = client.watchOrders(PAIR)
  const placed = await client.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.45, { clientOrderId: 'early' })
  // Others have been told: to this client nothing but the snapshot will tell it.
  await statusesOf(ada, 'early', 'open')
  letThrough()
  expect((await watching).map(({ id, status }) => [id, status])).toEqual([[placed.id, 'open']])
  await client.cancelOrder(placed.id!, PAIR)
  await client.close()
})

test('what changes while the connection is gone is told after it', async () => {
  const client = new bourse({ urls: ada.urls, token: ada.token, options: { ws: { backoff: { base: 1 } } } })
  const opened = statusesOf(client, 'kept', 'open')
  const placed = await client.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.45, { clientOrderId: 'kept' })
  await opened
  const cut = client.watchOrders(PAIR)
  streamOf(client).connection.terminate()
  await expect(cut).rejects.toMatchObject({ name: 'NetworkError' })
  await client.cancelOrder(placed.id!, PAIR)
  expect(await statusesOf(client, 'kept', 'canceled')).toEqual(['canceled'])
  await client.close()
})

test('a watch that is refused says so, each time that it is asked for', async () => {
  const client = new bourse({ urls: ada.urls, token: await server.current.tokenOf('ada', ['market:read']) })
  client.setMarkets(ada.markets)
  for (let time = 1; time <= 2; time++)
    await expect(client.watchOrders(PAIR)).rejects.toMatchObject({ name: 'PermissionDenied' })
  await client.close()
})

test('orders are cancelled on disconnect, where that is wished for', async () => {
  const client = new bourse({ urls: ada.urls, token: ada.token })
  const params = { cancelOnDisconnect: true }
  const [first, second] = [
    await client.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.44, params),
    await client.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.43, { session: await client.session() }),
  ]
  const kept = await client.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.42)
  await expect(ada.createOrder(PAIR, 'limit', 'buy', QUANTITY, 0.44, { session: 7 })).rejects.toMatchObject({
    name: 'InvalidOrder',
  })
  await client.close()
  await eventually(async () => (await ada.fetchOpenOrders(PAIR)).length === 1)
  expect((await ada.fetchOpenOrders(PAIR)).map(({ id }) => id)).toEqual([kept.id])
  for (const { id } of [first, second])
    expect(await ada.fetchOrder(id!, PAIR)).toMatchObject({ status: 'canceled', info: { reason: 'disconnected' } })
  await ada.cancelAllOrders(PAIR)
})
