import { expect, test } from 'vitest'
import { defineInstrument } from '../../kernel/index.ts'
import { instrumentBook } from '../connector/instruments.ts'
import type { BalanceChange, VenueExecution, VenueOrder } from '../port/index.ts'
import { htxPrivateSession } from './private-session.ts'

function listen() {
  const orders: VenueOrder[] = []
  const fills: VenueExecution[] = []
  const balances: BalanceChange[] = []
  const sent: string[] = []
  const failures: string[] = []
  let readies = 0
  const book = instrumentBook([
    defineInstrument({ venue: 'htx', pair: 'BTC/USDT', symbol: 'btcusdt', tick: '0.01', lot: '0.000001' }),
  ])
  const login = { apiKey: 'key', secret: 'secret', milliseconds: () => Date.parse('2019-09-01T18:16:16.500Z') }
  const session = htxPrivateSession(login)(book, {
    send: frame => sent.push(frame),
    onReady: () => {
      readies += 1
    },
    fail: reason => failures.push(reason),
    onOrder: order => orders.push(order),
    onFill: fill => fills.push(fill),
    onBalance: change => balances.push(change),
    requestFills() {},
    onRefused() {},
  })
  const push = (ch: string, data: object) => session.onFrame(JSON.stringify({ action: 'push', ch, data }), 7)
  return { session, push, orders, fills, balances, sent, failures, readies: () => readies }
}

test('it logs in, subscribes, is ready when all three are confirmed, and answers pings', () => {
  const { session, sent, readies, failures } = listen()
  session.onOpen(0)
  // By openssl dgst -sha256 -hmac secret, over GET, api.huobi.pro, /ws/v2 and the four fields, a line each.
  expect(JSON.parse(sent[0]!)).toEqual({
    action: 'req',
    ch: 'auth',
    params: {
      authType: 'api',
      accessKey: 'key',
      signatureMethod: 'HmacSHA256',
      signatureVersion: '2.1',
      timestamp: '2019-09-01T18:16:16',
      signature: '/As9xGINm4FWDSNUR4rfyHZe02TjE+8Oh5Qy/ehPSpk=',
    },
  })
  session.onFrame('{"action":"req","code":200,"ch":"auth","data":{}}', 1)
  const wanted = sent.slice(1).map(frame => JSON.parse(frame).ch)
  expect(wanted).toEqual(['orders#*', 'trade.clearing#*#0', 'accounts.update#2'])
  for (const ch of wanted) {
    expect(readies()).toBe(0)
    session.onFrame(JSON.stringify({ action: 'sub', code: 200, ch, data: {} }), 2)
  }
  expect(readies()).toBe(1)
  session.onFrame('{"action":"ping","data":{"ts":1575537778295}}', 3)
  expect(sent.at(-1)).toBe('{"action":"pong","data":{"ts":1575537778295}}')
  expect(failures).toEqual([])
})

test('a refused login, silence and what cannot be read end the connection', () => {
  const { session, failures } = listen()
  session.onOpen(0)
  session.onFrame('{"action":"req","code":2002,"ch":"auth","message":"auth.fail"}', 1)
  session.onTick(50_000_002)
  session.onFrame('{', 3)
  expect(failures).toEqual(['refused by HTX: auth 2002 auth.fail', 'silent', 'a frame is not JSON'])
})

/** The messages are in the form of the venue's own examples: numbers are text in some fields and numbers in others. */
test('an order that rests, fills in part and is canceled', () => {
  const { push, orders } = listen()
  const order = {
    orderId: 27163533,
    symbol: 'btcusdt',
    clientOrderId: 'abc123',
    orderSource: 'spot-api',
    accountId: 992701,
  }
  push('orders#btcusdt', {
    ...order,
    orderSize: '2.000000000000000000',
    orderCreateTime: 1583853365586,
    orderPrice: '77.000000000000000000',
    type: 'sell-limit',
    orderStatus: 'submitted',
    eventType: 'creation',
  })
  push('orders#btcusdt', {
    ...order,
    tradePrice: '76.000000000000000000',
    tradeVolume: '1.013157894736842100',
    tradeId: 301,
    tradeTime: 1583854188883,
    aggressor: true,
    execAmt: '1.013157',
    remainAmt: '0.986843',
    orderPrice: '77',
    orderSize: '2',
    type: 'sell-limit',
    orderStatus: 'partial-filled',
    eventType: 'trade',
  })
  push('orders#btcusdt', {
    ...order,
    lastActTime: 1583853475406,
    remainAmt: '0.986843',
    execAmt: '1.013157',
    orderPrice: '77',
    orderSize: '2',
    type: 'sell-limit',
    orderStatus: 'partial-canceled',
    eventType: 'cancellation',
  })
  const same = {
    venueOrderId: '27163533',
    clientId: 'abc123',
    side: 'sell',
    type: 'limit',
    price: 7700,
    quantity: 2000000,
  }
  expect(orders).toMatchObject([
    { ...same, state: 'open', filled: 0, at: 1583853365586000 },
    { ...same, state: 'open', filled: 1013157, at: 1583854188883000 },
    { ...same, state: 'canceled', filled: 1013157, at: 1583853475406000 },
  ])
})

test('a fill with its fee in what it brings in, and one whose fee was paid in points', () => {
  const { push, fills } = listen()
  const row = {
    eventType: 'trade',
    symbol: 'btcusdt',
    orderId: 99998888,
    tradePrice: '9999.99',
    tradeVolume: '0.96',
    orderSide: 'buy',
    aggressor: true,
    tradeId: 919219323232,
    tradeTime: 998787897878,
    transactFee: '0.00192',
    feeCurrency: 'btc',
    feeDeduct: '0',
    feeDeductType: '',
    clientOrderId: 'a001',
  }
  push('trade.clearing#btcusdt#0', row)
  push('trade.clearing#btcusdt#0', {
    ...row,
    aggressor: false,
    transactFee: '0',
    feeDeduct: '1.9',
    feeDeductType: 'ht',
  })
  expect(fills[0]).toEqual({
    id: '919219323232',
    venueOrderId: '99998888',
    clientId: 'a001',
    instrument: 'htx:BTC/USDT',
    side: 'buy',
    price: 999999,
    quantity: 960000,
    liquidity: 'taker',
    feeAmount: '0.00192',
    feeAsset: 'BTC',
    at: 998787897878000,
  })
  expect(fills[1]).toMatchObject({ liquidity: 'maker', feeAmount: '1.9', feeAsset: 'HT' })
})

test('balances of the trading account alone', () => {
  const { push, balances } = listen()
  const row = { currency: 'btc', accountId: 123, balance: '23.111', available: '2028.69', changeType: 'transfer' }
  push('accounts.update#2', { ...row, accountType: 'trade' })
  push('accounts.update#2', { ...row, accountType: 'loan' })
  expect(balances).toEqual([{ asset: 'BTC', total: '23.111', free: '2028.69' }])
})
