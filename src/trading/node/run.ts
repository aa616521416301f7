import {
  AppError,
  assert,
  type Candle,
  encodeJson,
  type Instrument,
  isRefusal,
  type MarketInput,
  MICROS_PER_SECOND,
  type Micros,
  notionalScale,
  type OrderId,
  type OrderRequest,
  parseDecimal,
  type Random,
  type RandomState,
  type Refusal,
  refuse,
  restoreRandom,
  seededRandom,
  type Ticks,
  type VenueReport,
} from '../../kernel/index.ts'
import { type CandleBuilder, type CandleBuilderState, createCandleBuilder } from '../../market/index.ts'
import { PaperVenue, type PaperVenueState } from '../../venues/index.ts'
import { isClosed, type Order, type OrderCommand, orderDecider, remainingOf } from '../orders/order.ts'
import { storable } from '../plain-text.ts'
import { applyFill, cashOf, equityOf, FLAT, type Position } from '../portfolio/position.ts'
import { checkOrder, limitsFor, type RiskLimits } from '../risk/risk.ts'
import { RunContext } from './context.ts'
import { IndicatorSet, type IndicatorSetState } from './indicator-set.ts'
import type { Effect, RunSetup, RunSnapshotText } from './input.ts'
import { type AnyStrategy, type Json, type NewOrder, parseParameters, TIMERS_MAX } from './strategy.ts'

/** Orders of one run that may be open at once. */
export const OPEN_ORDERS_PER_RUN_MAX = 200
/** Closed orders kept in mind for late reports; an older one is reconciliation's. */
const CLOSED_ORDERS_KEPT = 500
const REASON_LENGTH_MAX = 500
/** A cancel that failed is tried again after this, where the order may not stay. */
const CANCEL_AGAIN_AFTER: Micros = 5 * MICROS_PER_SECOND

const NO_ORDERS: readonly Order[] = []

/** JSON of a run: with the inputs after `position` it goes on as if it had never stopped. */
export interface RunSnapshot {
  readonly setup: RunSetup
  /** Number of the node's last input that is in it. */
  readonly position: number
  /** Market inputs of its instrument that are in it: a recorded market goes on after as many. */
  readonly marketInputs: number
  readonly now: Micros
  readonly status: RunStatus
  readonly error: string | null
  readonly memory: Json
  readonly indicators: IndicatorSetState
  readonly candles: CandleBuilderState
  readonly paper: PaperVenueState | null
  readonly holding: Position
  readonly orders: readonly Order[]
  readonly ordersPlaced: number
  readonly orderTimes: readonly Micros[]
  readonly fills: number
  /** Events of the run itself so far. */
  readonly sequence: number
  readonly lastPrice: Ticks | null
  readonly lastPriceAt: Micros
  readonly timers: readonly (readonly [string, Micros])[]
  readonly random: RandomState
}

export type RunStatus = 'running' | 'stopped' | 'failed'

/**
 * One strategy at work on one instrument: its candles, indicators, memory, orders, position and paper venue. All of it
 * moves by inputs alone and in their order, so the same inputs give the same effects, always.
 */
export class Run {
  readonly setup: RunSetup
  readonly #strategy: AnyStrategy
  readonly #limits: RiskLimits
  readonly #allocation: bigint
  readonly #paper: PaperVenue | null
  readonly #candles: CandleBuilder
  readonly #indicators: IndicatorSet
  readonly #context: RunContext
  readonly #random: Random
  readonly #open = new Map<OrderId, Order>()
  readonly #closed = new Map<OrderId, Order>()
  readonly #timers = new Map<string, Micros>()
  readonly #reports: VenueReport[] = []
  readonly #idPrefix: string
  #nextTimer: Micros = Number.POSITIVE_INFINITY
  #effects: Effect[] = []
  #position = 0
  #marketInputs = 0
  #now: Micros = 0
  #status: RunStatus = 'running'
  #error: string | null = null
  #holding: Position = FLAT
  #ordersPlaced = 0
  #orderTimes: Micros[] = []
  #fills = 0
  #sequence = 0
  #lastPrice: Ticks | null = null
  #lastPriceAt: Micros = 0
  #killed = false
  /** When orders that should be over, and whose cancel has failed, are asked to be canceled again. */
  #cancelAgainAt: Micros = Number.POSITIVE_INFINITY
  /** Why the market may not be traded on; a run that trades at a venue waits to be told that it may. */
  #staleness: string | null

  constructor(setup: RunSetup, strategy: AnyStrategy, snapshot?: RunSnapshot) {
    const parameters = parseParameters(strategy, setup.parameters)
    const { instrument } = setup
    this.setup = setup
    this.#strategy = strategy
    this.#allocation = parseDecimal(setup.allocation, notionalScale(instrument), 'allocation')
    this.#limits = limitsFor(instrument, this.#allocation)
    this.#idPrefix = setup.id.slice(-12)
    this.#staleness = setup.paper === null ? 'unwatched' : null
    this.#paper = setup.paper === null ? null : new PaperVenue(instrument, setup.paper, snapshot?.paper ?? undefined)
    this.#candles = createCandleBuilder({
      instrument,
      interval: setup.interval,
      onCandle: candle => this.#onCandle(candle),
      state: snapshot?.candles,
    })
    this.#indicators = new IndicatorSet(strategy, parameters, snapshot?.indicators)
    this.#random = snapshot ? restoreRandom(snapshot.random, setup.seed) : seededRandom(setup.seed)
    this.#context = new RunContext(this, parameters, snapshot?.memory ?? strategy.memory(parameters))
    if (snapshot !== undefined) this.#restore(snapshot)
  }

  #restore(snapshot: RunSnapshot): void {
    this.#position = snapshot.position
    this.#marketInputs = snapshot.marketInputs
    this.#now = snapshot.now
    this.#status = snapshot.status
    this.#error = snapshot.error
    this.#holding = snapshot.holding
    for (const order of snapshot.orders) this.#open.set(order.request.id, order)
    this.#ordersPlaced = snapshot.ordersPlaced
    this.#orderTimes = [...snapshot.orderTimes]
    this.#fills = snapshot.fills
    this.#sequence = snapshot.sequence
    this.#lastPrice = snapshot.lastPrice
    this.#lastPriceAt = snapshot.lastPriceAt
    for (const [name, at] of snapshot.timers) this.#timers.set(name, at)
    this.#findNextTimer()
  }

  snapshot(): RunSnapshot {
    return {
      setup: this.setup,
      position: this.#position,
      marketInputs: this.#marketInputs,
      now: this.#now,
      status: this.#status,
      error: this.#error,
      memory: this.#context.state,
      indicators: this.#indicators.snapshot(),
      candles: this.#candles.snapshot(),
      paper: this.#paper?.snapshot() ?? null,
      holding: this.#holding,
      orders: [...this.#open.values()],
      ordersPlaced: this.#ordersPlaced,
      orderTimes: this.#orderTimes,
      fills: this.#fills,
      sequence: this.#sequence,
      lastPrice: this.#lastPrice,
      lastPriceAt: this.#lastPriceAt,
      timers: [...this.#timers],
      random: this.#random.state(),
    }
  }

  snapshotText(): RunSnapshotText {
    return encodeJson(this.snapshot())
  }

  // What others may read.

  get status(): RunStatus {
    return this.#status
  }
  get error(): string | null {
    return this.#error
  }
  get position(): number {
    return this.#position
  }
  get marketInputs(): number {
    return this.#marketInputs
  }
  get now(): Micros {
    return this.#now
  }
  get instrument(): Instrument {
    return this.setup.instrument
  }
  get holding(): Position {
    return this.#holding
  }
  get sequence(): number {
    return this.#sequence
  }
  get fills(): number {
    return this.#fills
  }
  get lastPrice(): Ticks | null {
    return this.#lastPrice
  }
  get lastPriceAt(): Micros {
    return this.#lastPriceAt
  }
  /** When the next timer is due; Infinity when none is set. */
  get nextTimer(): Micros {
    return Math.min(this.#nextTimer, this.#cancelAgainAt)
  }
  get openOrders(): readonly Order[] {
    return this.#open.size === 0 ? NO_ORDERS : [...this.#open.values()]
  }
  get openOrderCount(): number {
    return this.#open.size
  }
  get random(): Random {
    return this.#random
  }
  get indicators(): IndicatorSet {
    return this.#indicators
  }
  /** In units of 10^-notionalScale of the quote asset. */
  get equity(): bigint {
    return equityOf(this.instrument, this.#allocation, this.#holding, this.#lastPrice)
  }
  get cash(): bigint {
    return cashOf(this.#allocation, this.#holding)
  }

  /** Goes on with the books of an earlier life of the same run: what it holds and has counted, not what it remembers. */
  carry(before: Run): void {
    this.#holding = before.#holding
    this.#ordersPlaced = before.#ordersPlaced
    this.#orderTimes = [...before.#orderTimes]
    this.#fills = before.#fills
    this.#sequence = before.#sequence
    for (const [id, order] of before.#closed) this.#closed.set(id, order)
  }

  /** Closed candles from before the run: they warm the indicators, and the strategy is not asked about them. */
  warm(candles: readonly Candle[]): void {
    for (const candle of candles) this.#indicators.add(candle)
  }

  /** Handles one market input; its effects are appended to `effects`. */
  onMarket(input: MarketInput, position: number, effects: Effect[]): void {
    this.#begin(input.at, position, effects)
    this.#marketInputs += 1
    this.#mark(input)
    if (this.#paper !== null) {
      this.#paper.onMarket(input, this.#reports)
      if (this.#reports.length > 0) this.#drain()
    }
    switch (input.kind) {
      case 'candle':
        this.#onCandle(input.data)
        return
      case 'trade':
        this.#candles.addTrade(input.data.at, input.data.price, input.data.quantity)
        if (this.#strategy.onTrade !== undefined) this.#call(() => this.#strategy.onTrade!(input.data, this.#context))
        return
      case 'book':
        this.#candles.closeAt(input.at)
        if (this.#strategy.onBook !== undefined) this.#call(() => this.#strategy.onBook!(input.data, this.#context))
        return
    }
  }

  /** A venue's report about an order of this run. */
  onReport(report: VenueReport, at: Micros, position: number, effects: Effect[]): void {
    this.#begin(at, position, effects)
    this.#apply(report)
  }

  /** The send of an order got no readable answer. */
  onUnresolved(order: OrderId, reason: string, at: Micros, position: number, effects: Effect[]): void {
    this.#begin(at, position, effects)
    const known = this.#open.get(order)
    if (known !== undefined) this.#decide(known, { type: 'lose_sight', at: this.#now, reason })
  }

  /** The market may be traded on (null) or may not. */
  onFeed(staleness: string | null, at: Micros, position: number, effects: Effect[]): void {
    this.#begin(at, position, effects)
    this.#staleness = staleness
  }

  /** Whether a report about this order can be applied: it is open, or closed not long ago. */
  knows(order: OrderId): boolean {
    return this.#open.has(order) || this.#closed.has(order)
  }

  /** A closed order that was forgotten is known again; one that is known stays as it is. */
  recall(order: Order): void {
    const { id } = order.request
    assert(isClosed(order.state), `an open order is never forgotten: ${id}`)
    if (!this.#open.has(id) && !this.#closed.has(id)) this.#closed.set(id, order)
  }

  /** Only time has passed. */
  onTimer(at: Micros, position: number, effects: Effect[]): void {
    this.#begin(at, position, effects)
  }

  /** Latches or lifts the kill switch; latching asks for every open order to be canceled. */
  setKilled(killed: boolean, at: Micros, position: number, effects: Effect[]): void {
    this.#killed = killed
    this.#begin(at, position, effects)
    if (this.#mayHaveNoOrders) this.#cancelAll()
  }

  /** Asks for one order to be canceled, by hand. @throws AppError `order.unknown` when it is not open */
  cancelOrder(order: OrderId, at: Micros, position: number, effects: Effect[]): void {
    if (!this.#open.has(order))
      throw new AppError('order.unknown', { field: 'order', rule: 'is an open order of the run' })
    this.#begin(at, position, effects)
    this.cancel(order)
  }

  /** Says that the run has begun; `killed` is the switch as it stands. */
  start(killed: boolean, at: Micros, position: number, effects: Effect[]): void {
    this.#killed = killed
    this.#begin(at, position, effects)
    this.#tell('started', null)
  }

  /** Stays ended as `before` was, but with this run's own parameters. */
  configure(before: Run, at: Micros, position: number, effects: Effect[]): void {
    this.#status = before.#status
    this.#error = before.#error
    this.#begin(at, position, effects)
    this.#tell('configured', null)
  }

  /** Cancels what is open and ends; the position stays as it is. */
  stop(at: Micros, position: number, effects: Effect[]): void {
    this.#begin(at, position, effects)
    if (this.#status !== 'running') return
    this.#cancelAll()
    this.#end('stopped', null)
  }

  // What the context does for the strategy.

  place(wish: NewOrder): OrderId | Refusal {
    if (this.#killed) return refuse('risk.kill_switch')
    if (this.#status !== 'running') return refuse('run.not_running')
    if (this.#open.size >= OPEN_ORDERS_PER_RUN_MAX)
      return refuse('risk.open_orders', { openOrdersMax: OPEN_ORDERS_PER_RUN_MAX })
    for (const number of [wish.quantity, wish.price, wish.triggerPrice])
      assert(number === undefined || Number.isSafeInteger(number), `an order is in whole lots and ticks, not ${number}`)
    // Nothing cannot be ordered: there is no order of it to write down.
    if (wish.quantity <= 0)
      return refuse('risk.quantity_too_small', { quantity: wish.quantity, quantityMin: this.instrument.quantityMin })
    this.#ordersPlaced += 1
    const request: OrderRequest = {
      id: `${this.#idPrefix}-${this.#ordersPlaced}` as OrderId,
      instrument: this.instrument.id,
      side: wish.side,
      type: wish.type ?? 'market',
      timeInForce: wish.timeInForce ?? 'gtc',
      quantity: wish.quantity,
      price: wish.price,
      triggerPrice: wish.triggerPrice,
      postOnly: wish.postOnly,
    }
    const at = this.#now
    const reason = storable(wish.reason, REASON_LENGTH_MAX)
    const order = this.#decide(null, { type: 'initialize', at, request, reason })
    const refusal = checkOrder(this.instrument, this.#limits, this.#riskView(), request)
    if (refusal !== null) {
      this.#decide(order, { type: 'deny', at, code: refusal.refused, details: refusal.details })
      return refusal
    }
    this.#orderTimes.push(at)
    if (this.#orderTimes.length > this.#limits.ordersPerWindowMax) this.#orderTimes.shift()
    this.#decide(order, { type: 'submit', at })
    if (this.#paper !== null) this.#paper.submit(request, at)
    else this.#effects.push({ kind: 'send', run: this.setup.id, request })
    return request.id
  }

  cancel(id: OrderId): boolean {
    const order = this.#open.get(id)
    if (order === undefined || order.state === 'pending_cancel') return false
    this.#decide(order, { type: 'request_cancel', at: this.#now })
    if (this.#paper !== null) this.#paper.cancel(id, this.#now)
    else this.#effects.push({ kind: 'cancel', run: this.setup.id, order: id })
    return true
  }

  setTimer(name: string, at: Micros): void {
    assert(this.#timers.size < TIMERS_MAX || this.#timers.has(name), `a run may have ${TIMERS_MAX} timers`)
    this.#timers.set(name, at)
    this.#findNextTimer()
    this.#effects.push({ kind: 'timer', run: this.setup.id, at })
  }

  /** Moves time on and fires what is due. */
  #begin(at: Micros, position: number, effects: Effect[]): void {
    this.#position = position
    this.#effects = effects
    if (at > this.#now) this.#now = at
    if (this.#now >= this.#nextTimer) this.#fireTimers()
    if (this.#now >= this.#cancelAgainAt) {
      this.#cancelAgainAt = Number.POSITIVE_INFINITY
      if (this.#mayHaveNoOrders) this.#cancelAll()
    }
  }

  /** The switch is pulled, or the run has ended: whatever is still open is to go. */
  get #mayHaveNoOrders(): boolean {
    return this.#killed || this.#status !== 'running'
  }

  /** A cancel has failed and the order may not stay: it is asked for again, after a while, until it is gone. */
  #cancelLater(): void {
    if (!this.#mayHaveNoOrders || this.#cancelAgainAt < Number.POSITIVE_INFINITY) return
    this.#cancelAgainAt = this.#now + CANCEL_AGAIN_AFTER
    this.#effects.push({ kind: 'timer', run: this.setup.id, at: this.#cancelAgainAt })
  }

  #fireTimers(): void {
    for (const [name, at] of [...this.#timers]) {
      if (at > this.#now) continue
      this.#timers.delete(name)
      if (this.#strategy.onTimer !== undefined) this.#call(() => this.#strategy.onTimer!(name, this.#context))
    }
    this.#findNextTimer()
  }

  #findNextTimer(): void {
    let next = Number.POSITIVE_INFINITY
    for (const at of this.#timers.values()) if (at < next) next = at
    this.#nextTimer = next
  }

  /** The price that risk and equity go by: the last close or trade, or the middle of a book that has both sides. */
  #mark(input: MarketInput): void {
    if (input.kind === 'candle') this.#lastPrice = input.data.close
    else if (input.kind === 'trade') this.#lastPrice = input.data.price
    else {
      const bid = input.data.bids[0]
      const ask = input.data.asks[0]
      if (bid === undefined || ask === undefined) return
      this.#lastPrice = Math.round((bid[0] + ask[0]) / 2)
    }
    this.#lastPriceAt = input.at
  }

  #onCandle(candle: Candle): void {
    this.#indicators.add(candle)
    if (this.#status !== 'running' || this.#strategy.onCandle === undefined) return
    try {
      this.#strategy.onCandle(candle, this.#context)
    } catch (error) {
      this.#fail(error)
    }
  }

  #call(hook: () => void): void {
    if (this.#status !== 'running') return
    try {
      hook()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** A strategy that throws is ended: its orders are canceled, and the others go on. */
  #fail(error: unknown): void {
    if (this.#status !== 'running') return
    this.#cancelAll()
    this.#end('failed', storable(error instanceof Error ? error.message : String(error), REASON_LENGTH_MAX))
  }

  #end(status: 'stopped' | 'failed', reason: string | null): void {
    this.#status = status
    this.#error = reason
    this.#timers.clear()
    this.#nextTimer = Number.POSITIVE_INFINITY
    this.#tell(status, reason)
  }

  #tell(type: 'started' | 'configured' | 'stopped' | 'failed', reason: string | null): void {
    this.#sequence += 1
    const { id: run } = this.setup
    this.#effects.push({ kind: 'run', sequence: this.#sequence, run, at: this.#now, type, reason })
  }

  #cancelAll(): void {
    for (const order of this.#open.values()) {
      if (order.state !== 'pending_cancel') this.#decide(order, { type: 'request_cancel', at: this.#now })
      if (this.#paper === null) this.#effects.push({ kind: 'cancel', run: this.setup.id, order: order.request.id })
    }
    if (this.#paper === null) return
    for (const report of this.#paper.cancelAll(this.#now)) this.#apply(report)
  }

  #drain(): void {
    for (let i = 0; i < this.#reports.length; i++) this.#apply(this.#reports[i]!)
    this.#reports.length = 0
  }

  #apply(report: VenueReport): void {
    const order = this.#open.get(report.order) ?? this.#closed.get(report.order)
    if (order === undefined) {
      // A closed order is forgotten in time; that it could not be canceled is no news of it.
      if (report.type !== 'cancel_rejected') this.#contradict(report.order, 'order.unknown')
      return
    }
    const after = this.#decide(order, { type: 'report', at: report.at, report })
    // An order that turns out to be open after its run has ended is canceled like the others.
    if (after !== order && !isClosed(after.state) && after.state !== 'pending_cancel') this.#cancelLater()
    if (report.type !== 'filled' || after === order) return
    const { side } = order.request
    this.#holding = applyFill(this.instrument, this.#holding, side, report.fill)
    this.#fills += 1
    if (this.#strategy.onFill === undefined) return
    const { id: orderId, instrument } = order.request
    const fill = { ...report.fill, order: orderId, instrument, side, at: report.at }
    this.#call(() => this.#strategy.onFill!(fill, this.#context))
  }

  /** Decides, evolves, files the order by its new state and persists each fact; a refusal is a contradiction. */
  #decide(order: Order | null, command: OrderCommand): Order {
    const decision = orderDecider.decide(order, command)
    if (isRefusal(decision)) {
      assert(order !== null, `a new order was refused: ${decision.refused}`)
      this.#contradict(order.request.id, decision.refused)
      return order
    }
    let current = order
    for (const event of decision) {
      current = orderDecider.evolve(current, event)
      this.#effects.push({ kind: 'persist', run: this.setup.id, order: current!, event })
    }
    assert(current !== null, 'a decision left no order')
    if (current !== order) this.#file(current)
    return current
  }

  #file(order: Order): void {
    const { id } = order.request
    if (!isClosed(order.state)) {
      this.#open.set(id, order)
      return
    }
    this.#open.delete(id)
    this.#closed.set(id, order)
    if (this.#closed.size <= CLOSED_ORDERS_KEPT) return
    for (const oldest of this.#closed.keys()) {
      this.#closed.delete(oldest)
      break
    }
  }

  #contradict(order: OrderId, code: string): void {
    this.#effects.push({ kind: 'contradiction', run: this.setup.id, order, at: this.#now, code })
  }

  #riskView() {
    let openBuys = 0
    let openSells = 0
    for (const order of this.#open.values()) {
      if (order.state === 'initialized') continue
      if (order.request.side === 'buy') openBuys += remainingOf(order)
      else openSells += remainingOf(order)
    }
    return {
      now: this.#now,
      killed: this.#killed,
      staleness: this.#staleness,
      position: this.#holding.quantity,
      openBuys,
      openSells,
      lastPrice: this.#lastPrice,
      lastPriceAt: this.#lastPriceAt,
      cash: this.cash,
      orderTimes: this.#orderTimes,
    }
  }
}
