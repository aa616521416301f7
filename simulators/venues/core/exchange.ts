import { assert, type Lots, type Micros, type Ticks, type TimeInForce } from '../../../src/kernel/index.ts'
import type { BookOutcome } from '../../../src/matching/index.ts'
import type { Account } from './accounts.ts'
import type { SimulatedInstrument, SimulatedMarket } from './market.ts'
import {
  baseUnits,
  bookId,
  clientKey,
  type ExchangeListener,
  type ExchangeRules,
  feeUnits,
  heldAsset,
  type NewSimulatedOrder,
  notionalUnits,
  type Refusal,
  type SimulatedFill,
  type SimulatedOrder,
} from './order.ts'

/** Orders and fills kept for questions; the oldest closed ones are forgotten first. */
const ORDERS_KEPT_MAX = 50_000
const FILLS_KEPT_MAX = 100_000
const OPEN_ORDERS_MAX = 500

/**
 * One exchange of one venue: accounts, orders, fills and fees over the naive book of each instrument, which the living
 * market's crowd shares. It has no clock: whoever calls says what time it is by moving the market first.
 */
export class SimulatedExchange {
  readonly market: SimulatedMarket
  readonly #rules: ExchangeRules
  readonly #listeners = new Set<Partial<ExchangeListener>>()
  readonly #orders = new Map<string, SimulatedOrder>()
  readonly #byBookId = new Map<number, SimulatedOrder>()
  readonly #byClientId = new Map<string, SimulatedOrder>()
  readonly #stops = new Set<SimulatedOrder>()
  readonly #fills: SimulatedFill[] = []
  readonly #last = { order: 0, fill: 0, trade: 0 }
  /** Of the next orders: the part that is filled at once before the rest is left to its fate. */
  partialNext: number | null = null
  /** A venue that charges other than it says: beside what is listed, in millionths. */
  surchargePpm = 0

  constructor(market: SimulatedMarket, rules: ExchangeRules) {
    this.market = market
    this.#rules = rules
    market.listen((instrument, outcome, at) => this.#onOutcome(instrument, outcome, at))
  }

  listen(listener: Partial<ExchangeListener>): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** All that it remembers: to keep it, and to put it back. */
  get memory() {
    const [orders, working, byClientId, last] = [this.#orders, this.#byBookId, this.#byClientId, this.#last]
    return { orders, working, byClientId, last, stops: this.#stops, fills: this.#fills }
  }

  get fills(): readonly SimulatedFill[] {
    return this.#fills
  }

  ordersOf(account: Account): SimulatedOrder[] {
    return [...this.#orders.values()].filter(order => order.account === account)
  }

  openOrdersOf(account: Account, instrument?: SimulatedInstrument): SimulatedOrder[] {
    return this.ordersOf(account).filter(
      order => order.state === 'open' && (instrument === undefined || order.instrument === instrument),
    )
  }

  fillsOf(account: Account): SimulatedFill[] {
    return this.#fills.filter(fill => fill.order.account === account)
  }

  order(account: Account, id: string): SimulatedOrder | undefined {
    const order = this.#orders.get(id)
    return order?.account === account ? order : undefined
  }

  orderByClientId(account: Account, clientId: string): SimulatedOrder | undefined {
    return this.#byClientId.get(clientKey(account, clientId))
  }

  place(account: Account, wish: NewSimulatedOrder, at: Micros): SimulatedOrder | Refusal {
    const refusal = this.#check(account, wish)
    if (refusal !== null) return refusal
    this.#last.order += 1
    const order: SimulatedOrder = {
      number: this.#last.order,
      id: this.#rules.orderId(this.#last.order),
      account,
      clientId: wish.clientId,
      instrument: wish.instrument,
      side: wish.side,
      type: wish.type,
      timeInForce: wish.timeInForce,
      postOnly: wish.postOnly ?? false,
      price: wish.price,
      triggerPrice: wish.triggerPrice ?? null,
      quantity: wish.quantity,
      filled: 0,
      cost: 0n,
      state: 'open',
      triggered: false,
      reason: null,
      createdAt: at,
      updatedAt: at,
      held: 0n,
      fees: new Map(),
    }
    const needed = this.#needed(order)
    const asset = heldAsset(order)
    if (!account.hold(asset, needed)) {
      this.#last.order -= 1
      return 'insufficient_funds'
    }
    order.held = needed
    this.#keep(order)
    this.#tell('onOrder', order, 'new')
    this.#tell('onBalance', account, [asset])
    if (order.triggerPrice === null) this.#work(order, at)
    else this.#stops.add(order)
    return order
  }

  /** False when the order is over already. */
  cancel(order: SimulatedOrder, at: Micros, reason = 'User requested'): boolean {
    if (order.state !== 'open') return false
    if (this.#byBookId.delete(bookId(order))) this.market.cancel(order.instrument, bookId(order), at)
    this.#stops.delete(order)
    this.#end(order, 'canceled', reason, at)
    return true
  }

  /** Changes quantity, price or both; priority by the book's rule. A stop that waits is changed where it waits. */
  amend(order: SimulatedOrder, change: { quantity?: Lots; price?: Ticks }, at: Micros): Refusal | null {
    assert(order.state === 'open', 'only an open order is amended')
    const quantity = change.quantity ?? order.quantity
    const price = change.price ?? order.price
    if (quantity <= order.filled) return 'quantity_too_small'
    if (change.price !== undefined && order.price === null) return 'price_invalid'
    const refusal = this.#measure({ instrument: order.instrument, quantity, price, triggerPrice: order.triggerPrice })
    if (refusal !== null) return refusal
    const isWorking = this.#byBookId.has(bookId(order))
    if (isWorking && order.postOnly && this.#crosses(order, price!)) return 'would_cross'
    const asset = heldAsset(order)
    const before = { quantity: order.quantity, price: order.price }
    order.quantity = quantity
    order.price = price
    const needed = this.#needed(order)
    if (needed > order.held && !order.account.hold(asset, needed - order.held)) {
      order.quantity = before.quantity
      order.price = before.price
      return 'insufficient_funds'
    }
    if (needed < order.held) order.account.release(asset, order.held - needed)
    order.held = needed
    order.updatedAt = at
    this.#tell('onOrder', order, 'amended')
    this.#tell('onBalance', order.account, [asset])
    if (isWorking)
      this.market.amend(order.instrument, bookId(order), { price: price!, quantity: quantity - order.filled }, at)
    return null
  }

  /** Some venues let an open order go by another client id. */
  rename(order: SimulatedOrder, clientId: string): void {
    this.#byClientId.delete(clientKey(order.account, order.clientId ?? ''))
    order.clientId = clientId
    this.#byClientId.set(clientKey(order.account, clientId), order)
  }

  /** The instrument's rules, for new orders and for changed ones. */
  #measure(
    wish: Pick<NewSimulatedOrder, 'price' | 'quantity' | 'triggerPrice'> & { instrument: SimulatedInstrument },
  ): Refusal | null {
    const { instrument } = wish.instrument
    if (wish.quantity < instrument.quantityMin) return 'quantity_too_small'
    if (wish.quantity > instrument.quantityMax) return 'quantity_too_large'
    if (wish.price !== null && wish.price <= 0) return 'price_invalid'
    const price = wish.price ?? wish.triggerPrice ?? this.market.reference(wish.instrument)
    return notionalUnits(instrument, price, wish.quantity) < wish.instrument.notionalMin ? 'notional_too_small' : null
  }

  #check(account: Account, wish: NewSimulatedOrder): Refusal | null {
    const needsTrigger = wish.type === 'stop' || wish.type === 'stop_limit'
    if (needsTrigger && (wish.triggerPrice ?? 0) <= 0) return 'trigger_invalid'
    const refusal = this.#measure(wish)
    if (refusal !== null) return refusal
    if (this.openOrdersOf(account).length >= OPEN_ORDERS_MAX) return 'too_many_orders'
    if (wish.clientId !== null && this.#rules.clientIdReuse !== 'always') {
      const before = this.orderByClientId(account, wish.clientId)
      if (before !== undefined && (this.#rules.clientIdReuse === 'never' || before.state === 'open'))
        return 'duplicate_client_id'
    }
    const isRefused = wish.postOnly === true && this.#rules.postOnlyCrossing !== 'canceled'
    if (isRefused && wish.price !== null && this.#crosses(wish, wish.price)) return 'would_cross'
    return null
  }

  #crosses({ instrument, side }: Pick<SimulatedOrder, 'instrument' | 'side'>, price: Ticks): boolean {
    const best = this.market.best(instrument, side === 'buy' ? 'sell' : 'buy')
    return best !== undefined && (side === 'buy' ? price >= best : price <= best)
  }

  /** What must be held for what is open: the sale itself, or its price with the fee where that comes on top. */
  #needed(order: SimulatedOrder): bigint {
    const open = order.quantity - order.filled
    const { instrument, takerPpm } = order.instrument
    if (order.side === 'sell') return baseUnits(instrument, open)
    const waiting = order.triggered ? null : order.triggerPrice
    const worst = order.price ?? waiting ?? this.market.worst(order.instrument, 'buy', open)
    const value = notionalUnits(instrument, worst, open)
    return this.#rules.feeCharged === 'quote' ? value + feeUnits(value, takerPpm) : value
  }

  /** The order meets the book. */
  #work(order: SimulatedOrder, at: Micros): void {
    const isMarket = order.type === 'market' || order.type === 'stop'
    this.#byBookId.set(bookId(order), order)
    const quantity = order.quantity - order.filled
    const part = order.timeInForce === 'fok' ? null : this.#takePartial(quantity)
    const submit = (lots: Lots, timeInForce: TimeInForce, id: number) =>
      this.market.submit(
        order.instrument,
        {
          id,
          owner: OWNER,
          side: order.side,
          type: isMarket ? 'market' : 'limit',
          timeInForce,
          postOnly: order.postOnly,
          price: isMarket ? undefined : order.price!,
          quantity: lots,
        },
        at,
      )
    if (part !== null) {
      // A fault: only a part of the book answers, and the rest of the order goes on as its time in force says.
      submit(part, 'ioc', bookId(order))
      if (order.state !== 'open') return
      const rest = order.quantity - order.filled
      if (isMarket || order.timeInForce !== 'gtc') this.#dropRest(order, at)
      else submit(rest, 'gtc', bookId(order))
    } else submit(quantity, order.timeInForce, bookId(order))
    if (order.state === 'open' && !this.market.rests(order.instrument, bookId(order))) this.#dropRest(order, at)
  }

  #takePartial(quantity: Lots): Lots | null {
    if (this.partialNext === null || quantity < 2) return null
    const part = Math.max(1, Math.min(quantity - 1, Math.floor(quantity * this.partialNext)))
    this.partialNext = null
    return part
  }

  /** What neither filled nor rests is over. */
  #dropRest(order: SimulatedOrder, at: Micros): void {
    this.#byBookId.delete(bookId(order))
    const isKilled = order.timeInForce === 'fok' || order.type === 'market' || order.type === 'stop'
    this.#end(order, order.timeInForce === 'gtc' && !isKilled ? 'canceled' : 'expired', 'No more liquidity', at)
  }

  #onOutcome(instrument: SimulatedInstrument, outcome: BookOutcome<number>, at: Micros): void {
    if (outcome.type !== 'traded') return
    this.#last.trade += 1
    const { price, quantity, side } = outcome
    this.#tell('onTrade', instrument, { at, price, quantity, side, number: this.#last.trade })
    const maker = this.#byBookId.get(outcome.maker)
    const taker = this.#byBookId.get(outcome.taker)
    if (maker !== undefined) this.#fill(maker, price, quantity, 'maker', at)
    if (taker !== undefined) this.#fill(taker, price, quantity, 'taker', at)
    this.#trigger(instrument, price, at)
  }

  #fill(order: SimulatedOrder, price: Ticks, quantity: Lots, liquidity: 'maker' | 'taker', at: Micros): void {
    const { account } = order
    const { instrument, makerPpm, takerPpm } = order.instrument
    const value = notionalUnits(instrument, price, quantity)
    const base = baseUnits(instrument, quantity)
    const ppm = (liquidity === 'maker' ? makerPpm : takerPpm) + this.surchargePpm
    const isInBase = this.#rules.feeCharged === 'received' && order.side === 'buy'
    const fee = this.#affordable(order, feeUnits(isInBase ? base : value, ppm), value)
    const feeAsset = isInBase ? instrument.base : instrument.quote
    order.filled += quantity
    order.cost += BigInt(price) * BigInt(quantity)
    order.updatedAt = at
    order.fees.set(feeAsset, (order.fees.get(feeAsset) ?? 0n) + fee)
    if (order.side === 'sell') {
      this.#spend(order, instrument.base, base)
      account.receive(instrument.quote, value - fee)
    } else {
      this.#spend(order, instrument.quote, isInBase ? value : value + fee)
      account.receive(instrument.base, isInBase ? base - fee : base)
    }
    const isDone = order.filled >= order.quantity
    if (isDone) {
      order.state = 'filled'
      this.#byBookId.delete(bookId(order))
      account.release(heldAsset(order), order.held)
      order.held = 0n
    }
    const number = ++this.#last.fill
    const id = this.#rules.fillId(number)
    const fill: SimulatedFill = { id, number, order, price, quantity, liquidity, fee, feeAsset, at }
    this.#fills.push(fill)
    if (this.#fills.length > FILLS_KEPT_MAX) this.#fills.shift()
    this.#tell('onFill', fill)
    this.#tell('onOrder', order, 'trade')
    this.#tell('onBalance', account, [instrument.base, instrument.quote])
  }

  /** Fees are rounded up for each fill, and together may come to more than was foreseen: no one is charged what is not there. */
  #affordable(order: SimulatedOrder, fee: bigint, value: bigint): bigint {
    if (order.side === 'sell' || this.#rules.feeCharged === 'received') return fee
    const left = order.held + order.account.free(order.instrument.instrument.quote) - value
    return fee < left ? fee : left
  }

  /** Pays for a fill from what the order holds; a market order that walked further than was foreseen pays the rest freely. */
  #spend(order: SimulatedOrder, asset: string, units: bigint): void {
    const held = order.held < units ? order.held : units
    order.account.pay(asset, held)
    order.held -= held
    if (units > held) order.account.receive(asset, held - units)
    if (order.filled >= order.quantity) return
    const needed = this.#needed(order)
    if (order.held > needed) {
      order.account.release(asset, order.held - needed)
      order.held = needed
    }
  }

  #trigger(instrument: SimulatedInstrument, price: Ticks, at: Micros): void {
    for (const order of [...this.#stops]) {
      if (order.instrument !== instrument) continue
      const trigger = order.triggerPrice!
      if (order.side === 'buy' ? price < trigger : price > trigger) continue
      this.#stops.delete(order)
      order.triggered = true
      order.updatedAt = at
      this.#tell('onOrder', order, 'triggered')
      this.market.later(() => {
        if (order.state !== 'open') return
        if (this.#canPay(order)) this.#work(order, at)
        else this.#end(order, 'canceled', 'Insufficient funds', at)
      })
    }
  }

  /** Holds what a triggered order needs beyond what it held while it waited. */
  #canPay(order: SimulatedOrder): boolean {
    const more = this.#needed(order) - order.held
    if (more <= 0n) return true
    if (!order.account.hold(heldAsset(order), more)) return false
    order.held += more
    return true
  }

  #end(order: SimulatedOrder, state: 'canceled' | 'expired', reason: string, at: Micros): void {
    order.state = state
    order.reason = reason
    order.updatedAt = at
    const asset = heldAsset(order)
    order.account.release(asset, order.held)
    order.held = 0n
    this.#tell('onOrder', order, state)
    this.#tell('onBalance', order.account, [asset])
  }

  #keep(order: SimulatedOrder): void {
    this.#orders.set(order.id, order)
    if (order.clientId !== null) this.#byClientId.set(clientKey(order.account, order.clientId), order)
    if (this.#orders.size <= ORDERS_KEPT_MAX) return
    for (const [id, old] of this.#orders)
      if (old.state !== 'open') {
        this.#orders.delete(id)
        const key = old.clientId === null ? '' : clientKey(old.account, old.clientId)
        if (this.#byClientId.get(key) === old) this.#byClientId.delete(key)
        return
      }
  }

  #tell<Name extends keyof ExchangeListener>(name: Name, ...given: Parameters<ExchangeListener[Name]>): void {
    for (const listener of this.#listeners) (listener[name] as ((...all: typeof given) => void) | undefined)?.(...given)
  }
}

/** Of every client order in a book: the crowd has names of its own. */
const OWNER = 'client'
