import { z } from 'zod'

/** What the market shows to pages and clients. Prices and quantities are decimal strings, times integer microseconds. */
export const DecimalText = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, 'is a plain decimal')
  .meta({ description: 'A plain decimal, e.g. "0.5023"' })
export const MicrosNumber = z.int().meta({ description: 'Microseconds since 1970-01-01 UTC' })

export const InstrumentView = z.strictObject({
  id: z.string().meta({ examples: ['paper:XRP/USD'] }),
  venue: z.string(),
  pair: z.string(),
  base: z.string(),
  quote: z.string(),
  tick: DecimalText,
  lot: DecimalText,
  quantityMin: DecimalText,
  notionalMin: DecimalText,
})
export type InstrumentView = z.infer<typeof InstrumentView>

/** One per instrument; `change24h` is a fraction (0.0123 = +1.23 %) as text, null while there is too little history. */
export const TickerView = z.strictObject({
  instrument: z.string(),
  at: MicrosNumber,
  last: DecimalText.nullable(),
  bid: DecimalText.nullable(),
  ask: DecimalText.nullable(),
  change24h: DecimalText.nullable(),
  volume24h: DecimalText.nullable(),
})
export type TickerView = z.infer<typeof TickerView>

/** Levels are [price, quantity], best first. */
export const BookView = z.strictObject({
  instrument: z.string(),
  at: MicrosNumber,
  sequence: z.int(),
  bids: z.array(z.tuple([DecimalText, DecimalText])),
  asks: z.array(z.tuple([DecimalText, DecimalText])),
})
export type BookView = z.infer<typeof BookView>

export const TradeView = z.strictObject({
  instrument: z.string(),
  at: MicrosNumber,
  price: DecimalText,
  quantity: DecimalText,
  side: z.enum(['buy', 'sell']),
})
export type TradeView = z.infer<typeof TradeView>

/** `closed` is false for the candle that is still forming; only pages see those, never strategies. */
export const CandleView = z.strictObject({
  openAt: MicrosNumber,
  open: DecimalText,
  high: DecimalText,
  low: DecimalText,
  close: DecimalText,
  volume: DecimalText,
  closed: z.boolean(),
})
export type CandleView = z.infer<typeof CandleView>
