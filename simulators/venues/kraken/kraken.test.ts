import { describe, expect, test } from 'vitest'
import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import { VenueSimulator } from '../core/index.ts'
import { krakenSimulator } from './index.ts'
import { krakenClient, LIMIT_BUY, request } from './testing.ts'

const AT: Micros = 1_700_000_000_000_000
const open = (options: Partial<ConstructorParameters<typeof VenueSimulator>[0]> = {}) =>
  new VenueSimulator({ definition: krakenSimulator, seed: 'kraken', start: AT, market: 'still', ...options })

const errorsOf = (simulator: VenueSimulator, ...[asked]: Parameters<VenueSimulator['request']>): string[] =>
  JSON.parse(simulator.request(asked).answer!.body).error

describe('signatures', () => {
  /** The worked example of https://docs.kraken.com/api/docs/guides/spot-rest-auth */
  const published = {
    apiKey: 'published',
    secret: 'kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==',
  }
  const example = (sign: string) =>
    request('/0/private/AddOrder', {
      method: 'POST',
      headers: { 'api-key': published.apiKey, 'api-sign': sign },
      body: 'nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25',
    })
  const sign = '4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=='

  test('the example that Kraken publishes is accepted', () => {
    const simulator = open({ accounts: [published] })
    const { body } = simulator.request(example(sign)).answer!
    expect(JSON.parse(body)).toEqual({
      error: [],
      result: { descr: { order: 'buy 1.25000000 XBTUSD @ limit 37500.0' }, txid: [expect.any(String)] },
    })
  })

  test('with one letter changed it is not, nor without a signature, nor from a stranger, and nothing is placed', () => {
    const simulator = open({ accounts: [published] })
    expect(errorsOf(simulator, example(`5${sign.slice(1)}`))).toEqual(['EAPI:Invalid signature'])
    expect(errorsOf(simulator, example(''))).toEqual(['EAPI:Invalid signature'])
    const longer = { ...example(sign), body: `${example(sign).body}0` }
    expect(errorsOf(simulator, longer)).toEqual(['EAPI:Invalid signature'])
    const stranger = { ...example(sign), headers: { 'api-key': 'stranger', 'api-sign': sign } }
    expect(errorsOf(simulator, stranger)).toEqual(['EAPI:Invalid key'])
    expect(simulator.exchange.ordersOf(simulator.accounts[1]!)).toEqual([])
  })

  test('a nonce counts up: the same one again, or an older one, is refused', () => {
    const simulator = open()
    const client = krakenClient(simulator)
    expect(errorsOf(simulator, client.signed('Balance', {}, 100))).toEqual([])
    expect(errorsOf(simulator, client.signed('Balance', {}, 100))).toEqual(['EAPI:Invalid nonce'])
    expect(errorsOf(simulator, client.signed('Balance', {}, 99))).toEqual(['EAPI:Invalid nonce'])
    expect(errorsOf(simulator, client.signed('Balance', {}, 101))).toEqual([])
  })

  test('a key that may not trade reads, and changes nothing', () => {
    const reader = { apiKey: 'reader', secret: 'c2VjcmV0', permissions: { trade: false } }
    const client = krakenClient(open({ accounts: [reader] }), reader)
    expect(client.call('Balance')!.error).toEqual([])
    for (const name of ['AddOrder', 'AmendOrder', 'CancelOrder', 'CancelAll', 'CancelAllOrdersAfter'])
      expect(client.call(name, LIMIT_BUY)!.error).toEqual(['EGeneral:Permission denied'])
    expect(client.call('GetApiKeyInfo')!.result).toMatchObject({
      permissions: expect.not.arrayContaining(['modify-trades']),
    })
  })
})

describe('what orders must be', () => {
  test.each([
    ['EQuery:Unknown asset pair', { pair: 'XRPEUR' }],
    ['EGeneral:Invalid arguments:type', { type: 'hold' }],
    ['EGeneral:Invalid arguments:ordertype', { ordertype: 'dark' }],
    ['EOrder:Invalid price:XRPUSD price can only be specified up to 5 decimals.', { price: '2.000001' }],
    ['EGeneral:Invalid arguments:volume', { volume: '40.000000001' }],
    ['EGeneral:Invalid arguments:volume minimum not met', { volume: '1' }],
    ['EOrder:Cost minimum not met', { price: '0.2', volume: '2' }],
    ['EOrder:Insufficient funds', { volume: '600000' }],
    ['EOrder:Post only order', { price: '3', oflags: 'post' }],
    ['EGeneral:Invalid arguments:timeinforce', { timeinforce: 'FOREVER' }],
    ['EService:Deadline elapsed', { deadline: new Date(AT / 1_000).toISOString() }],
  ])('%s', (error, change) => {
    const simulator = open()
    expect(krakenClient(simulator).call('AddOrder', { ...LIMIT_BUY, ...change })!.error).toEqual([error])
    expect(simulator.exchange.ordersOf(simulator.accounts[0]!)).toEqual([])
  })
})

describe('rates', () => {
  test('a key has 20 calls, history counts twice, and one comes back each second', () => {
    const simulator = open()
    const client = krakenClient(simulator)
    const error = (name: string) => client.call(name)!.error[0]
    for (let i = 0; i < 9; i++) expect(error('TradesHistory')).toBeUndefined()
    for (let i = 0; i < 2; i++) expect(error('Balance')).toBeUndefined()
    expect(error('Balance')).toBe('EAPI:Rate limit exceeded')
    simulator.advance(AT + MICROS_PER_SECOND)
    expect(error('TradesHistory')).toBe('EAPI:Rate limit exceeded')
    expect(error('Balance')).toBeUndefined()
    expect(error('Balance')).toBe('EAPI:Rate limit exceeded')
  })

  test('an address has 15 public calls', () => {
    const simulator = open()
    const answers = Array.from({ length: 16 }, () => errorsOf(simulator, request('/0/public/Time')).length)
    expect(answers).toEqual([...Array(15).fill(0), 1])
    expect(errorsOf(simulator, request('/0/public/Time', { from: '10.0.0.2' }))).toEqual([])
  })

  test('a cancel of a young order costs eight orders, and is never refused', () => {
    const client = krakenClient(open())
    let placed = 0
    for (;;) {
      const { error, result } = client.call('AddOrder', LIMIT_BUY)!
      if (error.length > 0) {
        expect(error).toEqual(['EOrder:Rate limit exceeded'])
        break
      }
      placed += 1
      const { txid } = result as unknown as { txid: string[] }
      expect(client.call('CancelOrder', { txid: txid[0]! })!.error).toEqual([])
    }
    expect(placed).toBe(180 / 9)
  })
})

describe('cancel all orders after', () => {
  test('orders are canceled once when no more time is asked for', () => {
    const simulator = open()
    const client = krakenClient(simulator)
    const states = () => simulator.exchange.ordersOf(simulator.accounts[0]!).map(({ state }) => state)
    client.call('AddOrder', LIMIT_BUY)
    expect(client.call('CancelAllOrdersAfter', { timeout: '60' })!.result).toEqual({
      currentTime: '2023-11-14T22:13:20Z',
      triggerTime: '2023-11-14T22:14:20Z',
    })
    simulator.advance(AT + 59 * MICROS_PER_SECOND)
    client.call('CancelAllOrdersAfter', { timeout: '60' })
    simulator.advance(AT + 118 * MICROS_PER_SECOND)
    expect(states()).toEqual(['open'])
    simulator.advance(AT + 119 * MICROS_PER_SECOND)
    expect(states()).toEqual(['canceled'])
    client.call('AddOrder', LIMIT_BUY)
    simulator.advance(AT + 300 * MICROS_PER_SECOND)
    expect(states()).toEqual(['canceled', 'open'])
  })

  test('0 takes the switch away; what is no number of seconds is refused', () => {
    const simulator = open()
    const client = krakenClient(simulator)
    client.call('AddOrder', LIMIT_BUY)
    client.call('CancelAllOrdersAfter', { timeout: '5' })
    expect(client.call('CancelAllOrdersAfter', { timeout: '0' })!.result).toMatchObject({ triggerTime: '0' })
    simulator.advance(AT + 60 * MICROS_PER_SECOND)
    expect(simulator.exchange.openOrdersOf(simulator.accounts[0]!)).toHaveLength(1)
    for (const timeout of ['', '-1', 'soon', '86401'])
      expect(client.call('CancelAllOrdersAfter', { timeout })!.error).toEqual(['EGeneral:Invalid arguments:timeout'])
  })
})
