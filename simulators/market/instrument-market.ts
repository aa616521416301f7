import {
  type BookSnapshot,
  type Instrument,
  type Lots,
  type MarketInput,
  MICROS_PER_MINUTE,
  MICROS_PER_MS,
  MICROS_PER_SECOND,
  type Micros,
  priceFloat,
  quantityFloat,
  type Random,
  type Side,
  type Ticks,
} from '../../src/kernel/index.ts'
import {
  type BookOutcome,
  type BookState,
  createBook,
  type NewBookOrder,
  type OrderBook,
  restoreBook,
} from '../../src/matching/index.ts'
import { actOf, CROWD_ORDERS_MAX, type CrowdState, newCrowd, nextTaker, sizeFactor } from './crowd.ts'
import { type CommonStep, newValue, stepValue, type ValueState } from './factors.ts'
import { MAKER_KINDS, type MakerState, type MakerView, newMaker, referenceOf, refreshQuotes } from './makers.ts'
import {
  ARRIVALS_BY_VOLATILITY,
  BRANCHING,
  EXCITATION_LENGTH,
  FACTOR_STEP,
  type Profile,
  profileOf,
} from './profile.ts'

/** Levels of a side in an emitted book. */
const BOOK_DEPTH = 20
export const NEVER: Micros = Number.POSITIVE_INFINITY

/** What somebody who lives here did to a book. */
export type BookAction =
  | { readonly type: 'submit'; readonly order: NewBookOrder<number> }
  | { readonly type: 'cancel'; readonly id: number }
  | {
      readonly type: 'amend'
      readonly id: number
      readonly change: { readonly price?: Ticks; readonly quantity?: Lots }
    }

/** Told of all that the market's own people do to a book, and of what came of it. */
export type OutcomesListener = (
  instrument: Instrument,
  outcomes: readonly BookOutcome<number>[],
  at: Micros,
  action: BookAction,
) => void

/** The same book; whatever is done through it is told. */
const telling = (
  book: OrderBook<number>,
  tell: (outcomes: readonly BookOutcome<number>[], action: BookAction) => void,
): OrderBook<number> => {
  const told = (outcomes: BookOutcome<number>[], action: BookAction): BookOutcome<number>[] => {
    tell(outcomes, action)
    return outcomes
  }
  return {
    ...book,
    get size() {
      return book.size
    },
    submit: order => told(book.submit(order), { type: 'submit', order }),
    cancel: id => told(book.cancel(id), { type: 'cancel', id }),
    amend: (id, change) => told(book.amend(id, change), { type: 'amend', id, change }),
  }
}

/** One instrument's part of a snapshot. JSON. */
export interface InstrumentState {
  instrument: string
  book: BookState<number>
  value: ValueState
  crowd: CrowdState
  makers: MakerState[]
  lastId: number
  sequence: number
  isChanged: boolean
  /** Null for never: JSON has no infinity. */
  nextBookAt: Micros | null
}

/** One order book with those who trade in it. Time and chance come in as arguments; trades go out through `emit`. */
export class InstrumentMarket {
  readonly instrument: Instrument
  readonly profile: Profile
  readonly value: ValueState
  readonly crowd: CrowdState
  readonly makers: MakerState[]
  /** Others may trade in it too; what they do there is theirs to tell. */
  readonly book: OrderBook<number>
  /** The same book, through which those who live here act: what comes of it is told. */
  readonly #own: OrderBook<number>
  #at: Micros
  readonly #random: Random
  readonly #bookEvery: Micros
  readonly #tick: number
  readonly #lot: number
  #lastId = 0
  #sequence = 0
  #isChanged = false
  #nextBookAt: Micros

  constructor(
    instrument: Instrument,
    options: {
      at: Micros
      price?: number
      bookEvery: Micros
      random: Random
      state?: InstrumentState
      onOutcomes?: OutcomesListener
    },
  ) {
    const { state } = options
    this.instrument = instrument
    this.profile = profileOf(instrument)
    this.#random = options.random
    this.#bookEvery = options.bookEvery
    this.#tick = priceFloat(instrument, 1)
    this.#lot = quantityFloat(instrument, 1)
    this.value = state?.value ?? newValue(options.price ?? this.profile.price)
    this.crowd = state?.crowd ?? newCrowd(options.at)
    this.makers = state?.makers ?? MAKER_KINDS.map(kind => newMaker(kind, options.at))
    this.book = state === undefined ? createBook<number>() : restoreBook<number>(state.book)
    this.#at = options.at
    const { onOutcomes } = options
    this.#own =
      onOutcomes === undefined
        ? this.book
        : telling(this.book, (outcomes, action) => onOutcomes(instrument, outcomes, this.#at, action))
    this.#lastId = state?.lastId ?? 0
    this.#sequence = state?.sequence ?? 0
    this.#isChanged = state?.isChanged ?? false
    this.#nextBookAt = state === undefined ? options.at : (state.nextBookAt ?? NEVER)
  }

  snapshot(): InstrumentState {
    return structuredClone({
      instrument: this.instrument.id,
      book: this.book.snapshot(),
      value: this.value,
      crowd: this.crowd,
      makers: this.makers,
      lastId: this.#lastId,
      sequence: this.#sequence,
      isChanged: this.#isChanged,
      nextBookAt: this.#nextBookAt === NEVER ? null : this.#nextBookAt,
    })
  }

  /** When the changed book may be told next. */
  get nextBookAt(): Micros {
    return this.#isChanged ? this.#nextBookAt : NEVER
  }

  /** Between the best prices, in ticks; the value where a side is empty. */
  mid(): number {
    const bid = this.book.best('buy')
    const ask = this.book.best('sell')
    return bid === undefined || ask === undefined ? Math.exp(this.value.value) / this.#tick : (bid + ask) / 2
  }

  #halfSpread(): number {
    const bp = this.profile.halfSpreadBp * (0.5 + 0.5 * Math.min(4, this.value.volatility))
    return Math.max(1, ((bp / 10_000) * Math.exp(this.value.value)) / this.#tick)
  }

  #view(at: Micros): MakerView {
    const price = Math.exp(this.value.value)
    return {
      at,
      value: price / this.#tick,
      halfSpread: this.#halfSpread(),
      quoteLots: this.profile.quoteNotional / (price * this.#lot),
      book: this.#own,
      random: this.#random,
      newId: () => ++this.#lastId,
    }
  }

  /** The value moves; makers whose quotes are off will answer after their reaction time; arrivals are drawn anew. */
  stepFactors(at: Micros, common: CommonStep, isTrending: boolean): void {
    this.crowd.isTrending = isTrending
    stepValue(this.value, this.profile, common, this.#random)
    const mid = this.mid()
    const keep = Math.exp(-FACTOR_STEP / (2 * MICROS_PER_MINUTE))
    if (this.crowd.lastMid > 0) this.crowd.momentum = this.crowd.momentum * keep + Math.log(mid / this.crowd.lastMid)
    this.crowd.lastMid = mid
    const view = this.#view(at)
    for (let i = 0; i < this.makers.length; i++) {
      const [kind, maker] = [MAKER_KINDS[i]!, this.makers[i]!]
      if (Math.abs(referenceOf(kind, maker, view) - maker.reference) < 0.6 * view.halfSpread * kind.spread) continue
      maker.nextAt = Math.min(maker.nextAt, at + Math.ceil(kind.reaction * (0.3 + this.#random.exponential())))
    }
    this.#scheduleArrival(at)
  }

  /** Arrivals a second: by volatility, and by what came before (Hawkes). */
  #intensity(at: Micros): number {
    const { crowd } = this
    crowd.excitation *= Math.exp(-(at - crowd.excitedAt) / EXCITATION_LENGTH)
    crowd.excitedAt = at
    return this.profile.arrivals * this.value.volatility ** ARRIVALS_BY_VOLATILITY + crowd.excitation
  }

  /** The next candidate by thinning (Ogata 1981): between events the intensity only falls, so the present one bounds it. */
  #scheduleArrival(at: Micros): void {
    const wait = (this.#random.exponential() / this.#intensity(at)) * MICROS_PER_SECOND
    this.crowd.nextAt = at + Math.max(1, Math.ceil(wait))
  }

  /** A candidate arrival: it is real with the share of the intensity that is left of its bound. */
  arrive(at: Micros, emit: (input: MarketInput) => void): void {
    this.#at = at
    const since = this.crowd.excitation
    const bound = this.profile.arrivals * this.value.volatility ** ARRIVALS_BY_VOLATILITY + since
    if (this.#random.next() * bound <= this.#intensity(at)) {
      this.crowd.excitation += BRANCHING / (EXCITATION_LENGTH / MICROS_PER_SECOND)
      this.#act(at, emit)
    }
    this.#scheduleArrival(at)
  }

  #act(at: Micros, emit: (input: MarketInput) => void): void {
    const act = actOf(this.#random)
    if (act === 'take') this.#take(at, emit)
    else if (act === 'rest') this.#rest(at, emit)
    else this.#cancel(Math.floor(this.#random.next() * this.crowd.orders.length))
  }

  #take(at: Micros, emit: (input: MarketInput) => void): void {
    const half = this.#halfSpread()
    const mid = this.mid()
    const view = {
      mispricing: (Math.exp(this.value.value) / this.#tick - mid) / half,
      momentum: (this.crowd.momentum * mid) / half,
      isTrending: this.crowd.isTrending,
    }
    const taker = nextTaker(this.crowd, view, this.#random)
    if (taker === undefined) return
    const factor = sizeFactor(this.#random)
    const lots = (this.profile.takeNotional * factor) / (mid * this.#tick * this.#lot)
    const quantity = Math.max(this.instrument.quantityMin, Math.round(lots))
    this.#submit(at, taker.side, undefined, quantity, emit)
    // The value follows the flow, and less than in proportion to its size: the square-root law of impact.
    const impact = (this.profile.impactBp / 10_000) * Math.sqrt(factor) * Math.sqrt(this.value.volatility)
    this.value.value += impact * taker.surprise
  }

  /** A limit order of the crowd, near the best price of its side, now and then inside the spread or through it. */
  #rest(at: Micros, emit: (input: MarketInput) => void): void {
    const side: Side = this.#random.next() < 0.5 ? 'buy' : 'sell'
    const half = this.#halfSpread()
    const distance = (this.#random.exponential() * 2.5 - 0.2) * half
    const best = this.book.best(side) ?? this.mid()
    const price = Math.max(1, Math.round(side === 'buy' ? best - distance : best + distance))
    const lots = (this.profile.takeNotional * 1.5 * sizeFactor(this.#random)) / (price * this.#tick * this.#lot)
    if (this.crowd.orders.length >= CROWD_ORDERS_MAX) this.#cancel(0)
    this.#submit(at, side, price, Math.max(this.instrument.quantityMin, Math.round(lots)), emit)
  }

  #cancel(index: number): void {
    const [id] = this.crowd.orders.splice(index, 1)
    if (id === undefined || this.book.order(id) === undefined) return
    this.#own.cancel(id)
    this.#isChanged = true
  }

  #submit(
    at: Micros,
    side: Side,
    price: number | undefined,
    quantity: number,
    emit: (input: MarketInput) => void,
  ): void {
    const id = ++this.#lastId
    const type = price === undefined ? 'market' : 'limit'
    const outcomes = this.#own.submit({ id, owner: 'crowd', side, type, timeInForce: 'gtc', price, quantity })
    for (const outcome of outcomes) if (outcome.type === 'traded') this.#book(outcome, at, emit)
    if (this.book.order(id) !== undefined) this.crowd.orders.push(id)
    this.#isChanged = true
  }

  /** Books a trade: into the maker's inventory, and out to the tape. A maker that lost a level looks again soon. */
  #book(trade: BookOutcome<number> & { type: 'traded' }, at: Micros, emit: (input: MarketInput) => void): void {
    const { price, quantity, side } = trade
    emit({ kind: 'trade', instrument: this.instrument.id, at, data: { at, price, quantity, side } })
    const index = MAKER_KINDS.findIndex(kind => kind.name === trade.makerOwner)
    const maker = this.makers[index]
    if (maker === undefined) return
    maker.inventory += side === 'buy' ? -quantity : quantity
    if (trade.makerRemaining === 0) maker.nextAt = Math.min(maker.nextAt, at + 4 * MAKER_KINDS[index]!.reaction)
  }

  /** Maker `index` looks at its quotes. */
  refresh(index: number, at: Micros): void {
    this.#at = at
    const [kind, maker] = [MAKER_KINDS[index]!, this.makers[index]!]
    if (refreshQuotes(kind, maker, this.#view(at))) this.#isChanged = true
    maker.nextAt = at + Math.ceil(MICROS_PER_MS + kind.refresh * this.#random.exponential())
  }

  /** The book as it is now, told; the next may follow after the interval. */
  tellBook(at: Micros): BookSnapshot {
    this.#isChanged = false
    this.#nextBookAt = at + this.#bookEvery
    this.#sequence += 1
    return { at, sequence: this.#sequence, ...this.book.levels(BOOK_DEPTH) }
  }
}
