import type { z } from 'zod'
import {
  AppError,
  type BookSnapshot,
  type Candle,
  type Fill,
  type Instrument,
  type Lots,
  type Micros,
  type OrderId,
  type OrderType,
  type Random,
  type Refusal,
  type Side,
  type Ticks,
  type TimeInForce,
  type Trade,
} from '../../kernel/index.ts'
import type { Order } from '../orders/order.ts'

/** What JSON can hold: a strategy's memory is saved as it is and comes back as it was. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** What a strategy wishes for; the node gives it an id, checks risk and sends it. */
export interface NewOrder {
  readonly side: Side
  readonly quantity: Lots
  readonly type?: OrderType
  readonly timeInForce?: TimeInForce
  readonly price?: Ticks
  readonly triggerPrice?: Ticks
  readonly postOnly?: boolean
  /** Why, in a few words: it is shown with the order for good. */
  readonly reason: string
}

/**
 * All that a strategy can see and do. Time and data come from here alone, and a candle is served only once it is
 * closed: looking ahead cannot be written.
 */
export interface Context<Parameters, Indicators, Memory> {
  readonly now: Micros
  readonly instrument: Instrument
  readonly parameters: Parameters
  /** Fed with every closed candle before `onCandle` is called. */
  readonly indicators: Indicators
  /** JSON, and all that the strategy remembers: it is saved with every intent. */
  state: Memory
  /** Whether `warmup` candles have been seen. */
  readonly isWarm: boolean
  /** Signed lots. */
  readonly position: Lots
  /** What the run is worth and what it has to spend, in the quote asset. For sizing; the books are kept exactly elsewhere. */
  readonly equity: number
  readonly cash: number
  readonly lastPrice: Ticks | null
  readonly openOrders: readonly Order[]
  /** Seeded: a replay sees the same numbers. */
  readonly random: Random
  /** The last closed candles, oldest first; at most `warmup` of them. */
  history(count: number): readonly Candle[]
  /** Places an order; gives its id, or why risk denied it. */
  place(order: NewOrder): OrderId | Refusal
  /** Asks for an order to be canceled; false when it is not open. */
  cancel(order: OrderId): boolean
  /** Calls `onTimer(name)` at the first input at or after `at`; a second timer of that name replaces the first. */
  setTimer(name: string, at: Micros): void
}

/** Timers that a run may have set at once. */
export const TIMERS_MAX = 100

/**
 * A strategy: the same object runs in backtest, paper and live. Hooks must be pure but for what they do through the
 * context. Indicators are objects of `trading-signals`; how `feed` gives them a candle is all they may depend on, so
 * that they can be built again from candles after a restart.
 */
export interface Strategy<Parameters = unknown, Indicators = unknown, Memory = Json> {
  /** Lower case, unique. */
  readonly name: string
  readonly title: string
  readonly description: string
  /** Every parameter has a default, a bound and a description. */
  readonly parameters: z.ZodType<Parameters>
  /** Candles until the indicators no longer show where they started. */
  warmup(parameters: Parameters): number
  indicators(parameters: Parameters): Indicators
  feed(indicators: Indicators, candle: Candle): void
  memory(parameters: Parameters): Memory
  onCandle?(candle: Candle, context: Context<Parameters, Indicators, Memory>): void
  onTrade?(trade: Trade, context: Context<Parameters, Indicators, Memory>): void
  onBook?(book: BookSnapshot, context: Context<Parameters, Indicators, Memory>): void
  onFill?(fill: Fill, context: Context<Parameters, Indicators, Memory>): void
  onTimer?(name: string, context: Context<Parameters, Indicators, Memory>): void
}

/** Any strategy, where its own types do not matter. */
// biome-ignore lint/suspicious/noExplicitAny: a list of strategies holds many parameter types, and variance forbids unknown
export type AnyStrategy = Strategy<any, any, any>

/**
 * The parameters with their defaults filled in.
 * @throws AppError `strategy.parameters_invalid` naming every parameter at fault
 */
export function parseParameters(strategy: AnyStrategy, given: unknown): Record<string, unknown> {
  const parsed = strategy.parameters.safeParse(given)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.flatMap(issue =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(key => ({ field: `parameters.${key}`, rule: `is no parameter of ${strategy.name}` }))
      : [{ field: ['parameters', ...issue.path].join('.'), rule: issue.message }],
  )
  throw new AppError('strategy.parameters_invalid', { faults })
}

/** Declares a strategy with its types inferred. */
export const defineStrategy = <Parameters, Indicators, Memory extends Json>(
  strategy: Strategy<Parameters, Indicators, Memory>,
): Strategy<Parameters, Indicators, Memory> => strategy
