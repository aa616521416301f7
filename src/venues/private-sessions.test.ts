import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defineInstrument, type Instrument, type Micros } from '../kernel/index.ts'
import { binancePrivateSession } from './binance/private-session.ts'
import { bybitPrivateSession } from './bybit/private-session.ts'
import type { AccountSessionFactory } from './connector/definition.ts'
import { instrumentBook } from './connector/instruments.ts'
import { kucoinPrivateSession } from './kucoin/private-session.ts'
import { okxPrivateSession } from './okx/private-session.ts'
import type { AccountHost, BalanceChange, VenueExecution, VenueOrder } from './port/index.ts'

/** Private streams as they were recorded by others. Where they lie: `BOURSE_SHARED`; without it the recorded ones skip. */
const shared = process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../shared')
const recordings = join(shared, 'cases/wire/nautilus_trader')
const recorded = describe.skipIf(!existsSync(recordings))
const recordingOf = (name: string): string => readFileSync(join(recordings, name), 'utf8')

const AT: Micros = 1_700_000_000_000_000
const signer = { apiKey: 'key', secret: 'secret', passphrase: 'passphrase', now: () => AT / 1_000 }

const instrument = (venue: string, pair: string, symbol: string, tick: string, lot: string): Instrument => ({
  ...defineInstrument({ venue, pair, tick, lot }),
  symbol,
})

function opened(create: AccountSessionFactory, instruments: readonly Instrument[]) {
  const told = {
    sent: [] as string[],
    orders: [] as VenueOrder[],
    fills: [] as VenueExecution[],
    asked: [] as VenueOrder[],
    balances: [] as BalanceChange[],
    failures: [] as string[],
    ready: 0,
  }
  const host: AccountHost = {
    send: frame => told.sent.push(frame),
    onReady: () => {
      told.ready += 1
    },
    fail: reason => told.failures.push(reason),
    onOrder: order => told.orders.push(order),
    onFill: fill => told.fills.push(fill),
    requestFills: order => told.asked.push(order),
    onBalance: change => told.balances.push(change),
    onRefused() {},
  }
  const session = create(instrumentBook(instruments), host)
  session.onOpen(AT)
  return { told, session, say: (frame: unknown) => session.onFrame(JSON.stringify(frame), AT) }
}

recorded('Binance', () => {
  const ETH = instrument('binance', 'ETH/USDT', 'ETHUSDT', '0.01', '0.0001')
  /** The event alone is wrapped as the WebSocket API wraps it. */
  const heard = (name: string) => {
    const stream = opened(binancePrivateSession(signer), [ETH])
    const message = JSON.parse(recordingOf(`binance/spot/user_data_json/${name}.json`))
    stream.say('event' in message ? message : { subscriptionId: 0, event: message })
    return stream.told
  }

  test.each([
    ['new', 'open', 0, 'gtc'],
    ['canceled', 'canceled', 0, 'gtc'],
    ['expired', 'expired', 0, 'ioc'],
    ['trade', 'filled', 10_000, 'gtc'],
  ])('an order that is %s', (name, state, filled, timeInForce) => {
    const { orders, failures } = heard(`execution_report_${name}`)
    const order = { venueOrderId: '12345678', clientId: 'x-TD67BGP9-T0000000000000', side: 'buy', type: 'limit' }
    expect(orders).toMatchObject([{ ...order, state, filled, timeInForce, price: 250_000, quantity: 10_000 }])
    expect(failures).toEqual([])
  })

  test('a stop', () => {
    const { orders } = heard('execution_report_stop_loss')
    expect(orders).toMatchObject([{ venueOrderId: '12345679', side: 'sell', type: 'stop_limit', price: 240_000 }])
  })

  test('a fill, with the fee in the asset that it was charged in', () => {
    expect(heard('execution_report_trade').fills).toEqual([
      {
        id: '98765432',
        venueOrderId: '12345678',
        clientId: 'x-TD67BGP9-T0000000000000',
        instrument: ETH.id,
        side: 'buy',
        price: 250_000,
        quantity: 10_000,
        liquidity: 'maker',
        feeAmount: '0.001',
        feeAsset: 'ETH',
        at: 1_709_654_401_000_000,
      },
    ])
  })

  test('balances', () => {
    expect(heard('account_position').balances).toEqual([
      { asset: 'USDT', total: '12500', free: '10000' },
      { asset: 'ETH', total: '5', free: '5' },
    ])
    expect(heard('account_position_wrapped').balances).toEqual([{ asset: 'ETH', total: '10000', free: '10000' }])
  })

  test.each(['balance_update', 'balance_update_wrapped', 'list_status_wrapped', 'execution_report_wrapped'])(
    '%s: of nothing that is traded here, and no harm',
    name => {
      const { orders, fills, balances, failures } = heard(name)
      expect([orders, fills, balances, failures]).toEqual([[], [], [], []])
    },
  )
})

recorded('Bybit', () => {
  const APEX = instrument('bybit', 'APEX/USDT', 'APEXUSDT', '0.001', '0.1')
  const BTC = instrument('bybit', 'BTC/USDT', 'BTCUSDT', '0.01', '0.000001')
  const heard = (name: string) => {
    const stream = opened(bybitPrivateSession(signer), [APEX, BTC])
    stream.session.onFrame(recordingOf(`bybit/${name}.json`), AT)
    return stream.told
  }

  test('an order of which a part has filled is not rejected any more, whatever it is called', () => {
    expect(heard('ws_account_order_partially_filled_rejected').orders).toEqual([
      {
        venueOrderId: '5cf98598-39a7-459e-97bf-76ca765ee021',
        clientId: 'O-20251001-164609-APEX-000-49',
        instrument: APEX.id,
        side: 'buy',
        type: 'limit',
        timeInForce: 'gtc',
        price: 1_500,
        quantity: 1_000,
        filled: 500,
        state: 'canceled',
        reason: 'UNKNOWN',
        at: 1_672_364_262_457_000,
      },
    ])
  })

  test.each(['ws_account_order', 'ws_account_order_filled', 'ws_account_order_stop_limit', 'ws_account_execution'])(
    '%s is of a derivative of the same name, and none of ours',
    name => {
      const { orders, fills, failures } = heard(name)
      expect([orders, fills, failures]).toEqual([[], [], []])
    },
  )

  test('balances', () => {
    expect(heard('ws_account_wallet').balances).toEqual([
      { asset: 'BTC', total: '0.00102964', free: null },
      { asset: 'USDT', total: '9647.75537647', free: null },
    ])
  })

  test('who is let in subscribes; who is not is told why', () => {
    expect(
      heard('ws_auth_success')
        .sent.map(frame => JSON.parse(frame))
        .slice(1),
    ).toEqual([{ op: 'subscribe', args: ['order', 'execution', 'wallet'] }])
    expect(heard('ws_auth_failure').failures).toEqual(['refused by Bybit: Invalid apikey'])
  })
})

recorded('OKX', () => {
  const BTC = instrument('okx', 'BTC/USDT', 'BTC-USDT', '0.1', '0.00000001')
  const heard = (name: string) => {
    const stream = opened(okxPrivateSession(signer), [BTC])
    stream.session.onFrame(recordingOf(`okx/${name}.json`), AT)
    return stream.told
  }

  test('orders, and a question for the fills whose fee is not told', () => {
    const { orders, fills, asked } = heard('ws_orders_fok')
    expect([orders, fills]).toEqual([[], []])
    expect(asked).toMatchObject([{ clientId: 'FOK-TEST-001', timeInForce: 'fok', state: 'filled', price: 500_000 }])
    const partly = heard('ws_orders_ioc')
    expect(partly.orders).toMatchObject([{ side: 'sell', state: 'open', filled: 2_000_000, quantity: 5_000_000 }])
    expect([partly.fills, partly.asked]).toEqual([[], partly.orders])
  })

  test('a contract of the same name is none of ours', () => {
    const { orders, fills, failures } = heard('ws_orders')
    expect([orders, fills, failures]).toEqual([[], [], []])
  })

  test('balances', () => {
    const [usdt, btc] = heard('ws_account').balances
    expect(usdt).toMatchObject({ asset: 'USDT', total: '100.52768569797846' })
    expect(btc).toMatchObject({ asset: 'BTC', total: '0.0000000051' })
  })
})

/** Messages are those of https://www.kucoin.com/docs-new/3470074w0 : nobody's recordings of today's are at hand. */
describe('KuCoin', () => {
  const KCS = instrument('kucoin', 'KCS/USDT', 'KCS-USDT', '0.001', '0.0001')
  const change = {
    canceledSize: '0',
    clientOid: '5c52e11203aa677f33e493fb',
    filledSize: '0',
    orderId: '6720da3fa30a360007f5f832',
    orderTime: 1_730_206_271_588,
    orderType: 'limit',
    originSize: '2',
    price: '11',
    remainSize: '2',
    side: 'buy',
    size: '2',
    status: 'open',
    symbol: 'KCS-USDT',
    ts: 1_730_206_271_616_000_000,
    type: 'open',
  }
  const connected = () => {
    const stream = opened(kucoinPrivateSession, [KCS])
    stream.say({ id: 'c', type: 'welcome' })
    const order = (more: object) =>
      stream.say({
        topic: '/spotMarket/tradeOrdersV2',
        type: 'message',
        subject: 'orderChange',
        userId: 'u',
        channelType: 'private',
        data: { ...change, ...more },
      })
    return { ...stream, order }
  }

  test('is ready when both topics are acknowledged', () => {
    const { told, say } = connected()
    const asked = told.sent.map(frame => JSON.parse(frame) as { id: string; topic: string; privateChannel: boolean })
    expect(asked.map(({ topic, privateChannel }) => [topic, privateChannel])).toEqual([
      ['/spotMarket/tradeOrdersV2', true],
      ['/account/balance', true],
    ])
    say({ id: asked[1]!.id, type: 'ack' })
    say({ id: 'another', type: 'ack' })
    expect(told.ready).toBe(0)
    say({ id: asked[0]!.id, type: 'ack' })
    expect(told.ready).toBe(1)
  })

  test.each([
    [{ type: 'received', status: 'new' }, 'open', 0],
    [{ type: 'open', status: 'open' }, 'open', 0],
    [{ type: 'match', status: 'match', liquidity: 'taker', filledSize: '0.5' }, 'open', 5_000],
    [{ type: 'update', status: 'open' }, 'open', 0],
    [{ type: 'update', status: 'done', filledSize: '0.5', canceledSize: '1.5' }, 'canceled', 5_000],
    [{ type: 'filled', status: 'done', filledSize: '2', remainSize: '0' }, 'filled', 20_000],
    [{ type: 'canceled', status: 'done', canceledSize: '2', remainSize: '0' }, 'canceled', 0],
  ])('%j', (more, state, filled) => {
    const { told, order } = connected()
    order(more)
    // One that is over and has filled is told after its fills.
    const [one, other] = state !== 'open' && filled > 0 ? [told.asked, told.orders] : [told.orders, told.asked]
    expect(other).toEqual([])
    expect(one).toEqual([
      {
        venueOrderId: '6720da3fa30a360007f5f832',
        clientId: '5c52e11203aa677f33e493fb',
        instrument: KCS.id,
        side: 'buy',
        type: 'limit',
        timeInForce: 'gtc',
        price: 11_000,
        quantity: 20_000,
        filled,
        state,
        reason: null,
        at: 1_730_206_271_616_000,
      },
    ])
  })

  test('fills are asked for: of a maker at once, of a taker when all its matches are told, or a tick later', () => {
    const { told, order, session } = connected()
    const match = { type: 'match', tradeId: '1', matchSize: '0.5', matchPrice: '11' }
    order({ ...match, status: 'open', liquidity: 'maker', filledSize: '0.5' })
    expect(told.asked).toHaveLength(1)
    order({ ...match, status: 'match', liquidity: 'taker', filledSize: '1' })
    order({ ...match, status: 'match', liquidity: 'taker', filledSize: '1.5' })
    expect(told.asked).toHaveLength(1)
    order({ type: 'open', status: 'open', filledSize: '1.5' })
    expect(told.asked).toHaveLength(2)
    order({ ...match, status: 'match', liquidity: 'taker', filledSize: '2' })
    session.onTick(AT + 1_000_000)
    session.onTick(AT + 2_000_000)
    expect(told.asked).toHaveLength(3)
  })

  test('balances', () => {
    const { told, say } = connected()
    const data = { currency: 'USDT', total: '89', available: '59', hold: '30' }
    say({ topic: '/account/balance', type: 'message', subject: 'account.balance', data })
    expect(told.balances).toEqual([{ asset: 'USDT', total: '89', free: '59' }])
  })

  test('a ping every 18 seconds, an end after 40 of silence, and whatever the venue refuses', () => {
    const { told, session, say } = connected()
    session.onTick(AT + 17_999_999)
    session.onTick(AT + 18_000_000)
    expect(told.sent.slice(2).map(frame => JSON.parse(frame).type)).toEqual(['ping'])
    session.onTick(AT + 40_000_001)
    say({ id: '1', type: 'error', code: 403, data: 'login is required' })
    session.onFrame('{', AT)
    expect(told.failures).toEqual(['silent', 'refused by KuCoin: login is required', 'a frame is not JSON'])
  })
})
