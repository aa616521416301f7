import { SIMULATED_VENUES, VenueSimulator } from '../../simulators/venues/index.ts'
import {
  decodeJson,
  divideUp,
  encodeJson,
  type Instrument,
  type InstrumentId,
  lotsFromFloat,
  notionalOf,
  notionalScale,
  type OrderId,
  type OrderRequest,
  powerOfTen,
  type VenueReport,
} from '../../src/kernel/index.ts'
import { manualTime } from '../../src/platform/testing.ts'
import {
  type OrderRef,
  type Outcome,
  PAPER,
  PaperSettings,
  PaperVenue,
  type PaperVenueState,
  type Venue,
  type VenueListener,
  type VenueOrder,
} from '../../src/venues/index.ts'
import { newEar, type Stage, type TrueFill, type TrueOrder, waitingOn } from './stage.ts'

/** Whose market is shown to the paper venue. */
const MARKET = 'kraken'
const LEVELS_SHOWN = 20
const SHOWN_EVERY_MS = 100
/** Units of a fee of the simulators. */
const FEE_SCALE = 18
const NOTHING_TO_ASK = 'the paper venue is asked nothing'

/**
 * The paper venue on the same stage as the others, as far as it goes: it lives inside a run, so its orders are in the run's
 * state, a restart is a venue restored from that, and there is no way to it that a fault could break.
 */
export async function openPaperStage(seed: string): Promise<Stage> {
  const definition = SIMULATED_VENUES.find(({ name }) => name === MARKET)!
  const time = manualTime()
  const { clock, timers } = time
  const simulator = new VenueSimulator({ definition, seed, start: clock.now(), market: 'still' })
  const shown = simulator.exchange.market.instruments.find(({ instrument }) => instrument.base === 'XRP')!
  const { venue: _, ...terms } = shown.instrument
  const XRP: Instrument = { ...terms, venue: 'paper', id: `paper:${terms.pair}` as InstrumentId }
  const settings = PaperSettings.parse({})
  const heard = newEar()
  let venue = new PaperVenue(XRP, settings)
  let listener: VenueListener | null = null

  const requests = new Map<OrderId, OrderRequest>()
  const reports: VenueReport[] = []
  const fills: TrueFill[] = []
  const say = (said: readonly VenueReport[]) => {
    for (const report of said) {
      reports.push(report)
      listener?.onReport(report)
    }
  }
  const show = () => {
    const now = clock.now()
    simulator.advance(now)
    const { bids, asks } = simulator.exchange.market.levels(shown, LEVELS_SHOWN)
    const out: VenueReport[] = []
    venue.onMarket({ kind: 'book', instrument: XRP.id, at: now, data: { at: now, sequence: now, bids, asks } }, out)
    say(out)
  }
  show()
  const ticking = timers.every(SHOWN_EVERY_MS, show)
  const { settle, until } = waitingOn(time)

  const working = (id: OrderId) => venue.snapshot().working.find(({ request }) => request.id === id)
  const ended = (id: OrderId) =>
    reports.findLast(({ order, type }) => order === id && (type === 'canceled' || type === 'rejected'))
  const trueOrder = (request: OrderRequest): TrueOrder => {
    const filled = reports.reduce(
      (sum, report) => (report.order === request.id && report.type === 'filled' ? sum + report.fill.quantity : sum),
      0,
    )
    const end = ended(request.id)
    return {
      clientId: request.id,
      side: request.side,
      price: request.price ?? null,
      quantity: request.quantity,
      filled,
      state: end === undefined ? (filled === request.quantity ? 'filled' : 'open') : (end.type as 'canceled'),
      triggered: working(request.id)?.triggered ?? false,
    }
  }
  const idOf = (id: OrderId) =>
    reports.flatMap(report => (report.order === id && report.type === 'accepted' ? [report.venueOrderId] : []))[0]
  const isTaken = (id: OrderId) => idOf(id) !== undefined
  const venueOrder = (request: OrderRequest): VenueOrder => ({
    ...trueOrder(request),
    venueOrderId: idOf(request.id) ?? '',
    instrument: XRP.id,
    type: request.type,
    timeInForce: request.timeInForce,
    reason: null,
    at: clock.now(),
  })

  /** What a market order takes, level by level, and its fee: written down beside the venue, from the same book. */
  function expectFills({ side, quantity }: OrderRequest, number: number): void {
    const { bids, asks } = simulator.exchange.market.levels(shown, LEVELS_SHOWN)
    let left = quantity
    for (const [i, [price, there]] of (side === 'sell' ? bids : asks).entries()) {
      const taken = Math.min(left, there)
      if (taken === 0) return
      left -= taken
      const fee = divideUp(notionalOf(XRP, price, taken) * BigInt(settings.takerFeePpm), 1_000_000n)
      const units = fee * powerOfTen(FEE_SCALE - notionalScale(XRP))
      fills.push({ id: `P${number}-${i + 1}`, price, quantity: taken, fee: units, feeAsset: XRP.quote })
    }
  }

  /** What is said of an order after now, of these kinds. */
  function answered(id: OrderId, types: readonly VenueReport['type'][]): Promise<VenueReport> {
    const from = reports.length
    return new Promise(resolve => {
      const look = () => {
        const found = reports.slice(from).find(({ order, type }) => order === id && types.includes(type))
        if (found === undefined) timers.after(SHOWN_EVERY_MS, look)
        else resolve(found)
      }
      look()
    })
  }

  const unasked = async (): Promise<never> => {
    throw new Error(NOTHING_TO_ASK)
  }
  const connector: Venue = {
    name: 'paper',
    capabilities: PAPER,
    async place(request): Promise<Outcome> {
      requests.set(request.id, request)
      if (request.type === 'market') expectFills(request, requests.size)
      venue.submit(request, clock.now())
      const report = await answered(request.id, ['accepted', 'rejected'])
      return report.type === 'accepted'
        ? { type: 'accepted', venueOrderId: report.venueOrderId, at: report.at }
        : { type: 'rejected', reason: 'reason' in report ? report.reason : report.type, at: report.at }
    },
    async cancel({ order }: OrderRef): Promise<Outcome> {
      venue.cancel(order, clock.now())
      const report = await answered(order, ['canceled', 'cancel_rejected'])
      return report.type === 'canceled'
        ? { type: 'accepted', venueOrderId: null, at: report.at }
        : { type: 'rejected', reason: 'not open', at: report.at }
    },
    async cancelAll(): Promise<Outcome> {
      say(venue.cancelAll(clock.now()))
      return { type: 'accepted', venueOrderId: null, at: clock.now() }
    },
    async order({ order }) {
      const request = requests.get(order)
      return request === undefined || !isTaken(order) ? null : venueOrder(request)
    },
    openOrders: async () => venue.snapshot().working.map(({ request }) => venueOrder(request)),
    watch(_instruments, told) {
      listener = told
      told.onPrivateReady(clock.now())
      told.onStale(XRP.id, null, clock.now())
    },
    adopt() {},
    whose: () => null,
    close: async () => {},
    instruments: async () => [XRP],
    amend: unasked,
    fees: unasked,
    book: unasked,
    trades: unasked,
    ticker: unasked,
    candles: unasked,
    balances: unasked,
    permissions: unasked,
    fills: unasked,
  }

  return {
    name: 'paper',
    time,
    clock,
    simulator,
    connector,
    account: simulator.accounts[0]!,
    truth: {
      of: ({ id }) => (requests.has(id) && isTaken(id) ? [trueOrder(requests.get(id)!)] : []),
      open: () => venue.snapshot().working.map(({ request }) => ({ clientId: request.id })),
      fills: () => fills,
    },
    instruments: [XRP],
    XRP,
    base: () => XRP,
    settle,
    until,
    async told(act, claim, what) {
      await act()
      await until(claim, what)
    },
    measureClock: async () => {},
    clientId: order => order,
    lots: quantity => lotsFromFloat(XRP, quantity),
    /** After a restart: all that it knows is what the run has kept of it. */
    async another() {
      venue = new PaperVenue(XRP, settings, decodeJson(encodeJson(venue.snapshot())) as PaperVenueState)
      return connector
    },
    heard,
    async close() {
      ticking.cancel()
    },
  }
}
