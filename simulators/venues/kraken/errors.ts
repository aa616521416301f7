import { json, type Refusal, type SimulatedAnswer } from '../core/index.ts'

/** https://docs.kraken.com/api/docs/guides/spot-errors */
export const refused = (...errors: readonly string[]): SimulatedAnswer => json({ error: errors })

export const ok = (result: unknown): SimulatedAnswer => json({ error: [], result })

export const REFUSALS: Readonly<Record<Refusal, string>> = {
  insufficient_funds: 'EOrder:Insufficient funds',
  quantity_too_small: 'EGeneral:Invalid arguments:volume minimum not met',
  quantity_too_large: 'EGeneral:Invalid arguments:volume',
  notional_too_small: 'EOrder:Cost minimum not met',
  price_invalid: 'EGeneral:Invalid arguments:price',
  would_cross: 'EOrder:Post only order',
  not_fillable: 'EOrder:Insufficient liquidity',
  duplicate_client_id: 'EGeneral:Invalid arguments:cl_ord_id',
  too_many_orders: 'EOrder:Orders limit exceeded',
  trigger_invalid: 'EGeneral:Invalid arguments:price',
}
