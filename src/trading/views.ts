import { z } from 'zod'
import { ORDER_STATES } from '../kernel/index.ts'
import { DecimalText, MicrosNumber } from '../market/index.ts'

/** What trading shows to pages and clients: projections of committed facts. */
export const OrderView = z.strictObject({
  id: z.string(),
  run: z.string(),
  runName: z.string(),
  strategy: z.string(),
  instrument: z.string(),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['limit', 'market', 'stop', 'stop_limit']),
  timeInForce: z.enum(['gtc', 'ioc', 'fok']),
  state: z.enum(ORDER_STATES),
  price: DecimalText.nullable(),
  triggerPrice: DecimalText.nullable(),
  quantity: DecimalText,
  filled: DecimalText,
  averagePrice: DecimalText.nullable(),
  fees: DecimalText,
  reason: z
    .string()
    .nullable()
    .meta({ description: 'Why it was placed, by the strategy; or why it was denied, rejected or canceled' }),
  createdAt: MicrosNumber,
  updatedAt: MicrosNumber,
})
export type OrderView = z.infer<typeof OrderView>

/** One fact of an order's history, oldest first. */
export const OrderEventView = z.strictObject({
  sequence: z.int(),
  at: MicrosNumber,
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
})
export type OrderEventView = z.infer<typeof OrderEventView>

export const OrderHistoryView = z.strictObject({ order: OrderView, history: z.array(OrderEventView) })
export type OrderHistoryView = z.infer<typeof OrderHistoryView>

export const FillView = z.strictObject({
  id: z.string(),
  order: z.string(),
  run: z.string(),
  runName: z.string(),
  instrument: z.string(),
  side: z.enum(['buy', 'sell']),
  price: DecimalText,
  quantity: DecimalText,
  fee: DecimalText,
  feeAsset: z.string(),
  liquidity: z.enum(['maker', 'taker']),
  at: MicrosNumber,
})
export type FillView = z.infer<typeof FillView>

/**
 * One per run and instrument. `quantity` is signed, `averageCost` null when flat. P&L is in the quote asset:
 * realised and unrealised both before fees, `fees` apart; unrealised at `markPrice`, the mid of the book.
 */
export const PositionView = z.strictObject({
  run: z.string(),
  runName: z.string(),
  instrument: z.string(),
  quantity: DecimalText,
  averageCost: DecimalText.nullable(),
  markPrice: DecimalText.nullable(),
  markedAt: MicrosNumber.nullable(),
  realised: DecimalText,
  unrealised: DecimalText,
  fees: DecimalText,
  /** realised + unrealised − fees */
  net: DecimalText,
})
export type PositionView = z.infer<typeof PositionView>

const RUN_STATES = ['running', 'stopping', 'stopped', 'failed'] as const

export const RunView = z.strictObject({
  id: z.string(),
  name: z.string(),
  strategy: z.string(),
  mode: z.enum(['paper']),
  instrument: z.string(),
  interval: z.string().meta({ description: 'Of its candles, e.g. "1m"' }),
  state: z.enum(RUN_STATES),
  parameters: z.record(z.string(), z.unknown()),
  allocation: DecimalText.meta({ description: 'Cash it started with, in the quote asset' }),
  equity: DecimalText,
  openOrders: z.int(),
  trades: z.int().meta({ description: 'Fills so far' }),
  startedAt: MicrosNumber,
  stoppedAt: MicrosNumber.nullable(),
  error: z.string().nullable(),
})
export type RunView = z.infer<typeof RunView>

/** A strategy that can be run; `parameters` is its JSON Schema with defaults. */
export const StrategyView = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  parameters: z.record(z.string(), z.unknown()),
})
export type StrategyView = z.infer<typeof StrategyView>

/** Equity of one run, or of all together (`run` null), in USD. */
export const EquityPoint = z.strictObject({ run: z.string().nullable(), at: MicrosNumber, equity: DecimalText })
export type EquityPoint = z.infer<typeof EquityPoint>

/** What became of one open order when the kill switch was pulled. */
export const KillOutcome = z.strictObject({
  order: z.string(),
  run: z.string(),
  instrument: z.string(),
  side: z.enum(['buy', 'sell']),
  remaining: DecimalText,
  outcome: z.enum(['pending', 'confirmed', 'filled_meanwhile', 'unknown']),
})
export type KillOutcome = z.infer<typeof KillOutcome>

export const KillSwitchView = z.strictObject({
  active: z.boolean(),
  since: MicrosNumber.nullable(),
  by: z.string().nullable(),
  reason: z.string().nullable(),
  /** The receipt of the last pull, live while outcomes are pending. */
  receipt: z.array(KillOutcome),
  /** What it would touch if pulled now. */
  wouldCancel: z.int(),
  positionsOpen: z.int(),
})
export type KillSwitchView = z.infer<typeof KillSwitchView>

/** One line of the event feed; `text` parts are left to the page, which speaks the reader's language. */
export const EventView = z.strictObject({
  id: z.string(),
  position: z.string(),
  type: z.string(),
  subject: z.string(),
  at: MicrosNumber,
  data: z.record(z.string(), z.unknown()),
})
export type EventView = z.infer<typeof EventView>
