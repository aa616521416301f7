import { z } from 'zod'
import { DecimalText, MicrosNumber } from '../../market/index.ts'

const Levels = z.array(z.tuple([DecimalText, DecimalText]).readonly()).readonly()
const common = {
  at: MicrosNumber,
  sequence: z.int().meta({ description: 'Counts the changes of this book from 1 without a gap' }),
  checksum: z.int().meta({
    description:
      'CRC-32 of the best 25 levels after the change, bid and ask in turn: bidPrice:bidQuantity:askPrice:askQuantity:…',
  }),
}

/** A book by level, or a change of it: [price, quantity], where quantity 0 takes the level away. */
export const L2View = z.strictObject({ ...common, bids: Levels, asks: Levels })

/** A book by order, or a change of it; `quantity` 0 takes the order away, `isNew` puts it behind all others of its price. */
export const L3View = z.strictObject({
  ...common,
  orders: z
    .array(
      z.strictObject({
        order: z.string(),
        side: z.enum(['buy', 'sell']),
        price: DecimalText,
        quantity: DecimalText,
        isNew: z.boolean(),
      }),
    )
    .readonly(),
})
