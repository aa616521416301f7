import type { Lots, Micros, OrderId, VenueReport } from '../../kernel/index.ts'
import {
  fillReport,
  type OrdersKnown,
  type VenueExecution,
  type VenueListener,
  type VenueOrder,
} from '../../venues/index.ts'
import { amountText, type HouseMarket } from '../listing.ts'
import { fillIdText, orderIdText } from '../orders.ts'
import type { Done } from '../shard/owner.ts'
import type { Report } from '../shard/report.ts'
import type { Part } from '../shards.ts'
import { liquidityOf, timeInForceOf } from './orders.ts'

type ReportOf<K extends Report['type']> = Extract<Report, { type: K }>

/** An order of the account that is at work: what reports about it leave out. */
interface AtWork {
  readonly market: HouseMarket
  order: Omit<VenueOrder, 'state' | 'reason' | 'at'>
}

/** What is at work in a shard's engine, as its state has it. */
interface SavedMarkets {
  readonly markets: readonly Readonly<Record<'bids' | 'asks' | 'buyStops' | 'sellStops', readonly SavedOrder[]>>[]
}
type SavedOrder = Pick<VenueOrder, 'side' | 'type' | 'clientId'> & {
  readonly id: number
  readonly account: number
  readonly clientId: string
  readonly timeInForce: 'gtc' | 'ioc' | 'fok' | 'gtd'
  readonly price: number
  readonly quantity: Lots
  readonly open: Lots
}

export interface AccountWatchOptions {
  readonly part: Part
  readonly shard: number
  readonly owner: string
  readonly orders: OrdersKnown
  readonly listener: VenueListener
  /** Something of the account has changed: its balances may have. */
  readonly onTouched: (at: Micros) => void
}

/** An account on one shard, from what its journal did: each report once, in order, and fills before the end that they make. */
export class AccountWatch {
  readonly #options: AccountWatchOptions
  readonly #atWork = new Map<number, AtWork>()

  constructor(options: AccountWatchOptions) {
    this.#options = options
    this.restart()
  }

  /** Takes up what is at work now: a state was loaded, and what led to it may not have been told. */
  restart(): void {
    const { part, owner } = this.#options
    this.#atWork.clear()
    const account = part.shard.replica.accountOf(owner)
    if (account === undefined) return
    const { markets } = part.shard.replica.engine.state() as unknown as SavedMarkets
    markets.forEach(({ bids, asks, buyStops, sellStops }, number) => {
      for (const saved of [...bids, ...asks, ...buyStops, ...sellStops])
        if (saved.account === account) this.#take(saved.id, number, saved, saved.quantity - saved.open)
    })
  }

  onBatch(batch: readonly Done[]): void {
    const account = this.#options.part.shard.replica.accountOf(this.#options.owner)
    if (account === undefined) return
    let isTouched = false
    for (const { command, reports } of batch) {
      if (command.kind === 'place' && command.account === account && reports.some(isAccepted(command.sequence)))
        this.#take(command.sequence, command.instrument, command, 0)
      for (const report of reports) isTouched = this.#onReport(report, account, command.at) || isTouched
    }
    if (isTouched) this.#options.onTouched(batch.at(-1)!.command.at)
  }

  /** @returns whether it was about the account */
  #onReport(report: Report, account: number, at: Micros): boolean {
    if (report.type === 'traded') {
      if (report.makerAccount === account) this.#onFill(report, true, at)
      if (report.takerAccount === account) this.#onFill(report, false, at)
      return report.makerAccount === account || report.takerAccount === account
    }
    if (!('account' in report) || report.account !== account) return false
    if ('order' in report) this.#onOrder(report, at)
    return true
  }

  #onOrder(report: Exclude<Extract<Report, { order: number; account: number }>, ReportOf<'traded'>>, at: Micros): void {
    const known = this.#atWork.get(report.order)
    if (known === undefined) return
    switch (report.type) {
      case 'accepted':
        this.#tell(known, 'open', null, at, order => [
          { type: 'accepted', order, venueOrderId: known.order.venueOrderId, at },
        ])
        break
      case 'triggered':
        this.#tell(known, 'open', null, at, order => [{ type: 'triggered', order, at }])
        break
      case 'amended': {
        const quantity = known.order.filled + report.open
        const price = known.order.price === null ? null : report.price
        known.order = { ...known.order, quantity, price }
        this.#tell(known, 'open', null, at, order => [
          { type: 'updated', order, quantity, ...(price === null ? {} : { price }), at },
        ])
        break
      }
      case 'canceled': {
        const { reason } = report
        this.#atWork.delete(report.order)
        const isExpired = reason === 'expired'
        this.#tell(known, isExpired ? 'expired' : 'canceled', reason, at, order => [
          isExpired ? { type: 'expired', order, at } : { type: 'canceled', order, reason, at },
        ])
        break
      }
    }
  }

  #onFill(report: ReportOf<'traded'>, isMaker: boolean, at: Micros): void {
    const { orders, listener } = this.#options
    const [number, open, fee] = isMaker
      ? [report.maker, report.makerOpen, report.makerFee]
      : [report.taker, report.takerOpen, report.takerFee]
    const known = this.#atWork.get(number)
    if (known === undefined) return
    const { market, order } = known
    const { instrument, quote } = market
    const { price, quantity } = report
    known.order = { ...order, filled: order.filled + quantity }
    if (open === 0) this.#atWork.delete(number)
    const execution: VenueExecution = {
      id: fillIdText(instrument.pair, report.trade),
      venueOrderId: order.venueOrderId,
      clientId: order.clientId,
      instrument: instrument.id,
      side: order.side,
      price,
      quantity,
      liquidity: liquidityOf(report.isAuction ? 'auction' : isMaker ? 'maker' : 'taker'),
      feeAmount: amountText(quote, fee),
      feeAsset: quote.code,
      at,
    }
    const ours = orders.byClient(order.clientId)
    if (ours === undefined) listener.onExternal(execution)
    else listener.onReport(fillReport(instrument, ours.request.id, execution))
  }

  #tell(
    { order }: AtWork,
    state: VenueOrder['state'],
    reason: string | null,
    at: Micros,
    reports: (order: OrderId) => readonly VenueReport[],
  ): void {
    const { orders, listener } = this.#options
    const ours = orders.byClient(order.clientId)
    if (ours === undefined) {
      listener.onExternal({ ...order, state, reason, at })
      return
    }
    orders.learn(ours, order.instrument, order.venueOrderId)
    for (const report of reports(ours.request.id)) listener.onReport(report)
  }

  #take(number: number, instrument: number, placed: Omit<SavedOrder, 'id' | 'account' | 'open'>, filled: Lots): void {
    const { part, shard } = this.#options
    const market = part.markets[instrument]!
    const { clientId, side, type, timeInForce, price, quantity } = placed
    this.#atWork.set(number, {
      market,
      order: {
        venueOrderId: orderIdText(shard, number),
        clientId: clientId === '' ? null : clientId,
        instrument: market.instrument.id,
        side,
        type,
        timeInForce: timeInForceOf(timeInForce),
        // A stop without a limit is kept with the price that it was held for.
        price: type === 'limit' || type === 'stop_limit' ? price : null,
        quantity,
        filled,
      },
    })
  }
}

const isAccepted = (order: number) => (report: Report) => report.type === 'accepted' && report.order === order
