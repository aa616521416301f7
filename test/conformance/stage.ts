import {
  memoryNetwork,
  SIMULATED_VENUES,
  type SimulatedFill,
  type SimulatedOrder,
  VenueSimulator,
} from '../../simulators/venues/index.ts'
import {
  type Instrument,
  type InstrumentId,
  lotsFromFloat,
  type Micros,
  type OrderId,
  type OrderRequest,
  seededRandom,
  type VenueReport,
} from '../../src/kernel/index.ts'
import { type ManualTime, manualTime } from '../../src/platform/testing.ts'
import {
  Connector,
  RateBudget,
  RateQueue,
  TransportError,
  VENUE_RATES,
  VENUES,
  type Venue,
  type VenueListener,
  type VenueName,
} from '../../src/venues/index.ts'
import { patient } from './patient.ts'
import type { Holdings, Surroundings } from './surroundings.ts'

/** One connector and its simulator in memory, on a clock that moves when something is waited for. */

const STEP_MS = 20
/** Simulated time that anything may take; past it the claim is false. */
const PATIENCE_MS = 120_000
/** With a fault: a venue may still take an order of which nothing is known, or ban for a quarter of an hour. */
const FAULTED_PATIENCE_MS = 3_600_000
/** So long a fault may be at work after it has happened, in microseconds. */
const TROUBLE = 10_000_000
/** What comes by a stream comes within this, unless a fault took it. */
const TOLD_WITHIN_MS = 5_000
const TOLD_TIMES_MAX = 5
/** Their requests are in order by a number: no clock is asked for. */
const TELLS_NO_TIME = new Set<VenueName>(['bitfinex'])

export type SimulatedStage = Awaited<ReturnType<typeof openStage>>

/** The same whatever venue stands on it. */
export type Stage = Omit<SimulatedStage, 'name' | 'simulator' | 'account'> & {
  readonly name: string
  readonly simulator: Surroundings
  readonly account: Holdings
}

/** What the venue itself knows, by no way of the connector's. */
export interface Truth {
  of(request: OrderRequest): readonly TrueOrder[]
  /** All that is open, by whomever it was placed. */
  open(): readonly Pick<TrueOrder, 'clientId'>[]
  fills(): readonly TrueFill[]
}

export type TrueOrder = Pick<
  SimulatedOrder,
  'clientId' | 'state' | 'filled' | 'price' | 'quantity' | 'side' | 'triggered'
>
export type TrueFill = Pick<SimulatedFill, 'id' | 'price' | 'quantity' | 'fee' | 'feeAsset'>

export async function openStage(
  name: VenueName,
  options: {
    seed?: string
    market?: 'still' | 'living'
    timeoutMs?: number
    balances?: Readonly<Record<string, string>>
    /** Faults will be set: the connector is used as the platform uses it, and what they break is done again. */
    isFaulted?: boolean
  } = {},
) {
  const { seed = 'conformance', market = 'still', isFaulted = false } = options
  // Loading a module takes real time, of which the simulated clock knows nothing.
  await import('ccxt')
  const definition = SIMULATED_VENUES.find(one => one.name === name)!
  const time = manualTime()
  const { clock, timers } = time
  const simulator = new VenueSimulator({ definition, seed, start: clock.now(), market, balances: options.balances })
  const host = `${name}.sim`
  simulator.addresses = { rest: `http://${host}`, ws: `ws://${host}` }
  const ticking = timers.every(50, () => simulator.advance(clock.now()))
  const transport = memoryNetwork({
    simulators: new Map([[host, simulator]]),
    clock,
    timers,
    random: seededRandom(`${seed}/network`),
    latencyMs: 5,
    jitterMs: 10,
    failure: (message, isSent) => new TransportError(message, { isSent }),
  })
  const connect = () =>
    new Connector({
      definition: VENUES[name]!,
      endpoint: { rest: `http://${host}`, ws: `ws://${host}` },
      credentials: definition.credentials,
      transport,
      gate: new RateQueue({ budget: new RateBudget(VENUE_RATES[name]), clock, timers }),
      clock,
      timers,
      random: seededRandom(`${seed}/connector`),
      timeoutMs: options.timeoutMs ?? 5_000,
      skewMs: () => skewMs,
    })
  let skewMs = 0
  const { faults } = simulator
  const isTroubled = (since: number) => {
    const last = faults.fired.at(-1)?.at ?? Number.NEGATIVE_INFINITY
    return last >= Math.min(since, clock.now() - TROUBLE)
  }
  const open = (one: Connector): Venue =>
    isFaulted ? patient({ connector: one, timers, now: () => clock.now(), isTroubled }) : one
  const first = connect()
  const connector = open(first)
  const others: Connector[] = []
  const heard = newEar()

  const { settle, until } = waitingOn(time, isFaulted ? FAULTED_PATIENCE_MS : PATIENCE_MS)

  /** Lets somebody do what is to be told, and waits until it is; again where a fault has broken the stream: nobody tells it twice. */
  async function told(act: () => unknown, claim: () => boolean, what: string): Promise<void> {
    for (let times = 1; times === 1 || (!claim() && times <= TOLD_TIMES_MAX); times++) {
      await until(() => heard.staleness(XRP.id) === null, 'the streams are whole')
      await act()
      const dueAt = clock.now() + TOLD_WITHIN_MS * 1_000
      await until(() => claim() || (faults.fired.length > 0 && clock.now() > dueAt), what)
    }
    if (!claim()) throw new Error(`not true after ${TOLD_TIMES_MAX} times: ${what}`)
  }

  /** Compares the venue's clock with ours and goes by it from now on, as the platform does before it trades. */
  async function measureClock(): Promise<void> {
    if (TELLS_NO_TIME.has(name)) return
    const { sentAt, server, receivedAt } = await settle(first.serverTime())
    skewMs = (server - (sentAt + receivedAt) / 2) / 1_000
  }

  const account = simulator.accounts[0]!
  const { exchange } = simulator
  const clientId = VENUES[name]!.rest.clientId
  const truth: Truth = {
    of: ({ id }) => exchange.ordersOf(account).filter(order => order.clientId === clientId(id)),
    open: () => exchange.openOrdersOf(account),
    fills: () => exchange.fills,
  }
  const instruments = await settle(connector.instruments())
  const base = (wanted: string): Instrument => {
    const found = instruments.find(one => one.base === wanted)
    if (found === undefined) throw new Error(`${name} lists no ${wanted}`)
    return found
  }
  const XRP = base('XRP')

  return {
    name,
    time,
    clock,
    simulator,
    connector,
    account,
    truth,
    instruments,
    XRP,
    base,
    settle,
    until,
    told,
    measureClock,
    clientId,
    /** So many XRP in lots. */
    lots: (quantity: number) => lotsFromFloat(XRP, quantity),
    /** Another connector of the same account, as after a restart: it knows nothing of what the first has done. */
    async another(): Promise<Venue> {
      const one = connect()
      others.push(one)
      const other = open(one)
      await settle(other.instruments())
      return other
    },
    heard,
    async close() {
      ticking.cancel()
      for (const one of [first, ...others]) await one.close()
    },
  }
}

/** Ways to wait for something on a clock that moves only then. */
export function waitingOn(time: ManualTime, patienceMs = PATIENCE_MS) {
  /** Lets time pass until the promise has settled. */
  async function settle<T>(promise: Promise<T>): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    promise.then(over, over)
    for (let passed = 0; !isOver; passed += STEP_MS) {
      if (passed > patienceMs) throw new Error(`still waiting after ${patienceMs} simulated ms`)
      await time.advance(STEP_MS)
      await new Promise(resolve => setImmediate(resolve))
    }
    return promise
  }

  /** Lets time pass until the claim is true. */
  async function until(claim: () => boolean, what: string): Promise<void> {
    for (let passed = 0; !claim(); passed += STEP_MS) {
      if (passed > patienceMs) throw new Error(`not true after ${patienceMs} simulated ms: ${what}`)
      await time.advance(STEP_MS)
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  return { settle, until }
}

/** Writes down all that a venue tells. */
export function newEar() {
  const reports: VenueReport[] = []
  const stale: { instrument: InstrumentId; reason: string | null; at: Micros }[] = []
  const markets: Parameters<VenueListener['onMarket']>[0][] = []
  const balances: string[] = []
  const ready: Micros[] = []
  const external: string[] = []
  const listener: VenueListener = {
    onMarket: input => markets.push(input),
    onStale: (instrument, reason, at) => stale.push({ instrument, reason, at }),
    onReport: report => reports.push(report),
    onBalance: ({ asset }) => balances.push(asset),
    onPrivateReady: at => ready.push(at),
    onExternal: ({ venueOrderId }) => external.push(venueOrderId),
  }
  return {
    isOn: false,
    listener,
    reports,
    stale,
    markets,
    balances,
    ready,
    external,
    of: (order: OrderId) => reports.filter(report => report.order === order),
    staleness: (id: InstrumentId) => stale.findLast(({ instrument }) => instrument === id)?.reason,
  }
}

let orders = 0
/** An order of a hundred dollars or so. */
export function orderOf(instrument: Instrument, wish: Partial<OrderRequest>): OrderRequest {
  orders += 1
  return {
    id: `00000000000a-${orders}` as OrderId,
    instrument: instrument.id,
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    quantity: Math.round((40 * 10 ** instrument.quantityScale) / instrument.lotSize),
    ...wish,
  }
}
