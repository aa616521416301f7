import {
  type Clock,
  type Instrument,
  type Micros,
  priceText,
  quantityText,
  type Timer,
  type Timers,
} from '../../src/kernel/index.ts'
import type { BookOutcome } from '../../src/matching/index.ts'
import { ADVANCE_MAX, type BookAction, createLivingMarket, type LivingMarket, MAKER_KINDS } from '../market/index.ts'

/** How often the crowd acts: what it wished for since then goes out in order. */
const ACT_EVERY_MS = 250
/** Wishes of one instrument that may wait for the exchange; past it they are forgotten, and the makers quote anew. */
const WAITING_MAX = 2_000
const ORDERS_PER_REQUEST = 50

/** Everybody who trades here, by the name of their accounts. */
export const HOUSE_TRADERS: readonly string[] = [...MAKER_KINDS.map(({ name }) => name), 'crowd']

/** An order as the exchange's API takes it. */
export interface WishedOrder {
  readonly instrument: string
  readonly side: 'buy' | 'sell'
  readonly type: 'limit' | 'market'
  readonly timeInForce?: 'ioc'
  readonly quantity: string
  readonly price?: string
  readonly postOnly?: boolean
  readonly clientId: string
}

/** The exchange's public API, as one participant uses it. A refusal is no error here. */
export interface HouseApi {
  place(trader: string, orders: readonly WishedOrder[]): Promise<void>
  cancel(trader: string, instrument: string, clientId: string): Promise<void>
  cancelAll(trader: string): Promise<void>
}

type Wish =
  | { readonly type: 'place'; readonly trader: string; readonly order: WishedOrder }
  | { readonly type: 'cancel'; readonly trader: string; readonly clientId: string }

interface Known {
  readonly trader: string
  clientId: string
}

/** The wishes of one instrument, sent one after another. */
interface Lane {
  readonly instrument: Instrument
  readonly known: Map<number, Known>
  waiting: Wish[]
  isSending: boolean
}

/**
 * The people of the living market, trading on the house exchange through its public API: three makers and a crowd. They think
 * in a market of their own, and whatever they do there they do here too; whoever else trades here trades with them. What is gone
 * there is canceled here, so that nothing is left behind.
 */
export class HouseCrowd {
  readonly #options: {
    readonly api: HouseApi
    readonly clock: Clock
    readonly timers: Timers
    readonly onError: (error: unknown) => void
  }
  readonly #market: LivingMarket
  readonly #lanes = new Map<string, Lane>()
  readonly #prefix: string
  #generation = 0
  #acting: Timer | null = null

  constructor(options: {
    readonly instruments: readonly Instrument[]
    readonly prices: Readonly<Record<string, number>>
    readonly seed: string
    readonly api: HouseApi
    readonly clock: Clock
    readonly timers: Timers
    readonly onError: (error: unknown) => void
  }) {
    this.#options = options
    const { instruments, prices, seed, clock } = options
    const start = clock.now()
    // Names of one life of the crowd are not those of another.
    this.#prefix = start.toString(36)
    for (const instrument of instruments)
      this.#lanes.set(instrument.id, { instrument, known: new Map(), waiting: [], isSending: false })
    this.#market = createLivingMarket({
      seed: `${seed}/${start}`,
      start,
      instruments,
      prices,
      bookEvery: Number.POSITIVE_INFINITY,
      onOutcomes: (instrument, outcomes, _, action) => this.#wish(this.#lanes.get(instrument.id)!, outcomes, action),
    })
  }

  /** Takes back what an earlier life left in the books, and begins. */
  async start(): Promise<void> {
    const { api, timers } = this.#options
    for (const trader of HOUSE_TRADERS) await api.cancelAll(trader)
    this.#acting = timers.every(ACT_EVERY_MS, () => this.act(this.#options.clock.now()))
  }

  stop(): void {
    this.#acting?.cancel()
  }

  /** Lets the crowd live until `at`, and sends what it wishes. */
  async act(at: Micros): Promise<void> {
    while (this.#market.now < at) this.#market.advance(Math.min(at, this.#market.now + ADVANCE_MAX))
    await Promise.all([...this.#lanes.values()].map(lane => this.#send(lane)))
  }

  #wish(lane: Lane, outcomes: readonly BookOutcome<number>[], action: BookAction): void {
    const { instrument, known } = lane
    if (outcomes[0]?.type === 'rejected') return
    if (action.type === 'submit') {
      const { id, owner, side, type, price, quantity, postOnly } = action.order
      this.#place(lane, id, owner, {
        instrument: instrument.id,
        side,
        type,
        quantity: quantityText(instrument, quantity),
        ...(type === 'market' ? { timeInForce: 'ioc' as const } : { price: priceText(instrument, price!) }),
        ...(postOnly ? { postOnly } : {}),
      })
    } else this.#cancel(lane, action.id)
    if (action.type === 'amend') {
      const amended = outcomes.find(outcome => outcome.type === 'amended')
      if (amended?.type === 'amended') this.#quoteAnew(lane, action.id, amended)
    }
    for (const outcome of outcomes)
      if (outcome.type === 'traded' && outcome.makerRemaining === 0) this.#cancel(lane, outcome.maker)
    if (known.size > WAITING_MAX * 10) known.clear()
  }

  #place(lane: Lane, id: number, trader: string, order: Omit<WishedOrder, 'clientId'>): void {
    this.#generation += 1
    const clientId = `${this.#prefix}-${this.#generation.toString(36)}`
    lane.known.set(id, { trader, clientId })
    this.#wait(lane, { type: 'place', trader, order: { ...order, clientId } })
  }

  /** An amend is a cancel and a new order under a new name: the crowd's books and these are not the same to the lot. */
  #quoteAnew(
    lane: Lane,
    id: number,
    { owner, price, quantity }: { owner: string; price: number; quantity: number },
  ): void {
    const order = this.#market
      .inspect()
      .markets.find(({ instrument }) => instrument === lane.instrument)
      ?.book.order(id)
    if (order === undefined) return
    const { instrument } = lane
    this.#place(lane, id, owner, {
      instrument: instrument.id,
      side: order.side,
      type: 'limit',
      price: priceText(instrument, price),
      quantity: quantityText(instrument, quantity),
      postOnly: order.postOnly,
    })
  }

  #cancel(lane: Lane, id: number): void {
    const known = lane.known.get(id)
    if (known === undefined) return
    lane.known.delete(id)
    this.#wait(lane, { type: 'cancel', trader: known.trader, clientId: known.clientId })
  }

  #wait(lane: Lane, wish: Wish): void {
    if (lane.waiting.length >= WAITING_MAX) lane.waiting = []
    lane.waiting.push(wish)
  }

  async #send(lane: Lane): Promise<void> {
    if (lane.isSending) return
    lane.isSending = true
    try {
      while (lane.waiting.length > 0) await this.#sendNext(lane)
    } catch (error) {
      this.#options.onError(error)
    } finally {
      lane.isSending = false
    }
  }

  /** The next cancel, or as many orders of one trader as come after each other. */
  async #sendNext(lane: Lane): Promise<void> {
    const { api } = this.#options
    const first = lane.waiting[0]!
    if (first.type === 'cancel') {
      lane.waiting.shift()
      await api.cancel(first.trader, lane.instrument.id, first.clientId)
      return
    }
    let count = 1
    while (count < ORDERS_PER_REQUEST) {
      const next = lane.waiting[count]
      if (next?.type !== 'place' || next.trader !== first.trader) break
      count += 1
    }
    const orders = lane.waiting.splice(0, count).flatMap(wish => (wish.type === 'place' ? [wish.order] : []))
    await api.place(first.trader, orders)
  }
}
