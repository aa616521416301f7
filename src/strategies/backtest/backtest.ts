import { createHash } from 'node:crypto'
import {
  AppError,
  type Fill,
  formatDecimal,
  type Instrument,
  type Lots,
  MICROS_PER_DAY,
  type Micros,
  notionalScale,
  priceText,
  quantityText,
  type RunId,
  type TenantId,
  toFloat,
} from '../../kernel/index.ts'
import type { CandleColumns } from '../../market/index.ts'
import { type AnyStrategy, type Effect, TradingNode } from '../../trading/index.ts'
import { PaperSettings } from '../../venues/index.ts'

/** What a backtest is made from. The same options give the same result, to the byte. */
export interface BacktestOptions {
  readonly instrument: Instrument
  readonly interval: Micros
  readonly candles: CandleColumns
  readonly strategy: AnyStrategy
  readonly parameters?: Readonly<Record<string, unknown>>
  /** Cash to start with, a decimal string in the quote asset. */
  readonly allocation: string
  readonly paper?: Partial<PaperSettings>
  readonly seed?: string
  /** Called about a hundred times with the share done, 0 to 1. */
  readonly onProgress?: (share: number) => void
}

/** From flat to flat: amounts in the quote asset, net of fees. */
export interface RoundTrip {
  readonly side: 'long' | 'short'
  readonly openedAt: Micros
  readonly closedAt: Micros
  readonly quantity: Lots
  readonly profit: number
  readonly fees: number
}

export interface BacktestResult {
  readonly instrument: Instrument
  readonly interval: Micros
  readonly from: Micros
  readonly to: Micros
  readonly bars: number
  readonly parameters: Readonly<Record<string, unknown>>
  readonly allocation: string
  readonly orders: {
    readonly placed: number
    readonly denied: number
    readonly filled: number
    readonly canceled: number
  }
  readonly fills: readonly Fill[]
  readonly roundTrips: readonly RoundTrip[]
  /** Equity at the close of every UTC day that has a candle, and at the end. */
  readonly daily: readonly { readonly at: Micros; readonly equity: number }[]
  readonly finalEquity: string
  readonly fees: string
  /** SHA-256 over every fill in order: time, order, side, price, quantity, fee. */
  readonly tradesHash: string
  /** Share of candles with a position. */
  readonly exposure: number
  readonly error: string | null
}

/** A fixed run and tenant: a backtest belongs to nobody, and its ids must not differ from run to run. */
const RUN = '00000000-0000-8000-8000-000000000001' as RunId
const TENANT = '00000000-0000-8000-8000-000000000000' as TenantId

/**
 * Runs a strategy over candles through the node: the same loop, orders, risk and paper venue as in paper and live.
 * @throws AppError `strategy.parameters_invalid`, `history.empty`
 */
export function runBacktest(options: BacktestOptions): BacktestResult {
  const { instrument, interval, candles, strategy } = options
  if (candles.length === 0) throw new AppError('history.empty', { rule: 'a backtest needs at least one candle' })
  const parameters = options.parameters ?? {}
  const node = new TradingNode({ strategies: name => (name === strategy.name ? strategy : undefined) })
  const effects: Effect[] = []
  const setup = {
    id: RUN,
    tenant: TENANT,
    name: strategy.name,
    strategy: strategy.name,
    instrument,
    interval,
    parameters,
    allocation: options.allocation,
    paper: PaperSettings.parse(options.paper ?? {}),
    seed: options.seed ?? '1',
  }
  const first = candles.openAt[0]!
  node.handle({ kind: 'command', at: first, data: { type: 'start_run', setup } }, effects)
  const run = node.runs.get(RUN)!
  const account = new Account(instrument)
  const daily: { at: Micros; equity: number }[] = []
  const equity = () => toFloat(run.equity, notionalScale(instrument))
  const step = Math.max(1, Math.floor(candles.length / 100))
  let dayEnds = dayEnd(first)
  let exposed = 0
  effects.length = 0

  const { openAt, open, high, low, close, volume } = candles
  for (let i = 0; i < candles.length; i++) {
    const opens = openAt[i]!
    if (opens >= dayEnds) {
      daily.push({ at: dayEnds, equity: equity() })
      dayEnds = dayEnd(opens)
    }
    const data = { openAt: opens, open: open[i]!, high: high[i]!, low: low[i]!, close: close[i]!, volume: volume[i]! }
    node.handle({ kind: 'candle', instrument: instrument.id, at: opens + interval, interval, data }, effects)
    if (effects.length > 0) {
      account.take(effects)
      effects.length = 0
    }
    if (run.holding.quantity !== 0) exposed += 1
    if (i % step === 0) options.onProgress?.(i / candles.length)
  }
  options.onProgress?.(1)
  const last = openAt[candles.length - 1]! + interval
  daily.push({ at: last, equity: equity() })

  return {
    instrument,
    interval,
    from: first,
    to: last,
    bars: candles.length,
    parameters: strategy.parameters.parse(parameters) as Record<string, unknown>,
    allocation: options.allocation,
    orders: account.orders,
    fills: account.fills,
    roundTrips: account.roundTrips,
    daily,
    finalEquity: formatDecimal(run.equity, notionalScale(instrument)),
    fees: formatDecimal(run.holding.fees, notionalScale(instrument)),
    tradesHash: account.hash(),
    exposure: exposed / candles.length,
    error: run.error,
  }
}

const dayEnd = (at: Micros): Micros => Math.floor(at / MICROS_PER_DAY) * MICROS_PER_DAY + MICROS_PER_DAY

/** Collects what a backtest reports from the node's effects. */
class Account {
  readonly fills: Fill[] = []
  readonly roundTrips: RoundTrip[] = []
  readonly orders = { placed: 0, denied: 0, filled: 0, canceled: 0 }
  readonly #instrument: Instrument
  #quantity = 0
  #openedAt: Micros = 0
  #largest = 0
  /** Signed cash flow of the open round trip, before fees, and its fees. */
  #flow = 0n
  #fees = 0n

  constructor(instrument: Instrument) {
    this.#instrument = instrument
  }

  take(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind !== 'persist') continue
      const { event, order } = effect
      switch (event.type) {
        case 'order.initialized':
          this.orders.placed += 1
          break
        case 'order.denied':
          this.orders.denied += 1
          break
        case 'order.canceled':
          this.orders.canceled += 1
          break
        case 'order.filled':
        case 'order.partially_filled': {
          if (event.type === 'order.filled') this.orders.filled += 1
          const { id, side, instrument } = order.request
          const { price, quantity, liquidity, fee } = event.fill
          this.#book({ id: event.fill.id, order: id, instrument, side, price, quantity, liquidity, fee, at: event.at })
          break
        }
      }
    }
  }

  /** One line a fill, in decimals, so that the hash means the same whatever the units inside. */
  hash(): string {
    const scale = notionalScale(this.#instrument)
    const hash = createHash('sha256')
    for (const fill of this.fills)
      hash.update(
        `${fill.at},${fill.order},${fill.side},${priceText(this.#instrument, fill.price)},${quantityText(this.#instrument, fill.quantity)},${formatDecimal(fill.fee, scale)}\n`,
      )
    return hash.digest('hex')
  }

  #book(fill: Fill): void {
    this.fills.push(fill)
    const signed = fill.side === 'buy' ? fill.quantity : -fill.quantity
    if (this.#quantity === 0) this.#open(fill.at)
    const closing =
      Math.sign(signed) !== Math.sign(this.#quantity) ? Math.min(Math.abs(signed), Math.abs(this.#quantity)) : 0
    this.#flow -= BigInt(signed) * BigInt(fill.price) * BigInt(this.#instrument.tickSize * this.#instrument.lotSize)
    this.#fees += fill.fee
    this.#quantity += signed
    this.#largest = Math.max(this.#largest, Math.abs(this.#quantity))
    if (this.#quantity === 0 && closing > 0) this.#close(fill)
  }

  #open(at: Micros): void {
    this.#openedAt = at
    this.#flow = 0n
    this.#fees = 0n
    this.#largest = 0
  }

  #close(fill: Fill): void {
    const scale = notionalScale(this.#instrument)
    this.roundTrips.push({
      side: fill.side === 'sell' ? 'long' : 'short',
      openedAt: this.#openedAt,
      closedAt: fill.at,
      quantity: this.#largest,
      profit: toFloat(this.#flow - this.#fees, scale),
      fees: toFloat(this.#fees, scale),
    })
  }
}
