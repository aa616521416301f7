import { AppError } from '../kernel/index.ts'
import type { EngineRefusal } from '../matching/index.ts'

/** What each refusal of the engine is about, for whoever sent the order: the field and the rule. */
const REFUSALS: Readonly<Record<EngineRefusal, { field?: string; rule: string }>> = {
  unknown_account: { rule: 'there is no trading account yet: move money to it first' },
  unknown_instrument: { field: 'instrument', rule: 'is listed' },
  unknown_asset: { field: 'asset', rule: 'is listed' },
  unknown_order: { field: 'order', rule: 'is an open order of this account' },
  invalid: { rule: 'the parts of the order do not go together' },
  price_above_max: { field: 'price', rule: 'is at most the highest price of the instrument' },
  price_band: { field: 'price', rule: 'is within the price band around the reference price' },
  quantity_below_min: { field: 'quantity', rule: 'is at least the smallest quantity of the instrument' },
  quantity_above_max: { field: 'quantity', rule: 'is at most the largest quantity of the instrument' },
  notional_below_min: {
    field: 'quantity',
    rule: 'price × quantity is at least the smallest notional of the instrument',
  },
  amount_above_max: { field: 'quantity', rule: 'price × quantity is an amount that can be kept' },
  insufficient_funds: { field: 'quantity', rule: 'the account has the funds for it, the fee included' },
  would_cross: { field: 'postOnly', rule: 'the order would trade at once' },
  not_fillable: { field: 'timeInForce', rule: 'the book can fill the whole order at once' },
  no_liquidity: { field: 'type', rule: 'the other side of the book has orders' },
  phase: { field: 'instrument', rule: 'takes such orders in its present phase' },
  expired: { field: 'expireAt', rule: 'is in the future' },
  client_id_reused: { field: 'clientId', rule: 'has not been used for another order' },
  orders_max: { rule: 'the exchange has as many open orders as it takes' },
  instruments_max: { rule: 'the exchange lists as many instruments as it takes' },
  assets_max: { rule: 'the exchange lists as many assets as it takes' },
  accounts_max: { rule: 'the exchange has as many accounts as it takes' },
}

/** The error for a refusal. @example throw refused('insufficient_funds') */
export function refused(reason: EngineRefusal): AppError {
  const code = reason === 'unknown_order' ? 'order.unknown' : 'exchange.refused'
  return new AppError(code, { reason, ...REFUSALS[reason] })
}
