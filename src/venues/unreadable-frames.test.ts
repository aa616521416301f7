import { describe, expect, test } from 'vitest'
import { defineInstrument, type Micros } from '../kernel/index.ts'
import { binancePrivateSession } from './binance/private-session.ts'
import { bitfinexPrivateSession } from './bitfinex/private-session.ts'
import { bybitPrivateSession } from './bybit/private-session.ts'
import { coinbasePrivateSession } from './coinbase/private-session.ts'
import type { AccountSessionFactory } from './connector/definition.ts'
import { instrumentBook } from './connector/instruments.ts'
import { htxPrivateSession } from './htx/private-session.ts'
import { krakenPrivateSession } from './kraken/private-session.ts'
import { kucoinPrivateSession } from './kucoin/private-session.ts'
import { okxPrivateSession } from './okx/private-session.ts'
import type { AccountHost } from './port/index.ts'

/** Frames of private streams that are JSON and nothing that the venue says: they end the connection and tell nothing. */

const AT: Micros = 1_700_000_000_000_000
const milliseconds = () => AT / 1_000
const signer = {
  apiKey: 'key',
  secret: 'secret',
  passphrase: 'p',
  now: milliseconds,
  nonce: () => 1,
  milliseconds,
  token: () => 'token',
}
const SESSIONS: Readonly<Record<string, AccountSessionFactory>> = {
  binance: binancePrivateSession(signer),
  bitfinex: bitfinexPrivateSession(signer),
  bybit: bybitPrivateSession(signer),
  coinbase: coinbasePrivateSession(signer),
  htx: htxPrivateSession(signer),
  kraken: krakenPrivateSession('token'),
  kucoin: kucoinPrivateSession,
  okx: okxPrivateSession(signer),
}

function opened(name: string, host: Partial<AccountHost> = {}) {
  const failures: string[] = []
  const told: string[] = []
  const tell = (what: string) => () => void told.push(what)
  const XRP = {
    ...defineInstrument({ venue: name, pair: 'XRP/USDT', tick: '0.0001', lot: '0.1' }),
    symbol: 'XRPUSDT',
  }
  const session = SESSIONS[name]!(instrumentBook([XRP]), {
    send() {},
    fail: reason => failures.push(reason),
    onReady: tell('ready'),
    onOrder: tell('order'),
    onFill: tell('fill'),
    requestFills: tell('ask'),
    onBalance: tell('balance'),
    onRefused: tell('refused'),
    ...host,
  })
  session.onOpen(AT)
  return { failures, told, say: (frame: unknown) => session.onFrame(JSON.stringify(frame), AT) }
}

const execution = {
  e: 'executionReport',
  s: 'XRPUSDT',
  c: 'ours',
  C: '',
  S: 'BUY',
  o: 'LIMIT',
  f: 'GTC',
  q: '40',
  p: '2.5',
  x: 'TRADE',
  X: 'PARTIALLY_FILLED',
  r: 'NONE',
  i: 7,
  l: '10',
  z: '10',
  L: '2.5',
  n: '0.01',
  N: 'USDT',
  T: 1_700_000_000_000,
  t: 9,
  m: true,
}

describe.each(Object.keys(SESSIONS))('%s', name => {
  test.each([null, 7, 'text', [null], [7, 7, 7]])('%j is never an exception, and tells nothing', frame => {
    const { told, say } = opened(name)
    say(frame)
    expect(told).toEqual([])
  })

  test('null ends the connection', () => {
    const { failures, say } = opened(name)
    say(null)
    expect(failures).toEqual([expect.stringMatching(/^a frame cannot be read: /)])
  })
})

test('an order without a quantity is no order of zero: it ends the connection, and its fill is not told either', () => {
  const whole = opened('binance')
  whole.say({ event: execution })
  expect([whole.told, whole.failures]).toEqual([['fill', 'order'], []])
  for (const field of ['q', 'z', 'l']) {
    const { told, failures, say } = opened('binance')
    say({ event: { ...execution, [field]: undefined } })
    expect([told, failures]).toEqual([[], ['a frame cannot be read: a number is missing']])
  }
  const { told, failures, say } = opened('bybit')
  say({ topic: 'order', data: [{ category: 'spot', symbol: 'XRPUSDT', orderId: '7', orderLinkId: '', price: '2.5' }] })
  expect([told, failures]).toEqual([[], ['a frame cannot be read: a number is missing']])
})

test('what the host throws is the host’s own', () => {
  const { failures, say } = opened('binance', {
    onOrder() {
      throw new Error('ours')
    },
  })
  expect(() => say({ event: execution })).toThrow('ours')
  expect(failures).toEqual([])
})
