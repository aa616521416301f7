import { describe, expect, test } from 'vitest'
import { binanceClient, type Fields, stillBinance } from './testing.ts'

/** The still market of XRP: asks from 2.3005 upwards, bids from 2.2995 downwards, 5 ten-thousandths apart, 2,173.9 at each. */
const ORDER = '/api/v3/order'
const open = () => {
  const simulator = stillBinance()
  return { simulator, client: binanceClient(simulator) }
}
const best = async () => open().client.open('/api/v3/ticker/bookTicker?symbol=XRPUSDT').body

test('the book that the figures below are about', async () => {
  expect(await best()).toEqual({
    symbol: 'XRPUSDT',
    bidPrice: '2.29950000',
    bidQty: '2173.90000000',
    askPrice: '2.30050000',
    askQty: '2173.90000000',
  })
})

describe('an order is refused by Binance’s rules', () => {
  const { client } = open()
  const limit: Fields = { type: 'LIMIT', timeInForce: 'GTC', quantity: 40, price: 2 }
  test.each<[string, Fields, number, string]>([
    ['a price off the tick', { ...limit, price: '2.00001' }, -1013, 'Filter failure: PRICE_FILTER'],
    ['a price of nothing', { ...limit, price: 0 }, -1013, 'Filter failure: PRICE_FILTER'],
    ['a quantity off the lot', { ...limit, quantity: '40.05' }, -1013, 'Filter failure: LOT_SIZE'],
    ['a quantity of nothing', { ...limit, quantity: 0 }, -1013, 'Filter failure: LOT_SIZE'],
    ['too little money', { ...limit, quantity: 2 }, -1013, 'Filter failure: NOTIONAL'],
    ['nine decimals', { ...limit, price: '2.000000001' }, -1111, "Parameter 'price' has too much precision."],
    [
      'a price that is no number',
      { ...limit, price: '2e0' },
      -1100,
      "Illegal characters found in parameter 'price'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
    ],
    [
      'an id with a blank',
      { ...limit, newClientOrderId: 'a b' },
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
    ],
    [
      'no time in force',
      { type: 'LIMIT', quantity: 40, price: 2 },
      -1102,
      "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.",
    ],
    ['a time in force that is none', { ...limit, timeInForce: 'GTX' }, -1115, 'Invalid timeInForce.'],
    [
      'a time in force where none belongs',
      { type: 'MARKET', quantity: 40, timeInForce: 'GTC' },
      -1106,
      "Parameter 'timeInForce' sent when not required.",
    ],
    ['an unknown type', { ...limit, type: 'ICEBERG' }, -1116, 'Invalid orderType.'],
    ['an unknown side', { ...limit, side: 'HOLD' }, -1117, 'Invalid side.'],
    ['an unknown symbol', { ...limit, symbol: 'XRPEUR' }, -1121, 'Invalid symbol.'],
    [
      'a maker that would take',
      { type: 'LIMIT_MAKER', quantity: 40, price: '2.3005' },
      -2010,
      'Order would immediately match and take.',
    ],
    [
      'more than there is',
      { ...limit, quantity: 600_000 },
      -2010,
      'Account has insufficient balance for requested action.',
    ],
    [
      'a stop that would trigger at once',
      { type: 'STOP_LOSS', side: 'SELL', quantity: 40, stopPrice: '2.4' },
      -2010,
      'Stop price would trigger immediately.',
    ],
  ])('%s', (_, fields, code, msg) => {
    const { status, body } = client.place(fields)
    expect({ status, body }).toEqual({ status: 400, body: { code, msg } })
    expect(client.call('GET', '/api/v3/openOrders').body).toEqual([])
  })

  test('a client id is taken as long as its order is open', () => {
    const first = client.limit({ newClientOrderId: 'mine' })
    expect(client.limit({ newClientOrderId: 'mine' }).body).toEqual({ code: -2010, msg: 'Duplicate order sent.' })
    client.call('DELETE', ORDER, { symbol: 'XRPUSDT', orderId: first.body.orderId })
    expect(client.limit({ newClientOrderId: 'mine' }).status).toBe(200)
  })
})

describe('an order is answered', () => {
  test('as much as is asked for', () => {
    const { client } = open()
    const ack = client.limit({ newOrderRespType: 'ACK', newClientOrderId: 'one' }).body
    expect(ack).toEqual({
      symbol: 'XRPUSDT',
      orderId: 40_000_001,
      orderListId: -1,
      clientOrderId: 'one',
      transactTime: 1_763_700_000_000,
    })
    const result = client.limit({ newOrderRespType: 'RESULT' }).body
    expect(result).toMatchObject({ status: 'NEW', price: '2.00000000', origQty: '40.00000000', timeInForce: 'GTC' })
    expect(result.fills).toBeUndefined()
    expect(result.clientOrderId).toMatch(/^[A-Za-z0-9]{22}$/)
    expect(client.limit().body.fills).toEqual([])
  })

  test('a market buy walks the book and pays its fee in what it receives', () => {
    const { client } = open()
    const { body } = client.place({ type: 'MARKET', quantity: 3_000 })
    expect(body).toMatchObject({
      status: 'FILLED',
      type: 'MARKET',
      price: '0.00000000',
      executedQty: '3000.00000000',
      // 2,173.9 × 2.3005 + 826.1 × 2.301
      cummulativeQuoteQty: '6901.91305000',
    })
    expect(body.fills).toEqual([
      // A thousandth of what was bought.
      expect.objectContaining({
        price: '2.30050000',
        qty: '2173.90000000',
        commission: '2.17390000',
        commissionAsset: 'XRP',
      }),
      expect.objectContaining({
        price: '2.30100000',
        qty: '826.10000000',
        commission: '0.82610000',
        commissionAsset: 'XRP',
      }),
    ])
    const balances = client.call('GET', '/api/v3/account').body.balances as { asset: string; free: string }[]
    expect(balances.find(({ asset }) => asset === 'XRP')!.free).toBe('202997.00000000')
    expect(balances.find(({ asset }) => asset === 'USDT')!.free).toBe('993098.08695000')
    const trades = client.call('GET', '/api/v3/myTrades', { symbol: 'XRPUSDT' }).body
    expect(trades.map((trade: { id: number }) => trade.id)).toEqual(
      body.fills.map((fill: { tradeId: number }) => fill.tradeId),
    )
    expect(trades[0]).toMatchObject({ orderId: body.orderId, quoteQty: '5001.05695000', isBuyer: true, isMaker: false })
  })

  test('a market order may say what it spends', () => {
    const { client } = open()
    const { body } = client.place({ type: 'MARKET', quoteOrderQty: 1_000 })
    // 434.6 × 2.3005 is the most under 1,000.
    expect(body).toMatchObject({
      executedQty: '434.60000000',
      cummulativeQuoteQty: '999.79730000',
      origQuoteOrderQty: '1000.00000000',
    })
  })

  test.each([
    ['IOC', 'EXPIRED', '2173.90000000'],
    ['FOK', 'EXPIRED', '0.00000000'],
    ['GTC', 'PARTIALLY_FILLED', '2173.90000000'],
  ])('%s beyond the first level', (timeInForce, status, executedQty) => {
    const { client } = open()
    const { body } = client.limit({ quantity: 2_500, price: '2.3005', timeInForce })
    expect(body).toMatchObject({ status, executedQty })
  })

  test('a stop waits, and works once its price has traded', () => {
    const { client } = open()
    const stop = client.place({ type: 'STOP_LOSS', quantity: 40, stopPrice: '2.301' }).body
    const query = () => client.call('GET', ORDER, { symbol: 'XRPUSDT', orderId: stop.orderId }).body
    expect(query()).toMatchObject({ status: 'NEW', type: 'STOP_LOSS', stopPrice: '2.30100000', isWorking: false })
    client.place({ type: 'MARKET', quantity: 2_200 })
    expect(query()).toMatchObject({ status: 'FILLED', executedQty: '40.00000000', isWorking: true })
  })
})

describe('an order is canceled', () => {
  test('by its own id or by the client’s, once, under an id of the cancel', () => {
    const { client } = open()
    client.limit({ newClientOrderId: 'mine' })
    const cancel = () =>
      client.call('DELETE', ORDER, { symbol: 'XRPUSDT', origClientOrderId: 'mine', newClientOrderId: 'away' })
    expect(cancel().body).toMatchObject({ status: 'CANCELED', origClientOrderId: 'mine', clientOrderId: 'away' })
    expect(cancel().body).toEqual({ code: -2011, msg: 'Unknown order sent.' })
    expect(client.call('GET', ORDER, { symbol: 'XRPUSDT', origClientOrderId: 'mine' }).body.status).toBe('CANCELED')
    expect(client.call('GET', ORDER, { symbol: 'BTCUSDT', origClientOrderId: 'mine' }).body.code).toBe(-2013)
    expect(client.call('GET', ORDER, { symbol: 'XRPUSDT' }).body.code).toBe(-1102)
  })

  test('with all others of its symbol, and of no other', () => {
    const { client } = open()
    client.limit()
    client.limit({ symbol: 'BTCUSDT', quantity: '0.01', price: 90_000 })
    expect(client.call('DELETE', '/api/v3/openOrders', { symbol: 'XRPUSDT' }).body).toHaveLength(1)
    const left = client.call('GET', '/api/v3/openOrders').body as { symbol: string }[]
    expect(left.map(({ symbol }) => symbol)).toEqual(['BTCUSDT'])
    expect(client.call('DELETE', '/api/v3/openOrders', { symbol: 'XRPUSDT' }).body.code).toBe(-2011)
  })
})

describe('an order is changed', () => {
  const amend = '/api/v3/order/amend/keepPriority'

  test('to less, where it is, and it may go by another id then', () => {
    const { client, simulator } = open()
    const { orderId } = client.limit({ newClientOrderId: 'mine' }).body
    const { body } = client.call('PUT', amend, { symbol: 'XRPUSDT', orderId, newQty: 30, newClientOrderId: 'other' })
    expect(body.amendedOrder).toMatchObject({
      orderId,
      origClientOrderId: 'mine',
      clientOrderId: 'other',
      qty: '30.00000000',
    })
    expect(client.call('GET', ORDER, { symbol: 'XRPUSDT', origClientOrderId: 'other' }).body.origQty).toBe(
      '30.00000000',
    )
    expect(client.call('GET', ORDER, { symbol: 'XRPUSDT', origClientOrderId: 'mine' }).body.code).toBe(-2013)
    // 30 at 2 are held now, not 40.
    expect(simulator.accounts[0]!.held('USDT')).toBe(60n * 10n ** 18n)
  })

  test('never to more, and a refused change leaves its id alone', () => {
    const { client } = open()
    const { orderId } = client.limit({ newClientOrderId: 'mine' }).body
    for (const newQty of [40, 50])
      expect(client.call('PUT', amend, { symbol: 'XRPUSDT', orderId, newQty }).body.code).toBe(-2038)
    expect(client.call('PUT', amend, { symbol: 'XRPUSDT', orderId, newQty: 1 }).body.msg).toBe(
      'Filter failure: NOTIONAL',
    )
    expect(client.call('GET', ORDER, { symbol: 'XRPUSDT', origClientOrderId: 'mine' }).body.origQty).toBe('40.00000000')
  })

  const replace = (client: ReturnType<typeof binanceClient>, fields: Fields) =>
    client.call('POST', '/api/v3/order/cancelReplace', {
      symbol: 'XRPUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: 40,
      price: '2.1',
      cancelReplaceMode: 'STOP_ON_FAILURE',
      ...fields,
    })

  test('by a cancel and a new order', () => {
    const { client } = open()
    const { orderId } = client.limit().body
    const { status, body } = replace(client, { cancelOrderId: orderId })
    expect([status, body.cancelResult, body.newOrderResult]).toEqual([200, 'SUCCESS', 'SUCCESS'])
    expect(body.cancelResponse).toMatchObject({ orderId, status: 'CANCELED' })
    const left = client.call('GET', '/api/v3/openOrders').body as { orderId: number; price: string }[]
    expect(left.map(({ orderId: id, price }) => [id, price])).toEqual([[body.newOrderResponse.orderId, '2.10000000']])
  })

  test('half of it fails, or all of it', () => {
    const { client } = open()
    const { orderId } = client.limit().body
    const none = replace(client, { cancelOrderId: 1 })
    expect([none.status, none.body.code, none.body.data.newOrderResult]).toEqual([400, -2022, 'NOT_ATTEMPTED'])
    const half = replace(client, { cancelOrderId: orderId, price: '2.00001' })
    expect([half.status, half.body.code]).toEqual([409, -2021])
    expect(half.body.data).toMatchObject({
      cancelResult: 'SUCCESS',
      newOrderResult: 'FAILURE',
      newOrderResponse: { code: -1013, msg: 'Filter failure: PRICE_FILTER' },
    })
    const other = replace(client, { cancelOrderId: 1, cancelReplaceMode: 'ALLOW_FAILURE' })
    expect([other.status, other.body.data.cancelResult, other.body.data.newOrderResult]).toEqual([
      409,
      'FAILURE',
      'SUCCESS',
    ])
  })
})

test('history is told from where it is asked for, or the newest of it', () => {
  const { client } = open()
  const ids = [1, 2, 3, 4].map(() => client.limit().body.orderId as number)
  const all = (fields: Fields) =>
    client
      .call('GET', '/api/v3/allOrders', { symbol: 'XRPUSDT', ...fields })
      .body.map((one: { orderId: number }) => one.orderId)
  expect(all({})).toEqual(ids)
  expect(all({ limit: 2 })).toEqual(ids.slice(2))
  expect(all({ orderId: ids[1]!, limit: 2 })).toEqual(ids.slice(1, 3))
  expect(all({ startTime: 1_763_700_000_001 })).toEqual([])
})
