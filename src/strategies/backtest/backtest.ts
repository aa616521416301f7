import { createHash } from 'node:crypto'
import {
  AppError,
  type Candle,
  type Fill,
  formatDecimal,
  type Instrument,
  type Lots,
  type MarketInput,
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
import { type AnyStrategy, type Effect, parseParameters, type Run, TradingNode } from '../../trading/index.ts'
import { PaperSettings } from '../../venues/index.ts'

/** What a backtest is made from. The same options and market give the same result, to the byte. */
export interface BacktestOptions {
  readonly instrument: Instrument
  readonly interval: Micros
  readonly strategy: AnyStrategy
  readonly parameters?: Readonly<Record<string, unknown>>
  /** Cash to start with, a decimal string in the quote asset. */
  readonly allocation: string
  readonly paper?: Partial<PaperSettings>
  readonly seed?: string
  /** The run's id; a fixed one unless a run that was recorded is to be repeated under its own. */
  readonly run?: RunId
}

export interface CandleBacktestOptions extends BacktestOptions {
  readonly candles: CandleColumns
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
  /** Market inputs: candles, or trades and books of a recording. */
  readonly bars: number
  readonly strategy: string
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
 * A strategy over a market of the past, through the node: the same loop, orders, risk and paper venue as in paper and
 * live. Feed it the market in order, then ask for the result.
 * @throws AppError `strategy.parameters_invalid`
 */
export class Backtest {
  readonly #options: BacktestOptions
  readonly #node: TradingNode
  readonly #effects: Effect[] = []
  readonly #account: Account
  readonly #daily: { at: Micros; equity: number }[] = []
  readonly #id: RunId
  #run: Run | null = null
  #first: Micros = 0
  #last: Micros = 0
  #dayEnds: Micros = 0
  #inputs = 0
  #exposed = 0

  constructor(options: BacktestOptions) {
    const { strategy } = options
    this.#options = options
    this.#id = options.run ?? RUN
    this.#node = new TradingNode({ strategies: name => (name === strategy.name ? strategy : undefined) })
    this.#account = new Account(options.instrument)
  }

  /** Candles from before the first input, to warm the indicators, and then the market. */
  start(at: Micros, history: readonly Candle[] = []): void {
    const { instrument, interval, strategy, parameters, allocation, paper, seed } = this.#options
    const setup = {
      id: this.#id,
      tenant: TENANT,
      name: strategy.name,
      strategy: strategy.name,
      instrument,
      interval,
      parameters: parameters ?? {},
      allocation,
      paper: PaperSettings.parse(paper ?? {}),
      seed: seed ?? '1',
    }
    this.#node.handle({ kind: 'command', at, data: { type: 'start_run', setup, history } })
    this.#run = this.#node.runs.get(this.#id)!
    this.#first = at
    this.#dayEnds = dayEnd(at)
  }

  feed(input: MarketInput): void {
    if (this.#run === null) this.start(input.kind === 'candle' ? input.data.openAt : input.at)
    const opens = input.kind === 'candle' ? input.data.openAt : input.at
    if (opens >= this.#dayEnds) {
      this.#daily.push({ at: this.#dayEnds, equity: this.#equity() })
      this.#dayEnds = dayEnd(opens)
    }
    this.#node.handle(input, this.#effects)
    if (this.#effects.length > 0) {
      this.#account.take(this.#effects)
      this.#effects.length = 0
    }
    this.#inputs += 1
    this.#last = input.at
    if (this.#run!.holding.quantity !== 0) this.#exposed += 1
  }

  /** @throws AppError `history.empty` when nothing was fed */
  result(): BacktestResult {
    const run = this.#run
    if (run === null || this.#inputs === 0)
      throw new AppError('history.empty', { rule: 'a backtest needs at least one candle' })
    const { instrument, interval, allocation, strategy, parameters } = this.#options
    const scale = notionalScale(instrument)
    return {
      instrument,
      interval,
      from: this.#first,
      to: this.#last,
      bars: this.#inputs,
      strategy: strategy.name,
      parameters: parseParameters(strategy, parameters ?? {}),
      allocation,
      orders: this.#account.orders,
      fills: this.#account.fills,
      roundTrips: this.#account.roundTrips,
      daily: [...this.#daily, { at: this.#last, equity: this.#equity() }],
      finalEquity: formatDecimal(run.equity, scale),
      fees: formatDecimal(run.holding.fees, scale),
      tradesHash: this.#account.hash(),
      exposure: this.#exposed / this.#inputs,
      error: run.error,
    }
  }

  #equity(): number {
    return toFloat(this.#run!.equity, notionalScale(this.#options.instrument))
  }
}

/**
 * A backtest over candles.
 * @throws AppError `strategy.parameters_invalid`, `history.empty`
 */
export function runBacktest(options: CandleBacktestOptions): BacktestResult {
  const { instrument, interval, candles, onProgress } = options
  const backtest = new Backtest(options)
  const step = Math.max(1, Math.floor(candles.length / 100))
  const { openAt, open, high, low, close, volume } = candles
  for (let i = 0; i < candles.length; i++) {
    const opens = openAt[i]!
    const data = { openAt: opens, open: open[i]!, high: high[i]!, low: low[i]!, close: close[i]!, volume: volume[i]! }
    backtest.feed({ kind: 'candle', instrument: instrument.id, at: opens + interval, interval, data })
    if (i % step === 0) onProgress?.(i / candles.length)
  }
  onProgress?.(1)
  return backtest.result()
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
