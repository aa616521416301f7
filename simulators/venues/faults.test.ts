import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_MS, MICROS_PER_SECOND, type Micros, seededRandom } from '../../src/kernel/index.ts'
import { type FaultRule, Faults, VenueSimulator } from './index.ts'
import { krakenSimulator } from './kraken/index.ts'
import { krakenClient, LIMIT_BUY, listenToBook, request } from './kraken/testing.ts'

/** Every kind of fault, seen from a client of the simulated Kraken, and from the truth behind it. */

const AT: Micros = 1_700_000_000_000_000
const fault = (kind: FaultRule['kind'], change: Partial<FaultRule> = {}): FaultRule => ({
  kind,
  probability: 1,
  ms: 500,
  part: 0.5,
  ...change,
})

function open(...faults: readonly FaultRule[]) {
  const simulator = new VenueSimulator({
    definition: krakenSimulator,
    seed: 'faults',
    start: AT,
    market: 'still',
    faults,
  })
  const client = krakenClient(simulator)
  const [account] = simulator.accounts
  return {
    simulator,
    client,
    states: () => simulator.exchange.ordersOf(account!).map(({ state }) => state),
    fired: () => simulator.faults.fired.map(({ kind, on }) => `${kind} ${on}`),
    /** Somebody sells into the best bid, so that the book moves. */
    stir: (quantity = 100_000_000) => {
      const [xrp] = krakenSimulator.instruments.filter(({ instrument }) => instrument.base === 'XRP')
      simulator.house({ instrument: xrp!, side: 'sell', price: undefined, quantity, isTaking: true })
      simulator.advance(simulator.exchange.market.now + 100 * MICROS_PER_MS)
    },
  }
}

describe('of requests', () => {
  test('refuse: in the venue’s words, and nothing is placed; only changes are refused', () => {
    const { client, states, fired } = open(fault('refuse', { count: 1 }))
    expect(client.call('Balance')!.error).toEqual([])
    expect(client.call('AddOrder', LIMIT_BUY)!.error).toEqual(['EGeneral:Permission denied'])
    expect(states()).toEqual([])
    expect(client.call('AddOrder', LIMIT_BUY)!.error).toEqual([])
    expect(fired()).toEqual(['refuse place'])
  })

  test('lose_ack: no answer, and the order is there', () => {
    const { client, states, fired } = open(fault('lose_ack', { on: ['place'], count: 1 }))
    expect(client.call('AddOrder', LIMIT_BUY)).toBeNull()
    expect(states()).toEqual(['open'])
    expect(fired()).toEqual(['lose_ack place'])
  })

  test('disconnect: no answer, and nothing has happened', () => {
    const { client, states } = open(fault('disconnect', { on: ['place'], count: 1 }))
    expect(client.call('AddOrder', LIMIT_BUY)).toBeNull()
    expect(states()).toEqual([])
  })

  test('unavailable: 503 and no JSON', () => {
    const { simulator, client, states } = open(fault('unavailable', { on: ['place'] }))
    const { status, body } = simulator.request(client.signed('AddOrder', LIMIT_BUY)).answer!
    expect([status, body]).toEqual([503, expect.stringContaining('<html>')])
    expect(states()).toEqual([])
  })

  test('malformed_json: carried out, and the answer breaks off', () => {
    const { simulator, client, states } = open(fault('malformed_json', { count: 1 }))
    const { body } = simulator.request(client.signed('AddOrder', LIMIT_BUY)).answer!
    expect(() => JSON.parse(body)).toThrow(SyntaxError)
    expect(states()).toEqual(['open'])
  })

  test('delay: the answer comes later', () => {
    const { simulator } = open(fault('delay', { ms: 700, count: 1 }))
    const ask = () => simulator.request(request('/0/public/Time')).delayMs
    expect([ask(), ask()]).toEqual([700, 0])
  })

  test('partial_fill: half fills though the book holds more; the rest is over or rests, as its time in force says', () => {
    const { simulator, client } = open(fault('partial_fill', { count: 2 }))
    client.call('AddOrder', { ...LIMIT_BUY, ordertype: 'market' })
    client.call('AddOrder', { ...LIMIT_BUY, price: '3' })
    client.call('AddOrder', { ...LIMIT_BUY, ordertype: 'market' })
    const orders = simulator.exchange.ordersOf(simulator.accounts[0]!)
    expect(orders.map(({ filled, quantity }) => filled / quantity)).toEqual([0.5, 1, 1])
    expect(orders.map(({ state }) => state)).toEqual(['expired', 'filled', 'filled'])
    expect(simulator.exchange.fills.map(({ quantity }) => quantity / 1e8)).toEqual([20, 20, 20, 40])
  })

  test('rate_limit, maintenance and ban: in the venue’s words, the last two for a while and for everything', () => {
    const { simulator, client } = open(fault('rate_limit', { on: ['place'], count: 1 }))
    const error = () => client.call('AddOrder', LIMIT_BUY)!.error[0]
    expect([error(), error()]).toEqual(['EOrder:Rate limit exceeded', undefined])
    for (const [kind, words] of [
      ['maintenance', 'EService:Unavailable'],
      ['ban', 'EGeneral:Temporary lockout'],
    ] as const) {
      simulator.faults.add(fault(kind, { on: ['place'], count: 1, ms: 2_000 }))
      expect(error()).toBe(words)
      simulator.advance(simulator.exchange.market.now + 1_999 * MICROS_PER_MS)
      expect(client.call('Balance')!.error).toEqual([words])
      simulator.advance(simulator.exchange.market.now + MICROS_PER_MS)
      expect(client.call('Balance')!.error).toEqual([])
    }
  })

  test('clock_skew: the venue’s clock is wrong for as long as it is set', () => {
    const { simulator } = open(fault('clock_skew', { ms: 90_000 }))
    const time = () => JSON.parse(simulator.request(request('/0/public/Time')).answer!.body).result.unixtime
    expect(time()).toBe(AT / MICROS_PER_SECOND + 90)
    simulator.faults.clear()
    expect(time()).toBe(AT / MICROS_PER_SECOND)
  })
})

describe('of streams', () => {
  const types = (rows: readonly Record<string, unknown>[]) => rows.map(row => row.exec_type)
  const CYCLE = ['pending_new', 'new', 'trade', 'filled']

  test('without a fault each report comes once and in order', () => {
    const { client } = open()
    const executions = client.listen('executions')
    client.call('AddOrder', { ...LIMIT_BUY, ordertype: 'market' })
    expect(types(executions.rows())).toEqual(CYCLE)
  })

  test('duplicate_report: one report comes twice, the same', () => {
    const { client } = open(fault('duplicate_report', { on: ['orders'], count: 1 }))
    const executions = client.listen('executions')
    client.call('AddOrder', { ...LIMIT_BUY, ordertype: 'market' })
    const snapshots = executions.frames.filter(({ type }) => type === 'snapshot').length
    expect(types(executions.rows()).length + snapshots).toBe(CYCLE.length + 1 + 1)
  })

  test('reorder_reports: none is lost, and one is overtaken', () => {
    const { simulator, client } = open()
    const executions = client.listen('executions')
    simulator.faults.add(fault('reorder_reports', { on: ['orders'], count: 1 }))
    client.call('AddOrder', { ...LIMIT_BUY, ordertype: 'market' })
    expect(types(executions.rows())).toEqual(['new', 'pending_new', 'trade', 'filled'])
  })

  test('disconnect: the socket ends before the report, and the order is there', () => {
    const { simulator, client, states } = open()
    const executions = client.listen('executions')
    simulator.faults.add(fault('disconnect', { on: ['orders'], count: 1 }))
    client.call('AddOrder', LIMIT_BUY)
    expect([executions.rows(), executions.closed, states()]).toEqual([[], ['fault'], ['open']])
    expect(simulator.sockets).toBe(0)
  })

  test('bad_checksum: the sum is not that of the book; without the fault it is', () => {
    const { simulator, stir } = open()
    const { messages } = listenToBook(simulator)
    const [snapshot] = messages
    expect(snapshot!.checksum).toBe(checksum(snapshot!.text))
    simulator.faults.add(fault('bad_checksum', { count: 1 }))
    const again = listenToBook(simulator).messages[0]!
    expect(again.checksum).not.toBe(checksum(again.text))
    stir()
    expect(messages).toHaveLength(2)
  })

  test('gap: an update is missing, so that what is rebuilt is no longer the book', () => {
    const rebuilt = (faults: readonly FaultRule[]) => {
      const { simulator, stir, fired } = open()
      const { messages } = listenToBook(simulator)
      for (const one of faults) simulator.faults.add(one)
      stir()
      stir()
      const bids = new Map<number, number>()
      for (const message of messages)
        for (const [price, quantity] of message.bids)
          if (quantity === 0) bids.delete(price!)
          else bids.set(price!, quantity!)
      const best = Math.max(...bids.keys())
      const [xrp] = krakenSimulator.instruments.filter(({ instrument }) => instrument.base === 'XRP')
      const [[, lots]] = simulator.exchange.market.levels(xrp!, 1).bids as [[number, number]]
      return { isTrue: bids.get(best)! * 1e8 === lots, count: messages.length, fired: fired() }
    }
    expect(rebuilt([])).toEqual({ isTrue: true, count: 3, fired: [] })
    expect(rebuilt([fault('gap', { count: 2 })])).toEqual({ isTrue: false, count: 1, fired: ['gap book', 'gap book'] })
  })
})

/** By https://docs.kraken.com/api/docs/guides/spot-ws-book-v2, from the very letters of a snapshot's frame. */
function checksum(frame: string): number {
  const side = (name: string) => {
    const [, levels = ''] = new RegExp(`"${name}":\\[(.*?)\\]`).exec(frame) ?? []
    return [...levels.matchAll(/"price":([\d.]+),"qty":([\d.]+)/g)]
      .flatMap(([, price, quantity]) => [price!, quantity!])
      .map(text => text.replace('.', '').replace(/^0+/, ''))
      .join('')
  }
  return crc32(side('asks') + side('bids'))
}

test.each(['close', 'send'] as const)('a venue that ends a socket at the door (%s) turns that client away', how => {
  const ended: string[] = []
  const simulator = new VenueSimulator({
    definition: {
      ...krakenSimulator,
      create: context => ({
        ...krakenSimulator.create(context),
        connect(_host, _path, _query, socket) {
          if (how === 'close') socket.close('not here')
          else socket.send('welcome', 'book')
          return {
            onFrame: () => ended.push('heard'),
            onTick: () => ended.push('ticked'),
            onClose: () => ended.push('gone'),
          }
        },
      }),
    },
    seed: 'door',
    start: AT,
    market: 'still',
    faults: how === 'send' ? [fault('disconnect', { on: ['book'] })] : [],
  })
  const client = simulator.connect(
    { host: 'ws.kraken.com', path: '/v2', query: new URLSearchParams() },
    { send: () => ended.push('sent'), close: reason => ended.push(reason) },
  )
  client.onFrame('{}')
  client.onClose()
  simulator.advance(AT + MICROS_PER_SECOND)
  expect([ended, simulator.sockets]).toEqual([[how === 'close' ? 'not here' : 'fault', 'gone'], 0])
})

describe('rules', () => {
  test('the same seed meets the same faults; a probability is one, and a count ends', () => {
    const draws = (seed: string) => {
      const faults = new Faults(seededRandom(seed), [fault('refuse', { probability: 0.25, count: 300 })])
      return Array.from({ length: 2_000 }, () => faults.take('refuse', 'place', AT) !== null)
    }
    expect(draws('one')).toEqual(draws('one'))
    expect(draws('one')).not.toEqual(draws('two'))
    const hits = draws('one').flatMap((hit, i) => (hit ? [i] : []))
    expect(hits).toHaveLength(300)
    // 300 hits at one in four take 1,200 draws, give or take 60.
    expect(Math.abs(hits.at(-1)! - 1_200)).toBeLessThan(240)
  })

  test('the control endpoint sets, shows and takes them away, and names what is wrong', () => {
    const { simulator, client } = open()
    const control = (method: string, path: string, body = '') => {
      const { status, body: text } = simulator.request(request(path, { host: 'control', method, body })).answer!
      return [status, JSON.parse(text)]
    }
    expect(control('POST', '/faults', '{"kind":"refuse","count":1}')).toMatchObject([201, [{ kind: 'refuse' }]])
    expect(client.call('AddOrder', LIMIT_BUY)!.error).toHaveLength(1)
    expect(control('GET', '/fired')).toEqual([200, [{ kind: 'refuse', on: 'place', at: AT }]])
    expect(control('POST', '/faults', '{"kind":"delay","ms":1e9}')).toEqual([
      400,
      { error: expect.stringMatching(/^ms: /) },
    ])
    expect(control('POST', '/faults', 'no')).toEqual([400, { error: 'body: is JSON' }])
    control('POST', '/faults', '{"kind":"gap"}')
    expect(control('DELETE', '/faults')).toEqual([200, []])
    const sale = { pair: 'XRP/USD', side: 'sell', price: '2', quantity: '30' }
    client.call('AddOrder', LIMIT_BUY)
    expect(control('POST', '/take', JSON.stringify({ ...sale, quantity: '1e9' }))).toMatchObject([400, {}])
    expect(control('GET', '/truth')[1][0].orders).toMatchObject([{ pair: 'XRP/USD', filled: '0.00000000' }])
  })
})
