import {
  AppError,
  type Clock,
  type InstrumentId,
  type Micros,
  priceText,
  quantityText,
  type TenantId,
  type Timers,
} from '../kernel/index.ts'
import type { EngineLimits } from '../matching/index.ts'
import type { Database, Log, TenantTx } from '../platform/index.ts'
import { ShardFeed } from './feed/shard-feed.ts'
import type { Posting } from './history/projection.ts'
import { Projector } from './history/projector.ts'
import { findFills, findOrders } from './history/store.ts'
import { amountText, type HouseMarket, type MarketSpec, marketOf, ppmText, rulesOf } from './listing.ts'
import {
  ackOf,
  amendCommand,
  fillView,
  orderIdText,
  orderView,
  parseOrderId,
  placeCommand,
  repeatedAck,
} from './orders.ts'
import { refused } from './refusals.ts'
import type { NewCommand } from './shard/command.ts'
import type { Done } from './shard/owner.ts'
import type { EngineMaker, Replica } from './shard/replica.ts'
import { refusalOf } from './shard/report.ts'
import { Shard } from './shard/shard.ts'
import type {
  AckView,
  BatchItemView,
  HouseBalanceView,
  HouseFillView,
  HouseInstrumentView,
  HouseOrderView,
  NewOrder,
  OrderChange,
  StatusView,
} from './views.ts'

/** How long a question about orders waits for what was acknowledged to be written. */
const HISTORY_WAIT_MS = 2_000

export interface ExchangeOptions {
  /** The operator, in whose books the participants are. */
  readonly tenant: TenantId
  readonly shards: number
  readonly maker: EngineMaker
  readonly limits: EngineLimits
  readonly db: Database
  readonly url: string
  readonly owner: string
  readonly post: (tx: TenantTx, shard: number, postings: readonly Posting[]) => Promise<void>
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
}

/** One shard with what is made from it: its feed and its history. */
interface Part {
  readonly shard: Shard
  readonly feed: ShardFeed
  readonly projector: Projector
  /** One account at a time is opened, since each takes the next number. */
  opening: Promise<unknown>
}

/**
 * The house exchange: orders of many participants on markets that are spread over shards. What is acknowledged is durable.
 * A participant is known by its owner's name; each shard it trades on has an account of its own for it.
 */
export class Exchange {
  readonly #options: ExchangeOptions
  readonly #parts: Part[] = []
  readonly #markets = new Map<InstrumentId, { part: Part; market: HouseMarket }>()

  constructor(options: ExchangeOptions) {
    this.#options = options
    for (let shard = 0; shard < options.shards; shard++) this.#parts.push(this.#partOf(shard))
  }

  /** Loads every shard and begins to wait for its lease. */
  async start(): Promise<void> {
    for (const { shard } of this.#parts) await shard.start()
  }

  async stop(): Promise<void> {
    for (const { shard, projector } of this.#parts) {
      await shard.stop()
      await projector.stop()
    }
  }

  get shards(): readonly Shard[] {
    return this.#parts.map(({ shard }) => shard)
  }

  get feeds(): readonly ShardFeed[] {
    return this.#parts.map(({ feed }) => feed)
  }

  /** Lists a market on a shard, with its assets where they are new. The same again changes its rules. @throws AppError */
  async list(shard: number, spec: MarketSpec, scales: { base: number; quote: number }): Promise<void> {
    const part = this.#parts[shard]
    if (part === undefined) throw new AppError('request.invalid', { field: 'shard', rule: 'is one of the exchange' })
    const [base, quote] = spec.pair.split('/') as [string, string]
    const baseNumber = await this.#asset(part, base, scales.base)
    const quoteNumber = await this.#asset(part, quote, scales.quote)
    const { instruments } = part.shard.replica
    const known = instruments.findIndex(({ pair }) => pair === spec.pair)
    const { pair, tick, lot } = spec
    const rules = rulesOf(spec, scales.base, scales.quote)
    await this.#do(part, {
      kind: 'add_instrument',
      instrument: known < 0 ? instruments.length : known,
      base: baseNumber,
      quote: quoteNumber,
      rules,
      pair,
      tick,
      lot,
    })
  }

  /** Opens, halts or closes a market, or begins an auction in it. @throws AppError */
  async setPhase(
    instrument: string,
    phase: HouseInstrumentView['phase'],
    until: Micros = 0,
    next: 'trading' | 'closed' = 'trading',
  ): Promise<void> {
    const { part, market } = this.#marketOf(instrument)
    await this.#do(part, { kind: 'set_phase', instrument: market.number, phase, until, next })
  }

  /** Sets the price that bands and halts are measured from. @throws AppError */
  async setReference(instrument: string, price: number): Promise<void> {
    const { part, market } = this.#marketOf(instrument)
    await this.#do(part, { kind: 'set_reference', instrument: market.number, price })
  }

  markets(): readonly HouseMarket[] {
    return [...this.#markets.values()].map(({ market }) => market)
  }

  instruments(): HouseInstrumentView[] {
    return [...this.#markets.values()].map(({ part, market }) => instrumentView(market, part.feed))
  }

  /** @throws AppError `request.invalid`, `exchange.refused`, `exchange.unavailable`, `exchange.busy` */
  async place(owner: string, order: NewOrder): Promise<AckView> {
    const { part, market } = this.#marketOf(order.instrument)
    const account = await this.#account(part, owner)
    const command = placeCommand(market, account, order)
    const done = await part.shard.submit(command)
    return this.#ack(part, market, owner, done)
  }

  /** Each order by itself: one that is refused does not keep the others from being taken. */
  placeAll(owner: string, orders: readonly NewOrder[]): Promise<BatchItemView[]> {
    return Promise.all(
      orders.map(order =>
        this.place(owner, order).then(
          (ack): BatchItemView => ({ order: ack }),
          (error): BatchItemView => {
            if (!(error instanceof AppError) || error.status >= 500) throw error
            const { reason, field, rule } = error.details
            const detail = [field, rule].filter(part => part !== undefined).join(': ')
            return { error: { code: error.code, reason: String(reason ?? 'invalid'), detail } }
          },
        ),
      ),
    )
  }

  /** @throws AppError `order.unknown`, `request.invalid`, `exchange.refused` */
  async amend(owner: string, id: string, change: OrderChange): Promise<AckView> {
    const row = await this.#row(owner, id)
    const { part, market } = this.#marketOf(`house:${row.pair}`)
    const account = await this.#account(part, owner)
    const done = await part.shard.submit(amendCommand(market, account, row.id, change))
    const reason = refusalOf(done.reports)
    if (reason !== null) throw refused(reason)
    await this.#settled(part, done)
    return repeatedAck(await this.order(owner, id))
  }

  /** @throws AppError `order.unknown` */
  async cancel(owner: string, id: string): Promise<void> {
    const { shard, id: order } = parseOrderId(id)
    const part = this.#parts[shard]
    const account = part?.shard.replica.accountOf(owner)
    if (part === undefined || account === undefined) throw new AppError('order.unknown', { field: 'id' })
    await this.#do(part, { kind: 'cancel', account, order, clientId: '' })
  }

  /** @throws AppError `order.unknown` */
  async cancelByClientId(owner: string, instrument: string, clientId: string): Promise<void> {
    const { part } = this.#marketOf(instrument)
    const account = part.shard.replica.accountOf(owner)
    if (account === undefined) throw new AppError('order.unknown', { field: 'clientId' })
    await this.#do(part, { kind: 'cancel', account, order: 0, clientId })
  }

  /** Cancels every order, or those of one instrument; gives how many. */
  async cancelAll(owner: string, instrument?: string): Promise<number> {
    const only = instrument === undefined ? undefined : this.#marketOf(instrument)
    let count = 0
    for (const part of only === undefined ? this.#parts : [only.part]) {
      const account = part.shard.replica.accountOf(owner)
      if (account === undefined) continue
      const number = only?.market.number ?? -1
      const { reports } = await this.#do(part, { kind: 'cancel_all', account, instrument: number, session: 0 })
      count += reports.filter(report => report.type === 'canceled' && report.account === account).length
    }
    return count
  }

  /** Orders, newest first, once all that was acknowledged is written. */
  async orders(owner: string, query: Omit<Parameters<typeof findOrders>[1], 'owner'>): Promise<HouseOrderView[]> {
    await this.#written()
    const { db, tenant } = this.#options
    const rows = await db.tenant(tenant, tx => findOrders(tx, { ...query, owner }))
    return rows.map(row => orderView(this.#marketOf(`house:${row.pair}`).market, row))
  }

  /** @throws AppError `order.unknown` */
  async order(owner: string, id: string): Promise<HouseOrderView> {
    const row = await this.#row(owner, id)
    return orderView(this.#marketOf(`house:${row.pair}`).market, row)
  }

  /** Fills, newest first. */
  async fills(owner: string, query: Omit<Parameters<typeof findFills>[1], 'owner'>): Promise<HouseFillView[]> {
    await this.#written()
    const { db, tenant } = this.#options
    const rows = await db.tenant(tenant, tx => findFills(tx, { ...query, owner }))
    return rows.map(row => fillView(this.#marketOf(`house:${row.pair}`).market, row))
  }

  /** What the owner's trading accounts hold, summed over the shards. */
  balances(owner: string): HouseBalanceView[] {
    const sums = new Map<string, { asset: { code: string; scale: number }; available: number; held: number }>()
    for (const { shard } of this.#parts) {
      const { replica } = shard
      const account = replica.accountOf(owner)
      if (account === undefined) continue
      for (const { asset, available, held } of replica.engine.balances(account)) {
        const listed = replica.assets[asset]!
        const sum = sums.get(listed.code) ?? { asset: listed, available: 0, held: 0 }
        sum.available += available
        sum.held += held
        sums.set(listed.code, sum)
      }
    }
    return [...sums.values()].map(({ asset, available, held }) => ({
      asset: asset.code,
      available: amountText(asset, available),
      held: amountText(asset, held),
    }))
  }

  status(): StatusView {
    const shards = this.#parts.map(({ shard, projector }, i) => ({
      shard: i,
      state: shard.state,
      sequence: shard.replica.sequence,
      historyLag: projector.lag,
    }))
    return { open: shards.every(({ state }) => state === 'owning'), now: this.#options.clock.now(), shards }
  }

  /** Carries out a transfer into (above zero) or out of a trading account; the same number again is the same transfer. */
  async move(shard: number, owner: string, asset: string, amount: number, transfer: number): Promise<Done> {
    const part = this.#parts[shard]
    if (part === undefined) throw new AppError('request.invalid', { field: 'shard', rule: 'is one of the exchange' })
    const number = part.shard.replica.assets.findIndex(({ code }) => code === asset)
    if (number < 0) throw refused('unknown_asset')
    const account = await this.#account(part, owner)
    const kind = amount > 0 ? 'deposit' : 'withdraw'
    return part.shard.submit({ kind, account, asset: number, amount: Math.abs(amount), transfer })
  }

  /** Transfers of an account that have been carried out. */
  transfersOf(shard: number, owner: string): number {
    const replica = this.#parts[shard]?.shard.replica
    const account = replica?.accountOf(owner)
    return account === undefined ? 0 : replica!.transfersOf(account)
  }

  #partOf(number: number): Part {
    const { tenant, post, ...rest } = this.#options
    const name = { tenant, shard: number }
    const feed = new ShardFeed()
    const projector: Projector = new Projector({
      ...rest,
      name,
      names: {
        market: instrument => this.#marketByNumber(part.shard.replica, instrument),
        owner: account => part.shard.replica.owners[account]!,
      },
      post: (tx, postings) => post(tx, number, postings),
    })
    const shard: Shard = new Shard({
      ...rest,
      name,
      onLoad: replica => feed.load(replica),
      onBatch: batch => {
        this.#listMarkets(part, batch)
        feed.onBatch(batch)
        projector.offer(batch)
      },
      onOwn: replica => {
        this.#listMarkets(part)
        projector.start(replica.sequence)
      },
      onLost: () => void projector.stop(),
    })
    const part: Part = { shard, feed, projector, opening: Promise.resolve() }
    return part
  }

  #listMarkets(part: Part, batch?: readonly Done[]): void {
    if (batch !== undefined && !batch.some(({ command }) => command.kind === 'add_instrument')) return
    const { instruments, assets } = part.shard.replica
    instruments.forEach((listed, number) => {
      const market = marketOf(listed, number, assets)
      this.#markets.set(market.instrument.id, { part, market })
    })
  }

  #marketByNumber(replica: Replica, instrument: number): HouseMarket {
    return marketOf(replica.instruments[instrument]!, instrument, replica.assets)
  }

  #marketOf(instrument: string) {
    const known = this.#markets.get(instrument as InstrumentId)
    if (known === undefined) throw new AppError('instrument.unknown', { field: 'instrument', rule: 'is listed here' })
    return known
  }

  async #do(part: Part, command: NewCommand): Promise<Done> {
    const done = await part.shard.submit(command)
    const reason = refusalOf(done.reports)
    if (reason !== null) throw refused(reason)
    return done
  }

  async #asset(part: Part, code: string, scale: number): Promise<number> {
    const { assets } = part.shard.replica
    const known = assets.findIndex(asset => asset.code === code)
    if (known >= 0) return known
    await this.#do(part, { kind: 'add_asset', asset: assets.length, code, scale })
    return part.shard.replica.assets.findIndex(asset => asset.code === code)
  }

  /** The owner's account on a shard, opened when it is new. */
  async #account(part: Part, owner: string): Promise<number> {
    const known = part.shard.replica.accountOf(owner)
    if (known !== undefined) return known
    const opened = part.opening.then(async () => {
      const { replica } = part.shard
      if (replica.accountOf(owner) === undefined)
        await this.#do(part, { kind: 'add_account', account: replica.owners.length, owner })
      return replica.accountOf(owner)!
    })
    part.opening = opened.catch(() => {})
    return opened
  }

  async #ack(part: Part, market: HouseMarket, owner: string, done: Done): Promise<AckView> {
    const { command, reports } = done
    const reason = refusalOf(reports)
    if (reason !== null) throw refused(reason)
    const repeated = reports.find(report => report.type === 'repeated')
    const shard = this.#parts.indexOf(part)
    if (repeated?.type === 'repeated') {
      await this.#settled(part, done)
      return repeatedAck(await this.order(owner, orderIdText(shard, repeated.order)))
    }
    const placed = command as Extract<NewCommand, { kind: 'place' }>
    const { clientId, quantity, trigger } = placed
    return ackOf(market, shard, command.sequence, done, { clientId, quantity, isStop: trigger > 0 })
  }

  async #row(owner: string, id: string) {
    const { db, tenant } = this.#options
    await this.#written()
    const [row] = await db.tenant(tenant, tx => findOrders(tx, { owner, id: parseOrderId(id) }))
    if (row === undefined) throw new AppError('order.unknown', { field: 'id', rule: 'is an order of this account' })
    return row
  }

  #settled(part: Part, { command }: Done): Promise<void> {
    return this.#within(part.projector.reached(command.sequence))
  }

  /** All that was acknowledged so far is written. @throws AppError `exchange.busy` when that takes too long */
  async #written(): Promise<void> {
    await this.#within(
      Promise.all(this.#parts.map(({ shard, projector }) => projector.reached(shard.replica.sequence))).then(() => {}),
    )
  }

  async #within(written: Promise<void>): Promise<void> {
    const { timers } = this.#options
    let isLate = false
    let stop: () => void = () => {}
    const late = new Promise<void>(resolve => {
      const timer = timers.after(HISTORY_WAIT_MS, () => {
        isLate = true
        resolve()
      })
      stop = () => timer.cancel()
    })
    await Promise.race([written, late])
    stop()
    if (isLate) throw new AppError('exchange.busy', { rule: 'the history of orders is behind; ask again' })
  }
}

function instrumentView(market: HouseMarket, feed: ShardFeed): HouseInstrumentView {
  const { instrument, rules } = market
  const { phase, until, indicative } = feed.standing(market.number)
  return {
    id: instrument.id,
    pair: instrument.pair,
    base: instrument.base,
    quote: instrument.quote,
    tick: priceText(instrument, 1),
    lot: quantityText(instrument, 1),
    quantityMin: quantityText(instrument, rules.quantityMin),
    quantityMax: quantityText(instrument, rules.quantityMax),
    priceMax: priceText(instrument, rules.priceMax),
    notionalMin: instrument.notionalMin,
    bandRate: ppmText(rules.bandPpm),
    protectionRate: ppmText(rules.protectionPpm),
    phase,
    phaseUntil: until === 0 ? null : until,
    indicativePrice: indicative === null ? null : priceText(instrument, indicative.price),
    indicativeQuantity: indicative === null ? null : quantityText(instrument, indicative.quantity),
  }
}
