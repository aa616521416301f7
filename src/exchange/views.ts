import { z } from 'zod'
import { DecimalText, MicrosNumber } from '../market/index.ts'
import { CLIENT_ID_LENGTH_MAX } from '../matching/index.ts'

/** What the exchange shows and takes. Prices, quantities and amounts are decimal strings; times are integer microseconds UTC. */

const InstrumentText = z
  .string()
  .max(60)
  .meta({ examples: ['house:XRP/USD'] })
const ClientId = z
  .string()
  .regex(
    new RegExp(`^[\\w.:-]{1,${CLIENT_ID_LENGTH_MAX}}$`),
    `is 1 to ${CLIENT_ID_LENGTH_MAX} letters, digits or any of . : _ -`,
  )
  .meta({ description: 'Your own name of the order. The same again is the same order, never a second one.' })
/** `0-1234`: the shard, and the number of the command that placed it. */
export const OrderIdText = z.string().regex(/^\d{1,4}-\d{1,15}$/, 'is an order id such as 0-1234')
const PositiveDecimal = DecimalText.max(40).regex(/^\d+(\.\d+)?$/, 'is a plain decimal above zero')

export const NewOrder = z.strictObject({
  instrument: InstrumentText,
  side: z.enum(['buy', 'sell']),
  type: z.enum(['limit', 'market', 'stop', 'stop_limit']),
  timeInForce: z.enum(['gtc', 'ioc', 'fok', 'gtd']).optional(),
  quantity: PositiveDecimal,
  price: PositiveDecimal.optional().meta({ description: 'For limit and stop_limit' }),
  triggerPrice: PositiveDecimal.optional().meta({
    description: 'For stop and stop_limit: the last price that sets it off',
  }),
  displayQuantity: PositiveDecimal.optional().meta({ description: 'What an iceberg shows at a time' }),
  postOnly: z.boolean().optional(),
  selfTradePrevention: z.enum(['cancel_newest', 'cancel_oldest', 'cancel_both', 'decrement']).optional(),
  expireAt: MicrosNumber.positive().optional().meta({ description: 'For gtd' }),
  clientId: ClientId.optional(),
  session: z.int().positive().optional().meta({
    description: 'Of your connection, from the stream `exchange-session`: when it ends, the order is cancelled',
  }),
})
export type NewOrder = z.infer<typeof NewOrder>

export const OrderChange = z.strictObject({
  price: PositiveDecimal.optional(),
  quantity: PositiveDecimal.optional().meta({ description: 'The whole quantity, with what has been filled' }),
})
export type OrderChange = z.infer<typeof OrderChange>

const ORDER_STATES = ['waiting', 'open', 'filled', 'canceled', 'expired'] as const

export const AckView = z.strictObject({
  id: OrderIdText,
  clientId: z.string().nullable(),
  instrument: z.string(),
  state: z.enum(ORDER_STATES),
  at: MicrosNumber,
  quantity: DecimalText,
  filled: DecimalText,
  /** Whether this client id was there already, with the same contents: then the rest is as it was first answered, or now. */
  repeated: z.boolean(),
  reason: z.string().nullable(),
  fills: z.array(
    z.strictObject({
      trade: z.string(),
      price: DecimalText,
      quantity: DecimalText,
      fee: DecimalText,
      liquidity: z.string(),
    }),
  ),
})
export type AckView = z.infer<typeof AckView>

export const BatchItemView = z.union([
  z.strictObject({ order: AckView }),
  z.strictObject({ error: z.strictObject({ code: z.string(), reason: z.string(), detail: z.string() }) }),
])
export type BatchItemView = z.infer<typeof BatchItemView>

export const HouseOrderView = z.strictObject({
  id: OrderIdText,
  clientId: z.string().nullable(),
  instrument: z.string(),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['limit', 'market', 'stop', 'stop_limit']),
  timeInForce: z.enum(['gtc', 'ioc', 'fok', 'gtd']),
  postOnly: z.boolean(),
  state: z.enum(ORDER_STATES),
  price: DecimalText.nullable(),
  triggerPrice: DecimalText.nullable(),
  quantity: DecimalText,
  displayQuantity: DecimalText.nullable(),
  filled: DecimalText,
  averagePrice: DecimalText.nullable(),
  fees: DecimalText,
  reason: z.string().nullable(),
  expireAt: MicrosNumber.nullable(),
  createdAt: MicrosNumber,
  updatedAt: MicrosNumber,
})
export type HouseOrderView = z.infer<typeof HouseOrderView>

export const HouseFillView = z.strictObject({
  id: z.string(),
  order: OrderIdText,
  clientId: z.string().nullable(),
  instrument: z.string(),
  side: z.enum(['buy', 'sell']),
  price: DecimalText,
  quantity: DecimalText,
  fee: DecimalText,
  feeAsset: z.string(),
  liquidity: z.enum(['maker', 'taker', 'auction']),
  at: MicrosNumber,
})
export type HouseFillView = z.infer<typeof HouseFillView>

/** A trade on the market; `side` is that of the order that came later. */
export const HouseTradeView = z.strictObject({
  id: z.string(),
  instrument: z.string(),
  side: z.enum(['buy', 'sell']),
  price: DecimalText,
  quantity: DecimalText,
  at: MicrosNumber,
})
export type HouseTradeView = z.infer<typeof HouseTradeView>

export const HouseInstrumentView = z.strictObject({
  id: z.string(),
  pair: z.string(),
  base: z.string(),
  quote: z.string(),
  tick: DecimalText,
  lot: DecimalText,
  quantityMin: DecimalText,
  quantityMax: DecimalText,
  priceMax: DecimalText,
  notionalMin: DecimalText,
  bandRate: DecimalText,
  protectionRate: DecimalText,
  phase: z.enum(['trading', 'auction', 'halted', 'closed']),
  phaseUntil: MicrosNumber.nullable(),
  /** During an auction: where it would uncross now. */
  indicativePrice: DecimalText.nullable(),
  indicativeQuantity: DecimalText.nullable(),
})
export type HouseInstrumentView = z.infer<typeof HouseInstrumentView>

export const HouseBalanceView = z.strictObject({
  asset: z.string(),
  available: DecimalText,
  held: DecimalText,
})
export type HouseBalanceView = z.infer<typeof HouseBalanceView>

export const StatusView = z.strictObject({
  /** Whether orders are taken now. */
  open: z.boolean(),
  now: MicrosNumber,
  shards: z.array(
    z.strictObject({
      shard: z.int(),
      state: z.enum(['following', 'owning', 'stopped']),
      sequence: z.int(),
      /** Commands whose history has not been written yet. */
      historyLag: z.int(),
    }),
  ),
})
export type StatusView = z.infer<typeof StatusView>

/** How the trading accounts of a shard compared with the ledger, both as they were after the command `sequence`. */
export const ComparisonView = z.strictObject({
  shard: z.int(),
  at: MicrosNumber,
  sequence: z.int(),
  accounts: z.int(),
  differenceCount: z.int(),
  /** At most a hundred of them. */
  differences: z.array(
    z.strictObject({ owner: z.string(), asset: z.string(), exchange: DecimalText, ledger: DecimalText }),
  ),
})
export type ComparisonView = z.infer<typeof ComparisonView>

export const PhaseChange = z.strictObject({
  instrument: InstrumentText,
  phase: z.enum(['trading', 'auction', 'halted', 'closed']),
  until: MicrosNumber.positive()
    .optional()
    .meta({ description: 'When an auction uncrosses or a halt becomes an auction; until told without it' }),
  next: z.enum(['trading', 'closed']).default('trading').meta({ description: 'What follows an auction' }),
})
