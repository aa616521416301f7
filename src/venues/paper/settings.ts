import { z } from 'zod'
import { divideUp, MICROS_PER_SECOND, type Micros } from '../../kernel/index.ts'

/** What a paper venue charges and how slow it is. The same settings serve backtest and paper. */
export const PaperSettings = z.strictObject({
  /** Millionths of the notional: 1,600 is 0.16 %. Negative is a rebate. */
  makerFeePpm: z.int().min(-10_000).max(100_000).default(1_600),
  takerFeePpm: z.int().min(0).max(100_000).default(2_600),
  /** From the decision until the venue acts on it, in microseconds. */
  latency: z
    .int()
    .min(0)
    .max(60 * MICROS_PER_SECOND)
    .default(80_000),
  /** Share of a candle's volume that our orders may take: there is no book to show what was there. */
  participation: z.number().gt(0).max(1).default(0.1),
  /** Millionths by which a taker's price is worse than the candle's path: half a spread and a bit of impact. */
  slippagePpm: z.int().min(0).max(100_000).default(200),
})
export type PaperSettings = z.infer<typeof PaperSettings>

/** A fee in units of 10^-notionalScale, rounded up once per fill. */
export const feeOf = (notional: bigint, ppm: number): bigint => divideUp(notional * BigInt(ppm), 1_000_000n)

/** Orders that may be on their way or working at once; more are rejected by the venue. */
export const PAPER_ORDERS_MAX = 1_000

/** An order or a cancel on its way to the venue. */
export interface InFlight<What> {
  readonly dueAt: Micros
  readonly what: What
}
