import { z } from 'zod'
import { DecimalText, MicrosNumber } from '../../market/index.ts'

const Rate = DecimalText.max(10).regex(
  /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/,
  'is a fraction from 0 to 1 of at most 6 decimals',
)

/** What is charged from a volume on: fractions of the notional. */
export const TierView = z.strictObject({
  volume: DecimalText.max(30).regex(/^\d+(\.\d+)?$/, 'is a plain decimal'),
  makerRate: Rate,
  takerRate: Rate,
})
export type TierView = z.infer<typeof TierView>

export const FeesView = z.strictObject({
  makerRate: DecimalText,
  takerRate: DecimalText,
  /** In `volumeAsset`, of the whole days (UTC) from `since` to `until`. */
  volume: DecimalText,
  volumeAsset: z.string(),
  since: MicrosNumber,
  until: MicrosNumber,
  /** What is charged once the volume is that of the next tier; null in the last one. */
  next: TierView.nullable(),
})
export type FeesView = z.infer<typeof FeesView>
