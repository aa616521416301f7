import {
  AppError,
  assert,
  type BookSnapshot,
  type Candle,
  type Clock,
  type Instrument,
  type InstrumentId,
  lotsOf,
  type Micros,
  type OrderId,
  type OrderRequest,
  priceText,
  quantityText,
  type Ticks,
  type Timers,
  type Trade,
  ticksOf,
} from '../../kernel/index.ts'
import {
  type Balance,
  type FeeSchedule,
  type KeyPermissions,
  type OrderRef,
  OrdersKnown,
  type Outcome,
  type Ticker,
  type Venue,
  type VenueExecution,
  type VenueListener,
  type VenueOrder,
} from '../../venues/index.ts'
import { findFillsSince } from '../history/store.ts'
import { HOUSE, type HouseMarket } from '../listing.ts'
import { fillView } from '../orders.ts'
import { HOUSE_CAPABILITIES } from './capabilities.ts'
import { NOT_OWNED } from './market-watch.ts'
import { executionOf, newOrderOf, venueOrderOf } from './orders.ts'
import { answerOf, outcomeOf } from './outcomes.ts'
import type { HouseService, HouseShards } from './source.ts'
import { candlesOf } from './store.ts'
import { HouseWatch } from './watch.ts'

/** A command that is answered later than this is as good as unanswered. */
const TIMEOUT_MS = 10_000

export interface HouseVenueOptions {
  readonly exchange: HouseService
  readonly shards: HouseShards
  /** The participant who trades: orders, fills and balances are those of this owner. */
  readonly owner: string
  /** False refuses orders and amends before anything is sent; cancels always go. */
  readonly mayTrade?: boolean
  readonly clock: Clock
  readonly timers: Timers
  readonly timeoutMs?: number
}

/**
 * The house exchange as a venue, for one participant and in the process that owns its shards. An order's own id is its client
 * id, which the engine keeps: sent twice it is one order. What is told comes from the journal, in its order; what is asked of the
 * account is answered only here where the shards are owned, and "no such order" only once a later command has been committed.
 */
export class HouseVenue implements Venue {
  readonly name = HOUSE
  readonly capabilities = HOUSE_CAPABILITIES
  readonly #options: HouseVenueOptions
  readonly #orders = new OrdersKnown()
  #watch: HouseWatch | null = null

  constructor(options: HouseVenueOptions) {
    this.#options = options
  }

  async instruments(): Promise<readonly Instrument[]> {
    return this.#options.shards.markets().map(({ market }) => market.instrument)
  }

  async fees(instruments: readonly InstrumentId[]): Promise<FeeSchedule> {
    return answerOf(() => {
      const { shards, owner } = this.#options
      const fees = instruments.map(instrument => {
        this.#owned(instrument)
        return { instrument, ...shards.marketOf(instrument).part.shard.replica.ratesOf(owner) }
      })
      return { at: this.#now(), fees }
    })
  }

  async book(instrument: InstrumentId, depth: number): Promise<BookSnapshot> {
    return answerOf(() => {
      this.#owned(instrument)
      return this.#options.exchange.book(instrument).snapshot(depth)
    })
  }

  async trades(id: InstrumentId, limit: number): Promise<readonly Trade[]> {
    return answerOf(async () => {
      const { instrument } = this.#owned(id)
      const trades = await this.#options.exchange.trades(id, limit)
      return trades.reverse().map(({ at, price, quantity, side }) => ({
        at,
        price: ticksOf(instrument, price),
        quantity: lotsOf(instrument, quantity),
        side,
      }))
    })
  }

  async ticker(id: InstrumentId): Promise<Ticker> {
    const [last] = await this.trades(id, 1)
    const { bids, asks } = await this.book(id, 1)
    const at = this.#now()
    return { instrument: id, bid: bids[0]?.[0] ?? null, ask: asks[0]?.[0] ?? null, last: last?.price ?? null, at }
  }

  /** Of the trades themselves: no candle is made up for an interval without one. */
  async candles(id: InstrumentId, interval: Micros, from: Micros, limit: number): Promise<readonly Candle[]> {
    return answerOf(async () => {
      const { exchange } = this.#options
      const market = this.#owned(id)
      const now = this.#now()
      await exchange.caughtUp(id)
      const wish = { interval, from: Math.ceil(from / interval) * interval, to: now - (now % interval), limit }
      return exchange.history(tx => candlesOf(tx, this.#nameOf(market), wish))
    })
  }

  async balances(): Promise<readonly Balance[]> {
    return answerOf(() => {
      this.#checkOwned()
      const balances = this.#options.exchange.balances(this.#options.owner)
      return balances.map(({ asset, available, held }) => ({ asset, free: available, held }))
    })
  }

  /** Nothing that a venue can be asked moves money out. */
  async permissions(): Promise<KeyPermissions> {
    return { read: true, trade: this.#mayTrade, withdraw: false }
  }

  async place(request: OrderRequest): Promise<Outcome> {
    if (!this.#mayTrade) return this.#refused()
    const known = this.#orders.add(request, request.id)
    const { exchange, owner } = this.#options
    const outcome = await this.#change(request.instrument, async () => {
      const { instrument } = this.#owned(request.instrument)
      const { id } = await exchange.place(owner, newOrderOf(instrument, request))
      return id
    })
    if (outcome.type === 'accepted') this.#orders.learn(known, request.instrument, outcome.venueOrderId!)
    return outcome
  }

  async amend(ref: OrderRef, change: { readonly quantity: number; readonly price?: Ticks }): Promise<Outcome> {
    if (!this.#mayTrade) return this.#refused()
    const { exchange, owner } = this.#options
    return this.#change(ref.instrument, async () => {
      const { instrument } = this.#owned(ref.instrument)
      const id = this.#idOf(ref) ?? (await this.#find(ref))?.venueOrderId
      if (id === undefined) throw new AppError('order.unknown', { reason: 'unknown_order' })
      const { quantity, price } = change
      await exchange.amend(owner, id, {
        quantity: quantityText(instrument, quantity),
        ...(price === undefined ? {} : { price: priceText(instrument, price) }),
      })
      return id
    })
  }

  async cancel(ref: OrderRef): Promise<Outcome> {
    const { exchange, owner } = this.#options
    return this.#change(ref.instrument, async () => {
      const id = this.#idOf(ref)
      if (id === null) await exchange.cancelByClientId(owner, ref.instrument, ref.order)
      else await exchange.cancel(owner, id)
      return id
    })
  }

  async cancelAll(instrument?: InstrumentId): Promise<Outcome> {
    const { exchange, owner } = this.#options
    return this.#change(instrument, async () => {
      await exchange.cancelAll(owner, instrument)
      return null
    })
  }

  async order(ref: OrderRef): Promise<VenueOrder | null> {
    return answerOf(async () => {
      this.#owned(ref.instrument)
      const found = await this.#find(ref)
      if (found !== null) return found
      // It may be in a commit that is under way, or of which nothing is known.
      await this.#options.exchange.caughtUp(ref.instrument)
      return this.#find(ref)
    })
  }

  async openOrders(instrument?: InstrumentId): Promise<readonly VenueOrder[]> {
    return answerOf(async () => {
      this.#checkOwned(instrument)
      const { exchange, owner, shards } = this.#options
      const found: VenueOrder[] = []
      for (let before: { createdAt: number; id: number } | undefined; ; ) {
        const page = await exchange.orders(owner, {
          state: 'open',
          ...(instrument === undefined ? {} : { instrument }),
          ...(before === undefined ? {} : { before }),
        })
        for (const one of page) found.push(venueOrderOf(shards.marketOf(one.instrument).market.instrument, one))
        const last = page.at(-1)
        if (last === undefined) return found
        before = { createdAt: last.createdAt, id: Number(last.id.split('-')[1]) }
      }
    })
  }

  async fills(id: InstrumentId, since: Micros): Promise<readonly VenueExecution[]> {
    return answerOf(async () => {
      const market = this.#owned(id)
      const { exchange, owner } = this.#options
      const rows = await exchange.history(tx => findFillsSince(tx, { owner, pair: market.instrument.pair, since }))
      return rows.map(row => executionOf(market.instrument, fillView(market, row)))
    })
  }

  whose(what: { instrument: InstrumentId; venueOrderId: string; clientId: string | null }): OrderId | null {
    const known = this.#orders.byClient(what.clientId) ?? this.#orders.byVenue(what.instrument, what.venueOrderId)
    return known?.request.id ?? null
  }

  adopt(orders: readonly OrderRequest[]): void {
    for (const request of orders) this.#orders.add(request, request.id)
  }

  watch(instruments: readonly InstrumentId[], listener: VenueListener): void {
    assert(this.#watch === null, `${this.name} is watched already`)
    const { exchange, shards, owner, clock } = this.#options
    this.#watch = new HouseWatch({ exchange, shards, owner, instruments, orders: this.#orders, listener, clock })
  }

  async close(): Promise<void> {
    this.#watch?.close()
  }

  get #mayTrade(): boolean {
    return this.#options.mayTrade !== false
  }

  #now(): Micros {
    return this.#options.clock.now()
  }

  /** Where the shard is not owned nothing is proven, not even that there is no such market. */
  #change(instrument: InstrumentId | undefined, send: () => Promise<string | null>): Promise<Outcome> {
    const { clock, timers, timeoutMs = TIMEOUT_MS } = this.#options
    const checked = async () => {
      this.#checkOwned(instrument)
      return send()
    }
    return outcomeOf(checked, { clock, timers, timeoutMs })
  }

  #refused(): Outcome {
    return { type: 'rejected', reason: 'not sent: this participant may not trade', at: this.#now() }
  }

  /** @throws AppError `exchange.unavailable` where another process has the market, or any without one */
  #checkOwned(instrument?: InstrumentId): void {
    const { shards } = this.#options
    const known = shards.markets().find(({ market }) => market.instrument.id === instrument)
    const parts = known === undefined ? shards.parts : [known.part]
    if (parts.some(({ shard }) => shard.state !== 'owning'))
      throw new AppError('exchange.unavailable', { rule: NOT_OWNED })
  }

  /** @throws AppError `exchange.unavailable`, `instrument.unknown` */
  #owned(instrument: InstrumentId): HouseMarket {
    this.#checkOwned(instrument)
    return this.#options.shards.marketOf(instrument).market
  }

  #nameOf({ instrument }: HouseMarket) {
    const { shards } = this.#options
    return { shard: shards.parts.indexOf(shards.marketOf(instrument.id).part), instrument }
  }

  #idOf({ order, venueOrderId }: OrderRef): string | null {
    return venueOrderId ?? this.#orders.byOrder(order)?.venueOrderId ?? null
  }

  async #find(ref: OrderRef): Promise<VenueOrder | null> {
    const { exchange, owner, shards } = this.#options
    const { instrument } = shards.marketOf(ref.instrument).market
    const [found] = await exchange.orders(owner, { instrument: ref.instrument, clientId: ref.order, limit: 1 })
    if (found === undefined) return null
    const known = this.#orders.byOrder(ref.order)
    if (known !== undefined) this.#orders.learn(known, ref.instrument, found.id)
    return venueOrderOf(instrument, found)
  }
}
