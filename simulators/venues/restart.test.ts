import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  decodeJson,
  ManualClock,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_MS,
  type Micros,
  seededRandom,
} from '../../src/kernel/index.ts'
import { systemClock, systemTimers } from '../../src/platform/index.ts'
import {
  fileStore,
  notionalUnits,
  resumeSimulator,
  SIMULATED_VENUES,
  type SimulatorState,
  type SimulatorStore,
  serve,
  truthOf,
  VenueSimulator,
} from './index.ts'
import { krakenSimulator } from './kraken/index.ts'
import { krakenClient, LIMIT_BUY, listenToBook, request } from './kraken/testing.ts'

/** What a simulated venue knows, written down and read again. */

const AT: Micros = 1_700_000_000_000_000
const STEP: Micros = 250 * MICROS_PER_MS

const open = (seed: string, change: { state?: SimulatorState; market?: 'still' } = {}) =>
  new VenueSimulator({ definition: krakenSimulator, seed, start: AT, past: 0, ...change })

const stateOf = (simulator: VenueSimulator) => decodeJson<SimulatorState>(simulator.text())
const readAgain = (simulator: VenueSimulator, seed = 'another') => open(seed, { state: stateOf(simulator) })

/** Clients trade: orders that rest near the best prices, take, wait for a price, are changed and canceled. */
function live(simulator: VenueSimulator, seed: string, length: Micros): void {
  const random = seededRandom(seed)
  const { exchange } = simulator
  const account = simulator.accounts[0]!
  const end = exchange.market.now + length
  while (exchange.market.now < end) {
    simulator.advance(Math.min(end, exchange.market.now + STEP))
    const at = exchange.market.now
    const instrument = exchange.market.instruments[random.below(exchange.market.instruments.length)]!
    const side = random.next() < 0.5 ? 'buy' : 'sell'
    const reference = exchange.market.reference(instrument)
    const away = Math.max(1, Math.round(reference * 0.0005 * random.next())) * (side === 'buy' ? -1 : 1)
    // Some orders are below what the venue takes.
    const fifty = Number((50n * 10n ** 18n) / notionalUnits(instrument.instrument, reference, 1))
    const quantity = Math.ceil(fifty * 2 * random.next())
    const base = { clientId: `c${at}`, instrument, side, timeInForce: 'gtc', quantity } as const
    const act = random.next()
    const working = exchange.openOrdersOf(account)
    if (act < 0.35) exchange.place(account, { ...base, type: 'limit', price: reference + away }, at)
    else if (act < 0.45) exchange.place(account, { ...base, type: 'market', price: null }, at)
    else if (act < 0.6)
      exchange.place(account, { ...base, type: 'stop', price: null, triggerPrice: reference - away }, at)
    else if (act < 0.7 && working.length > 0) exchange.cancel(working[random.below(working.length)]!, at)
    else if (act < 0.8 && working.length > 0)
      exchange.amend(working[random.below(working.length)]!, { quantity: quantity * 2 }, at)
  }
}

/** What clients can see: by questions, and by streams that begin now. */
function watch(simulator: VenueSimulator) {
  const client = krakenClient(simulator)
  const book = listenToBook(simulator)
  const [orders, balances] = [client.listen('executions'), client.listen('balances')]
  const ask = (path: string) => simulator.request(request(`/0/public/${path}`)).answer!.body
  return () => ({
    truth: simulator.accounts.map(account => truthOf(simulator, account)),
    book: book.messages,
    orders: orders.frames,
    balances: balances.frames,
    answers: ['Depth?pair=XRPUSD', 'Trades?pair=XBTUSD', 'OHLC?pair=ETHUSD', 'Ticker?pair=XDGUSD'].map(ask),
    open: client.call('OpenOrders'),
    closed: client.call('ClosedOrders'),
    trades: client.call('TradesHistory'),
  })
}

describe('a venue that was written down and read again', () => {
  test('answers and goes on as the one that never stopped', () => {
    const seen = { fills: 0, open: 0, stops: 0, messages: 0 }
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 2, max: 60 }), (seed, seconds) => {
        const one = open(seed)
        live(one, `${seed}/before`, seconds * 1_000_000)
        const other = readAgain(one)
        expect(other.text() === one.text()).toBe(true)
        const [seeOne, seeOther] = [watch(one), watch(other)]
        for (const each of [one, other]) live(each, `${seed}/after`, 30_000_000)
        const [now, then] = [seeOne(), seeOther()]
        expect(then).toEqual(now)
        expect(other.text() === one.text()).toBe(true)
        seen.fills += now.truth[0]!.fills.length
        seen.open += one.exchange.openOrdersOf(one.accounts[0]!).length
        seen.stops += stateOf(one).exchange.stops.length
        seen.messages += now.orders.length
      }),
      { numRuns: 12 },
    )
    // The worlds compared were not empty ones.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50)
  })
})

/** A disk in memory, which can refuse. */
function disk() {
  const kept = { text: null as string | null, aside: null as string | null, saves: 0, isFull: false }
  const store: SimulatorStore = {
    load: () => kept.text,
    save(text) {
      if (kept.isFull) throw new Error('the disk is full')
      kept.text = text
      kept.saves += 1
    },
    setAside() {
      kept.aside = kept.text
      kept.text = null
    },
  }
  return { kept, store, state: () => decodeJson<SimulatorState>(kept.text!) }
}

const XRP = krakenSimulator.instruments.find(({ instrument }) => instrument.base === 'XRP')!

function rest(simulator: VenueSimulator, share: number) {
  const { exchange } = simulator
  const price = Math.round(exchange.market.reference(XRP) * share)
  const order = { clientId: null, instrument: XRP, side: 'buy', type: 'limit', timeInForce: 'gtc', price } as const
  const quantity = XRP.instrument.quantityMin * 10
  const placed = exchange.place(simulator.accounts[0]!, { ...order, quantity }, exchange.market.now)
  if (typeof placed === 'string') throw new Error(placed)
  return placed
}

test.each(SIMULATED_VENUES.map(definition => [definition.name, definition] as const))(
  '%s goes on as if it had never stopped',
  (_, definition) => {
    const options = { definition, seed: 'each', start: AT, past: 0 }
    const one = new VenueSimulator(options)
    live(one, 'before', 40_000_000)
    const other = new VenueSimulator({ ...options, seed: 'another', state: stateOf(one) })
    for (const each of [one, other]) live(each, 'after', 40_000_000)
    expect(other.text() === one.text()).toBe(true)
    expect(one.exchange.fillsOf(one.accounts[0]!).length).toBeGreaterThan(10)
  },
)

test('the client ids of open orders are taken after a restart, and found', () => {
  const one = open('ids', { market: 'still' })
  const order = { ...LIMIT_BUY, cl_ord_id: 'mine' }
  const txid = krakenClient(one).call('AddOrder', order)!.result as unknown as { txid: string[] }
  const other = krakenClient(readAgain(one))
  expect(other.call('AddOrder', order)!.error).not.toEqual([])
  expect(other.call('CancelOrder', { cl_ord_id: 'mine' })!.error).toEqual([])
  expect(Object.keys((other.call('ClosedOrders')!.result as unknown as { closed: object }).closed)).toEqual(txid.txid)
})

test('a ban and a maintenance go on after a restart', () => {
  for (const [kind, error] of [
    ['ban', 'EGeneral:Temporary lockout'],
    ['maintenance', 'EService:Unavailable'],
  ] as const) {
    const one = open('ban', { market: 'still' })
    one.faults.add({ kind, count: 1, probability: 1, ms: 5_000, part: 0.5 })
    expect(krakenClient(one).call('Balance')!.error).toEqual([error])
    const other = readAgain(one)
    expect(krakenClient(other).call('Balance')!.error).toEqual([error])
    other.advance(AT + 5_000_000)
    expect(krakenClient(other).call('Balance')!.error).toEqual([])
  }
})

test('a switch that cancels all orders outlives a restart', () => {
  const one = open('switch', { market: 'still' })
  const client = krakenClient(one)
  client.call('AddOrder', LIMIT_BUY)
  one.isUnsaved = false
  client.call('CancelAllOrdersAfter', { timeout: '10' })
  expect(one.isUnsaved).toBe(true)
  const other = readAgain(one)
  const states = () => other.exchange.ordersOf(other.accounts[0]!).map(({ state }) => state)
  other.advance(AT + 9_900_000)
  expect(states()).toEqual(['open'])
  other.advance(AT + 10_100_000)
  expect(states()).toEqual(['canceled'])
})

describe('a venue that is resumed', () => {
  const clock = new ManualClock(AT)
  const { kept, store, state } = disk()
  const errors: unknown[] = []
  const resume = () =>
    resumeSimulator({
      definition: krakenSimulator,
      seed: 'resumed',
      store,
      clock,
      timers: systemTimers(),
      onUnreadable: error => errors.push(error),
    })
  const truth = (simulator: VenueSimulator) => truthOf(simulator, simulator.accounts[0]!)

  test('has three hours of past at its first start, and is kept', async () => {
    const simulator = await resume()
    expect(simulator.exchange.market.now).toBe(AT)
    const minutes = simulator.tape.candles(XRP, MICROS_PER_MINUTE, AT)
    expect(minutes[0]!.openAt).toBeLessThan(AT - 2.9 * MICROS_PER_HOUR)
    expect(minutes.length).toBeGreaterThan(120)
    expect(state().at).toBe(simulator.exchange.market.now)
  })

  test('lives through a pause of ten minutes: what is far away rests, what is near is filled meanwhile', async () => {
    const before = await resume()
    const far = rest(before, 0.5)
    const near = rest(before, 0.9999)
    store.save(before.text())
    clock.advance(10 * MICROS_PER_MINUTE)
    const after = await resume()
    const account = after.accounts[0]!
    expect(after.exchange.order(account, far.id)).toMatchObject({ state: 'open', filled: 0, price: far.price })
    const filled = after.exchange.order(account, near.id)!
    expect([filled.state, filled.filled]).toEqual(['filled', near.quantity])
    const [fill] = after.exchange.fillsOf(account)
    expect([fill!.order, fill!.liquidity, fill!.price]).toEqual([filled, 'maker', near.price])
    expect(fill!.at).toBeGreaterThan(AT)
    expect(fill!.at).toBeLessThan(clock.now())
    // It happened between two lives, and is as safe as what happens in one.
    expect(state().exchange.fills).toHaveLength(1)
  })

  test('opens anew after four hours: nothing is open, nothing is lost, numbers go on, prices begin where they ended', async () => {
    const before = await resume()
    const [order] = before.exchange.openOrdersOf(before.accounts[0]!)
    const price = before.exchange.market.reference(XRP)
    const [was, last] = [truth(before), before.tape.trades(XRP).at(-1)!]
    clock.advance(4 * MICROS_PER_HOUR)
    const after = await resume()
    const account = after.accounts[0]!
    expect(after.exchange.order(account, order!.id)).toMatchObject({
      state: 'canceled',
      reason: 'maintenance',
      held: 0n,
    })
    expect(truth(after).fills).toEqual(was.fills)
    for (const asset of account.assets) {
      expect(account.held(asset)).toBe(0n)
      expect(account.free(asset)).toBe(before.accounts[0]!.total(asset))
    }
    const trades = after.tape.trades(XRP)
    const [first] = trades.filter(({ number }) => number > last.number)
    expect(first!.at).toBeGreaterThan(last.at)
    const opened = after.tape.candles(XRP, MICROS_PER_MINUTE, clock.now()).find(({ openAt }) => openAt > last.at)!
    expect(Math.abs(opened.open / price - 1)).toBeLessThan(0.01)
    expect(rest(after, 0.5).number).toBe(order!.number + 2)
  })

  test('what cannot be read is set aside and told', async () => {
    kept.text = '{"kind":"something else"}'
    const simulator = await resume()
    expect(kept.aside).toBe('{"kind":"something else"}')
    expect(String(errors[0])).toContain('not the state of a simulated kraken')
    expect(simulator.exchange.ordersOf(simulator.accounts[0]!)).toEqual([])
    expect(state().kind).toBe('simulated-venue')
  })
})

describe('a venue that is served with a store', () => {
  async function served() {
    const simulator = open('served', { market: 'still' })
    const { kept, store, state } = disk()
    const errors: unknown[] = []
    const onError = (error: unknown) => void errors.push(error)
    const [clock, timers] = [systemClock(), systemTimers(onError)]
    const venue = await serve(simulator, { port: 0, clock, timers, onError, store })
    const client = krakenClient(simulator)
    const post = async (name: string, fields: Record<string, string> = {}) => {
      const { path, body, headers } = client.signed(name, fields)
      return fetch(`${venue.rest}/@api.kraken.com${path}`, {
        method: 'POST',
        body,
        headers: headers as Record<string, string>,
      })
    }
    return { simulator, kept, state, errors, venue, post }
  }

  test('saves an order before it is acknowledged, and nothing for a question', async () => {
    const { kept, state, venue, post } = await served()
    await post('AddOrder', LIMIT_BUY)
    expect(state().exchange.orders).toMatchObject([{ number: 1, state: 'open' }])
    const { saves } = kept
    await post('Balance')
    expect(kept.saves).toBe(saves)
    await post('AddOrder', { ...LIMIT_BUY, ordertype: 'market' })
    expect(state().exchange.orders).toMatchObject([{ number: 1 }, { number: 2, state: 'filled' }])
    // The process dies here: what was written is all that there is.
    const next = open('next', { state: state() })
    expect(next.exchange.openOrdersOf(next.accounts[0]!)).toMatchObject([{ number: 1, price: expect.any(Number) }])
    await venue.close()
  })

  test('saves a fill before a stream tells it', async () => {
    const { simulator, state, venue, post } = await served()
    const { result } = (await (await post('GetWebSocketsToken')).json()) as { result: { token: string } }
    const socket = new WebSocket(`${venue.ws}/@ws-auth.kraken.com/v2`)
    const told: number[] = []
    const isTold = new Promise<void>(resolve => {
      socket.on('message', data => {
        const { channel, type, data: rows } = JSON.parse(String(data))
        if (channel !== 'executions' || type !== 'update') return
        for (const { exec_type } of rows)
          if (exec_type === 'trade') {
            told.push(state().exchange.fills.length)
            resolve()
          }
      })
    })
    await new Promise(resolve => socket.once('open', resolve))
    socket.send(JSON.stringify({ method: 'subscribe', params: { channel: 'executions', token: result.token } }))
    await post('AddOrder', LIMIT_BUY)
    simulator.house({ instrument: XRP, side: 'sell', price: undefined, quantity: 10_000_000_000_000, isTaking: true })
    await isTold
    expect(told[0]).toBeGreaterThan(0)
    socket.terminate()
    await venue.close()
  })

  test('acknowledges nothing that the disk has refused', async () => {
    const { kept, errors, venue, post } = await served()
    kept.isFull = true
    const answer = await post('AddOrder', LIMIT_BUY)
    expect([answer.status, String(errors[0])]).toEqual([500, 'Error: the disk is full'])
    kept.isFull = false
    await venue.close()
    expect(decodeJson<SimulatorState>(kept.text!).exchange.orders).toHaveLength(1)
  })
})

test('a file holds what was saved last, as a whole', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'deep', 'kraken.json')
  const store = fileStore(path)
  expect(store.load()).toBeNull()
  store.save('one')
  store.save('another')
  expect(fileStore(path).load()).toBe('another')
  store.setAside()
  expect([store.load(), readFileSync(`${path}.unreadable`, 'utf8')]).toEqual([null, 'another'])
  rmSync(dirname(dirname(path)), { recursive: true })
})
