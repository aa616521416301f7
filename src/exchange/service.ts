import type { z } from 'zod'
import { AppError, type Micros, priceText, quantityText } from '../kernel/index.ts'
import type { TenantTx } from '../platform/index.ts'
import type { BookFeed } from './feed/book-feed.ts'
import type { ShardFeed } from './feed/shard-feed.ts'
import {
  type FillQuery,
  type FillTable,
  findFills,
  findFillsSince,
  findOrders,
  findTrades,
  type OrderQuery,
} from './history/store.ts'
import { amountText, type HouseMarket, houseId, ppmText } from './listing.ts'
import { setPhase } from './operating.ts'
import {
  ackOf,
  amendCommand,
  fillView,
  orderIdText,
  orderView,
  parseOrderId,
  placeCommand,
  repeatedAck,
  tradeView,
} from './orders.ts'
import { refused } from './refusals.ts'
import type { NewCommand } from './shard/command.ts'
import type { Done } from './shard/owner.ts'
import { refusalOf } from './shard/report.ts'
import type { ExchangeOptions, Part, Shards } from './shards.ts'
import type {
  AckView,
  BatchItemView,
  HouseBalanceView,
  HouseFillView,
  HouseInstrumentView,
  HouseOrderView,
  HouseTradeView,
  NewOrder,
  OrderChange,
  PhaseChange,
  StatusView,
} from './views.ts'

export type HouseOrderQuery = Omit<OrderQuery, 'owner' | 'pair' | 'id'> & { readonly instrument?: string }
export type HouseFillQuery = Omit<FillQuery, 'owner' | 'pair' | 'order'> & {
  readonly instrument?: string
  readonly order?: string
}

/**
 * The house exchange: orders of many participants on markets that are spread over shards. What is acknowledged is durable.
 * A participant is known by its owner's name; each shard it trades on has an account of its own for it.
 */
export class Exchange {
  readonly #shards: Shards
  readonly #options: Pick<ExchangeOptions, 'db' | 'tenant' | 'clock'>

  constructor(shards: Shards, options: Pick<ExchangeOptions, 'db' | 'tenant' | 'clock'>) {
    this.#shards = shards
    this.#options = options
  }

  instruments(): HouseInstrumentView[] {
    return this.#shards.markets().map(({ part, market }) => instrumentView(market, part.feed))
  }

  /** @throws AppError `request.invalid`, `exchange.refused`, `exchange.unavailable`, `exchange.busy` */
  async place(owner: string, order: NewOrder): Promise<AckView> {
    const { part, market } = this.#shards.marketOf(order.instrument)
    const account = await this.#shards.accountOn(part, owner)
    const command = placeCommand(market, account, order)
    if (order.session !== undefined) this.#shards.sessions.use(part, owner, account, order.session)
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
    const { part, market } = this.#shards.marketOf(houseId(row.pair))
    const account = await this.#shards.accountOn(part, owner)
    const done = await part.shard.submit(amendCommand(market, account, row.id, change))
    const reason = refusalOf(done.reports)
    if (reason !== null) throw refused(reason)
    return this.#afterwards(part, done, owner, id)
  }

  /** @throws AppError `order.unknown` */
  async cancel(owner: string, id: string): Promise<void> {
    const { shard, id: order } = parseOrderId(id)
    const part = this.#shards.parts[shard]
    const account = part?.shard.replica.accountOf(owner)
    if (part === undefined || account === undefined) throw new AppError('order.unknown', { field: 'id' })
    await this.#shards.submit(part, { kind: 'cancel', account, order, clientId: '' })
  }

  /** @throws AppError `order.unknown`; `request.invalid` without the instrument, which says where to look */
  async cancelByClientId(owner: string, instrument: string | undefined, clientId: string): Promise<void> {
    if (instrument === undefined)
      throw new AppError('request.invalid', { field: 'instrument', rule: 'is given with a client id' })
    const { part } = this.#shards.marketOf(instrument)
    const account = part.shard.replica.accountOf(owner)
    if (account === undefined) throw new AppError('order.unknown', { field: 'clientId' })
    await this.#shards.submit(part, { kind: 'cancel', account, order: 0, clientId })
  }

  /** Cancels every order, or those of one instrument; gives how many. */
  async cancelAll(owner: string, instrument?: string): Promise<number> {
    const only = instrument === undefined ? undefined : this.#shards.marketOf(instrument)
    let count = 0
    for (const part of only === undefined ? this.#shards.parts : [only.part]) {
      const account = part.shard.replica.accountOf(owner)
      if (account === undefined) continue
      const number = only?.market.number ?? -1
      const { reports } = await this.#shards.submit(part, {
        kind: 'cancel_all',
        account,
        instrument: number,
        session: 0,
      })
      count += reports.filter(report => report.type === 'canceled' && report.account === account).length
    }
    return count
  }

  /** Orders, newest first, once all that was acknowledged is written. @throws AppError `instrument.unknown`, `exchange.busy` */
  async orders(owner: string, { instrument, ...query }: HouseOrderQuery): Promise<HouseOrderView[]> {
    const pair = this.#pairOf(instrument)
    const rows = await this.history(tx => findOrders(tx, { ...query, ...pair, owner }))
    return rows.map(row => orderView(this.#shards.marketOf(houseId(row.pair)).market, row))
  }

  /** @throws AppError `order.unknown` */
  async order(owner: string, id: string): Promise<HouseOrderView> {
    const row = await this.#row(owner, id)
    return orderView(this.#shards.marketOf(houseId(row.pair)).market, row)
  }

  /**
   * Fills, newest first; `before` is not given together with an order or a time.
   * @throws AppError `instrument.unknown`, `request.invalid`, `exchange.busy`
   */
  async fills(owner: string, { instrument, order, ...query }: HouseFillQuery): Promise<HouseFillView[]> {
    if (query.before !== undefined && (order !== undefined || query.since !== undefined))
      throw new AppError('request.invalid', { field: 'before', rule: 'is not given with order or since' })
    const of = { ...this.#pairOf(instrument), ...(order === undefined ? {} : { order: parseOrderId(order) }) }
    const rows = await this.history(tx => findFills(tx, { ...query, ...of, owner }))
    return rows.map(row => this.#fillView(row))
  }

  /** Every fill since a time, oldest first. @throws AppError `exchange.busy` */
  async fillsSince(owner: string, since: Micros): Promise<HouseFillView[]> {
    const rows = await this.history(tx => findFillsSince(tx, { owner, since }))
    return rows.map(row => this.#fillView(row))
  }

  #fillView(row: FillTable): HouseFillView {
    return fillView(this.#shards.marketOf(houseId(row.pair)).market, row)
  }

  /** Trades of an instrument, newest first. @throws AppError `instrument.unknown`, `exchange.busy` */
  async trades(instrument: string, limit: number): Promise<HouseTradeView[]> {
    const { part, market } = this.#shards.marketOf(instrument)
    const { pair } = market.instrument
    const rows = await this.history(tx => findTrades(tx, this.#shards.parts.indexOf(part), pair, limit))
    return rows.map(row => tradeView(market, row))
  }

  /** What the owner's trading accounts hold, summed over the shards. */
  balances(owner: string): HouseBalanceView[] {
    const sums = new Map<string, { asset: { code: string; scale: number }; available: number; held: number }>()
    for (const { shard } of this.#shards.parts) {
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

  /** Opens, halts or closes a market, or begins an auction in it. @throws AppError `instrument.unknown`, `exchange.refused` */
  async setPhase(change: z.output<typeof PhaseChange>): Promise<HouseInstrumentView> {
    await setPhase(this.#shards, change.instrument, change.phase, change.until, change.next)
    const { part, market } = this.#shards.marketOf(change.instrument)
    return instrumentView(market, part.feed)
  }

  /** The public book of an instrument. @throws AppError `instrument.unknown` */
  book(instrument: string): BookFeed {
    const { part, market } = this.#shards.marketOf(instrument)
    return part.feed.book(market.number)
  }

  /** Asks the history once all that was acknowledged is written. @throws AppError `exchange.busy`, `database.unavailable` */
  async history<T>(read: (tx: TenantTx) => Promise<T>): Promise<T> {
    await this.#shards.written()
    return this.#options.db.tenant(this.#options.tenant, read)
  }

  /**
   * All that was sent about an instrument before is in the journal by now, or never will be, and the market's time is the present.
   * @throws AppError `instrument.unknown`, `exchange.unavailable`, `exchange.busy`
   */
  async caughtUp(instrument: string): Promise<void> {
    await this.#shards.submit(this.#shards.marketOf(instrument).part, { kind: 'tick' })
  }

  status(): StatusView {
    const shards = this.#shards.parts.map(({ shard, projector }, i) => ({
      shard: i,
      state: shard.state,
      sequence: shard.replica.sequence,
      historyLag: projector.lag,
    }))
    return { open: shards.every(({ state }) => state === 'owning'), now: this.#options.clock.now(), shards }
  }

  /** Carries out a transfer into (above zero) or out of a trading account; the same number again is the same transfer. */
  async move(shard: number, owner: string, asset: string, amount: number, transfer: number): Promise<Done> {
    const part = this.#shards.parts[shard]
    if (part === undefined) throw new AppError('request.invalid', { field: 'shard', rule: 'is one of the exchange' })
    const number = part.shard.replica.assets.findIndex(({ code }) => code === asset)
    if (number < 0) throw refused('unknown_asset')
    const account = await this.#shards.accountOn(part, owner)
    const kind = amount > 0 ? 'deposit' : 'withdraw'
    return part.shard.submit({ kind, account, asset: number, amount: Math.abs(amount), transfer })
  }

  /** Transfers of an account that have been carried out. */
  transfersOf(shard: number, owner: string): number {
    const replica = this.#shards.parts[shard]?.shard.replica
    const account = replica?.accountOf(owner)
    return account === undefined ? 0 : replica!.transfersOf(account)
  }

  async #ack(part: Part, market: HouseMarket, owner: string, done: Done): Promise<AckView> {
    const { command, reports } = done
    const reason = refusalOf(reports)
    if (reason !== null) throw refused(reason)
    const repeated = reports.find(report => report.type === 'repeated')
    const shard = this.#shards.parts.indexOf(part)
    if (repeated?.type === 'repeated') return this.#afterwards(part, done, owner, orderIdText(shard, repeated.order))
    const placed = command as Extract<NewCommand, { kind: 'place' }>
    const { clientId, quantity, trigger } = placed
    return ackOf(market, shard, command.sequence, done, { clientId, quantity, isStop: trigger > 0 })
  }

  async #row(owner: string, id: string) {
    const [row] = await this.history(tx => findOrders(tx, { owner, id: parseOrderId(id) }))
    if (row === undefined) throw new AppError('order.unknown', { field: 'id', rule: 'is an order of this account' })
    return row
  }

  /** An order as it stands after a command about it. That it cannot be read now proves nothing: the command was carried out. */
  async #afterwards(part: Part, done: Done, owner: string, id: string): Promise<AckView> {
    try {
      await this.#shards.settled(part, done)
      return repeatedAck(await this.order(owner, id))
    } catch (error) {
      throw new AppError('exchange.busy', { outcome: 'unknown' }, { cause: error })
    }
  }

  #pairOf(instrument: string | undefined): { pair?: string } {
    return instrument === undefined ? {} : { pair: this.#shards.marketOf(instrument).market.instrument.pair }
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
