import { createHash } from 'node:crypto'
import {
  AppError,
  type Clock,
  type IdSource,
  type Instrument,
  type InstrumentId,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_MS,
  MICROS_PER_SECOND,
  type Micros,
  type OrderId,
  type Timer,
  type Timers,
  type VenueReport,
} from '../../kernel/index.ts'
import type { Log } from '../../platform/index.ts'
import { fillReport, type Venue, type VenueExecution, type VenueOrder } from '../../venues/index.ts'
import type { Run } from '../node/run.ts'
import type { Order } from '../orders/order.ts'
import { balanceFindings } from './balances.ts'
import { compare, type Finding, fillKey } from './compare.ts'
import { feeFindings } from './fees.ts'
import type { ReconciliationJournal } from './journal.ts'
import type { DiscrepancyView, ReconciliationView } from './views.ts'

/** Everything is compared this often. */
const EVERY_MS = 60_000
/** Orders in flight are looked at this often, and asked about once nothing was heard of them for so long. */
const LOOK_MS = 2_000
const IN_FLIGHT_MAX: Micros = 5 * MICROS_PER_SECOND
/** Single orders that one look asks about at most. */
const QUERIES_PER_LOOK_MAX = 10
/** Fills are asked for from a little before the last complete comparison. */
const OVERLAP: Micros = 2 * MICROS_PER_MINUTE
/** On top of how long a venue takes a request: our clock and theirs differ. */
const VALID_MARGIN: Micros = 5 * MICROS_PER_SECOND
const RETRY_MIN_MS = 1_000
const RETRY_MAX_MS = 30_000
const HISTORY_KEPT = 50
/** The account's fees are asked for this often, and whenever one that was charged is not explained by them. */
const FEES_EVERY: Micros = MICROS_PER_HOUR

export interface ReconcilerOptions {
  readonly venue: Venue
  /** Runs of this venue, as they stand. */
  readonly runs: () => readonly Run[]
  readonly journal: ReconciliationJournal
  /** Hands a report to the node, as if the venue had sent it. */
  readonly report: (report: VenueReport) => Promise<void>
  /** All open orders are known to be right: trading may go on. */
  readonly onComplete?: () => void
  /** Of what was found for the first time. */
  readonly onFound?: (findings: readonly DiscrepancyView[]) => void
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  readonly log: Log
}

type Trigger = ReconciliationView['trigger']

/**
 * Keeps our books of one venue equal to the venue's own: at the start, when its private stream is back, on a schedule, and
 * for single orders in doubt. A start is a recovery: both are this.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions
  readonly #doubted = new Set<OrderId>()
  readonly #history: ReconciliationView[] = []
  #timers: Timer[] = []
  #queue: Promise<unknown> = Promise.resolve()
  #waiting: Promise<ReconciliationView> | null = null
  #isStopped = false
  /** Balance differences seen once: a fill may have been on its way. */
  #suspected = new Set<string>()

  constructor(options: ReconcilerOptions) {
    this.#options = options
  }

  /** The last ones, newest first. */
  get history(): readonly ReconciliationView[] {
    return this.#history
  }

  /** Compares everything, again and again until it could; then goes on by schedule. */
  async start(): Promise<void> {
    const { timers } = this.#options
    for (let delayMs = RETRY_MIN_MS; !this.#isStopped; delayMs = Math.min(RETRY_MAX_MS, delayMs * 2)) {
      const { error } = await this.run('start')
      if (error === null) break
      await new Promise<void>(resolve => this.#timers.push(timers.after(delayMs, resolve)))
    }
    if (this.#isStopped) return
    this.#timers.push(timers.every(LOOK_MS, () => this.#look()))
    this.#timers.push(timers.every(EVERY_MS, async () => void (await this.run('schedule'))))
  }

  stop(): void {
    this.#isStopped = true
    for (const timer of this.#timers) timer.cancel()
  }

  /** This order should be asked about at the next look. */
  doubt(order: OrderId): void {
    this.#doubted.add(order)
  }

  /** Compares everything now; a wish that comes while another waits is the same wish. */
  run(trigger: Trigger): Promise<ReconciliationView> {
    if (this.#waiting !== null) return this.#waiting
    const waiting = this.#queued(() => {
      this.#waiting = null
      return this.#compareAll(trigger)
    })
    this.#waiting = waiting
    return waiting
  }

  /** One at a time: two comparisons at once would each correct what the other is about to. */
  #queued<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(work, work)
    this.#queue = next.catch(() => {})
    return next
  }

  async #compareAll(trigger: Trigger): Promise<ReconciliationView> {
    const { venue, clock, ids, journal, log } = this.#options
    const startedAt = clock.now()
    const counts = { orders: 0, fills: 0, balances: 0, corrected: 0, escalated: 0 }
    let error: string | null = null
    try {
      const findings = await this.#everything(counts, startedAt)
      await this.#apply(findings, counts)
      this.#options.onComplete?.()
    } catch (cause) {
      error = reasonOf(cause)
      if (!(cause instanceof AppError)) log.error({ error: cause, venue: venue.name }, 'a reconciliation broke')
    }
    const view: ReconciliationView = {
      id: ids.next(),
      venue: venue.name,
      trigger,
      startedAt,
      finishedAt: clock.now(),
      error,
      ...counts,
    }
    this.#history.unshift(view)
    if (this.#history.length > HISTORY_KEPT) this.#history.pop()
    try {
      await journal.finished(view)
    } catch (cause) {
      log.warn({ error: cause, venue: venue.name }, 'a reconciliation could not be written down')
    }
    return view
  }

  async #everything(counts: { orders: number; fills: number; balances: number }, now: Micros): Promise<Finding[]> {
    const { venue, journal } = this.#options
    const runs = this.#options.runs()
    const orders = runs.flatMap(run => run.openOrders)
    const open = await venue.openOrders()
    const theirs = new Map<OrderId, VenueOrder | null>()
    const foreign: VenueOrder[] = []
    for (const order of open) {
      const id = venue.whose(order)
      if (id === null) foreign.push(order)
      else theirs.set(id, order)
    }
    for (const order of orders) if (!theirs.has(order.request.id)) theirs.set(order.request.id, await this.#ask(order))
    const last = await journal.lastComplete(venue.name)
    const oldest = orders.reduce((at, order) => Math.min(at, order.createdAt), last ?? now)
    const since = Math.max(0, Math.min(last ?? now, oldest) - OVERLAP)
    const fills = await this.#fills(runs, since)
    counts.orders = orders.length + foreign.length
    counts.fills = fills.length
    const findings = await this.#compared(orders, theirs, foreign, fills)
    const missed = findings.some(({ classification }) => classification === 'fill_missed')
    findings.push(...(await this.#fees(since)))
    return missed ? findings : [...findings, ...(await this.#balances(counts))]
  }

  /** Fees that the account's schedule does not explain. A venue that does not tell it holds nothing up. */
  async #fees(since: Micros): Promise<Finding[]> {
    const { venue, journal, clock, log } = this.#options
    const instruments = this.#instruments().map(({ id }) => id)
    if (instruments.length === 0) return []
    try {
      const seen = await journal.fees(venue.name)
      const isRecent = instruments.every(id => {
        const last = seen.findLast(({ instrument }) => instrument === id)
        return last !== undefined && clock.now() - last.until < FEES_EVERY
      })
      const booked = await journal.bookedFees(venue.name, since)
      if (isRecent && feeFindings(seen, booked).length === 0) return []
      return feeFindings(await journal.seeFees(venue.name, await venue.fees(instruments)), booked)
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('venue.')) throw error
      log.warn({ error, venue: venue.name }, 'the account’s fees could not be asked for')
      return []
    }
  }

  async #balances(counts: { balances: number }): Promise<Finding[]> {
    const { venue, journal, clock } = this.#options
    const at = clock.now()
    const balances = await venue.balances()
    const traded = new Set(this.#instruments().flatMap(({ base, quote }) => [base, quote]))
    const { findings, unseen } = balanceFindings(
      venue.name,
      balances.filter(({ asset }) => traded.has(asset)),
      await journal.expected(venue.name),
    )
    counts.balances = traded.size
    if (unseen.length > 0) await journal.accept(venue.name, unseen, at)
    const twice = findings.filter(({ subject, theirs }) => this.#suspected.has(`${subject} ${theirs}`))
    this.#suspected = new Set(findings.map(({ subject, theirs }) => `${subject} ${theirs}`))
    // What has changed the account from outside is accepted once it is written down: it is found once, not for ever.
    return twice
  }

  /** Asks about orders of which nothing was heard for too long. */
  async #look(): Promise<void> {
    const { clock, log, venue } = this.#options
    const now = clock.now()
    const inFlight = this.#options
      .runs()
      .flatMap(run => run.openOrders)
      .filter(
        order => this.#doubted.has(order.request.id) || (isAwaited(order) && now - order.updatedAt > IN_FLIGHT_MAX),
      )
      .slice(0, QUERIES_PER_LOOK_MAX)
    this.#doubted.clear()
    if (inFlight.length === 0) return
    await this.#queued(async () => {
      try {
        const theirs = new Map<OrderId, VenueOrder | null>()
        for (const order of inFlight) theirs.set(order.request.id, await this.#ask(order))
        const oldest = inFlight.reduce((at, order) => Math.min(at, order.createdAt), now)
        const runs = this.#options
          .runs()
          .filter(run => inFlight.some(order => order.request.instrument === run.instrument.id))
        const fills = await this.#fills(runs, oldest - VALID_MARGIN)
        await this.#apply(await this.#compared(inFlight, theirs, [], fills), { corrected: 0, escalated: 0 })
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        log.warn({ error, venue: venue.name }, 'orders in flight could not be asked about')
        for (const order of inFlight) this.#doubted.add(order.request.id)
      }
    })
  }

  #ask(order: Order): Promise<VenueOrder | null> {
    const { id, instrument } = order.request
    return this.#options.venue.order({ order: id, instrument, venueOrderId: order.venueOrderId })
  }

  async #fills(runs: readonly Run[], since: Micros): Promise<VenueExecution[]> {
    const fills: VenueExecution[] = []
    for (const id of new Set(runs.map(run => run.instrument.id)))
      fills.push(...(await this.#options.venue.fills(id, since)))
    return fills
  }

  async #compared(
    orders: readonly Order[],
    theirs: ReadonlyMap<OrderId, VenueOrder | null>,
    foreign: readonly VenueOrder[],
    fills: readonly VenueExecution[],
  ): Promise<Finding[]> {
    const { venue, journal, clock } = this.#options
    const known = await journal.known(fills)
    // What is committed may be older than what the node knows: fills of open orders are in its memory.
    const booked = new Set(known.booked)
    for (const run of this.#options.runs())
      for (const order of run.openOrders)
        for (const fill of order.fillIds) booked.add(fillKey(order.request.instrument, fill))
    const instruments = new Map(this.#instruments().map(instrument => [instrument.id, instrument]))
    const present = new Map(this.#options.runs().flatMap(run => run.openOrders.map(order => [order.request.id, order])))
    return compare(
      {
        // As they are now: the questions took time, and the stream goes on.
        orders: orders.flatMap(order => present.get(order.request.id) ?? []),
        booked,
        orderOf: (instrument, venueOrderId, clientId) =>
          venue.whose({ instrument, venueOrderId, clientId }) ??
          (known.orders.get(`${instrument} ${venueOrderId}`) as OrderId | undefined) ??
          null,
      },
      { orders: theirs, foreign: foreign.filter(order => instruments.has(order.instrument)), fills },
      {
        now: clock.now(),
        requestValid: venue.capabilities.requestValidForMs * MICROS_PER_MS + VALID_MARGIN,
        instrument: (id: InstrumentId) => instruments.get(id)!,
        fillReport: (order, fill) => fillReport(instruments.get(fill.instrument)!, order, fill),
      },
    )
  }

  /** Writes down what was found, then lets the node know: what is corrected has always been told. */
  async #apply(findings: readonly Finding[], counts: { corrected: number; escalated: number }): Promise<void> {
    if (findings.length === 0) return
    const { journal, clock, venue, report } = this.#options
    const at = clock.now()
    const views = findings.map(finding => discrepancyOf(venue.name, finding, at))
    const news = await journal.found(views)
    for (const { reports } of findings) for (const one of reports) await report(one)
    counts.corrected += findings.filter(({ action }) => action === 'corrected').length
    counts.escalated += findings.filter(({ action }) => action === 'escalated').length
    this.#options.onFound?.(news)
  }

  #instruments(): Instrument[] {
    return [...new Map(this.#options.runs().map(run => [run.instrument.id, run.instrument])).values()]
  }
}

/** With the venue's own words, where it said any. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof AppError)) return String(cause)
  const { reason } = cause.details
  return typeof reason === 'string' ? `${cause.message} ${reason}` : cause.message
}

/** An answer of the venue's is awaited. */
const isAwaited = ({ state }: Order): boolean =>
  state === 'initialized' ||
  state === 'submitted' ||
  state === 'unknown' ||
  state === 'pending_cancel' ||
  state === 'pending_update'

/** The id is what was found, hashed: finding the same again is the same discrepancy. */
function discrepancyOf(venue: string, finding: Finding, at: Micros): DiscrepancyView {
  const { kind, classification, action, subject, ours, theirs, explanation } = finding
  const id = createHash('sha256').update([venue, kind, classification, subject, theirs].join('\n')).digest('hex')
  const isSettled = action !== 'escalated'
  return {
    id: id.slice(0, 32),
    venue,
    kind,
    classification,
    action,
    subject,
    ours,
    theirs,
    explanation,
    foundAt: at,
    settledAt: isSettled ? at : null,
    settledBy: isSettled ? 'rule' : null,
  }
}
