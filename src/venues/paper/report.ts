import type { Instrument, Lots, Micros, OrderRequest, Ticks, VenueReport } from '../../kernel/index.ts'
import { notionalOf } from '../../kernel/index.ts'
import { feeOf, type PaperSettings } from './settings.ts'

/** An order that the venue has accepted and that is not done. JSON, for the snapshot. */
export interface WorkingOrder {
  readonly request: OrderRequest
  readonly venueOrderId: string
  remaining: Lots
  fills: number
  triggered: boolean
}

/** Books a fill on a working order and says so; the fee is rounded up once per fill. */
export function fillReport(
  instrument: Instrument,
  settings: PaperSettings,
  order: WorkingOrder,
  price: Ticks,
  quantity: Lots,
  liquidity: 'maker' | 'taker',
  at: Micros,
): VenueReport {
  order.remaining -= quantity
  order.fills += 1
  const fee = feeOf(
    notionalOf(instrument, price, quantity),
    liquidity === 'maker' ? settings.makerFeePpm : settings.takerFeePpm,
  )
  const id = `${order.venueOrderId}-${order.fills}`
  return { type: 'filled', order: order.request.id, at, fill: { id, price, quantity, liquidity, fee } }
}
