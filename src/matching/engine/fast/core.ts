import type { Micros, Ticks } from '../../../kernel/index.ts'
import type { InstrumentRules, Phase } from '../command.ts'
import type { EngineLimits } from '../engine.ts'
import type { ReportSink, TradeReport } from '../report.ts'
import { NONE } from './arrays.ts'
import { Expiry } from './expiry.ts'
import { Funds } from './funds.ts'
import { Ladder } from './ladder.ts'
import { Names } from './names.ts'
import { Orders } from './orders.ts'
import { BUY } from './shape.ts'

/** The fast engine's state. Objects are made for accounts, assets and markets only, never for a command or an order. */
export class Core {
  readonly limits: EngineLimits
  sequence = 0
  at: Micros = 0
  /** Of the command that is being carried out. */
  sink: ReportSink = undefined as unknown as ReportSink
  readonly assets: Asset[] = []
  readonly accounts: Account[] = []
  readonly markets: Market[] = []
  readonly orders = new Orders()
  readonly funds: Funds
  readonly names: Names
  readonly expiry = new Expiry(this.orders)
  /** When the first phase ends that has an end, or infinity. */
  nextEnd = Number.POSITIVE_INFINITY
  /** Markets that this command has changed: the first `markedCount`. */
  readonly marked: Market[] = []
  markedCount = 0
  readonly trade: TradeReport = {
    trade: 0,
    instrument: 0,
    side: 'buy',
    price: 0,
    quantity: 0,
    maker: 0,
    taker: 0,
    makerAccount: 0,
    takerAccount: 0,
    makerFee: 0,
    takerFee: 0,
    makerOpen: 0,
    takerOpen: 0,
    isAuction: false,
  }

  constructor(limits: EngineLimits) {
    this.limits = limits
    this.funds = new Funds(limits.assetsMax)
    this.names = new Names(limits.clientIdsMax)
  }
}

export interface Asset {
  readonly code: string
  total: number
  fees: number
}

export class Account {
  makerPpm: number
  takerPpm: number
  /** Its open orders, linked by `older` and `newer`. */
  oldest = NONE
  newest = NONE

  constructor(makerPpm: number, takerPpm: number) {
    this.makerPpm = makerPpm
    this.takerPpm = takerPpm
  }
}

export class Market {
  readonly number: number
  readonly base: number
  readonly quote: number
  rules: InstrumentRules
  phase: Phase = 'closed'
  until: Micros = 0
  next: 'trading' | 'closed' = 'trading'
  reference: Ticks = 0
  last: Ticks = 0
  trades = 0
  readonly bids: Ladder
  readonly asks: Ladder
  readonly buyStops: Ladder
  readonly sellStops: Ladder
  isMarked = false
  /** Its last price, its stops or its phase have changed. */
  areStopsDue = false
  /** Something of its auction was changed. */
  isTouched = false

  constructor(orders: Orders, number: number, base: number, quote: number, rules: InstrumentRules) {
    this.number = number
    this.base = base
    this.quote = quote
    this.rules = rules
    this.bids = new Ladder(orders, true)
    this.asks = new Ladder(orders, false)
    this.buyStops = new Ladder(orders, false)
    this.sellStops = new Ladder(orders, true)
  }
}

export const sideOf = (market: Market, side: number): Ladder => (side === BUY ? market.bids : market.asks)
export const against = (market: Market, side: number): Ladder => (side === BUY ? market.asks : market.bids)
export const stopsOf = (market: Market, side: number): Ladder => (side === BUY ? market.buyStops : market.sellStops)

/** Whether an order of this side and limit trades at a price. */
export const crosses = (side: number, limit: Ticks, price: Ticks): boolean =>
  side === BUY ? limit >= price : limit <= price

export const isCrossed = ({ bids, asks }: Market): boolean =>
  bids.best !== NONE && asks.best !== NONE && bids.bestPrice >= asks.bestPrice

/** Looks at a market again when the command has been carried out. */
export function mark(core: Core, market: Market): void {
  if (market.isMarked) return
  market.isMarked = true
  core.marked[core.markedCount++] = market
}

export function touch(core: Core, market: Market): void {
  market.isTouched = true
  if (!market.isMarked) mark(core, market)
}
