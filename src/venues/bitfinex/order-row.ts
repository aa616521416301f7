import {
  type Instrument,
  lotsOf,
  MICROS_PER_MS,
  type OrderType,
  type TimeInForce,
  ticksOf,
} from '../../kernel/index.ts'
import { decimalOf } from '../connector/instruments.ts'
import type { VenueOrder } from '../port/index.ts'

/** An order as REST and sockets write it: https://docs.bitfinex.com/reference/rest-auth-retrieve-orders */
export type OrderRow = readonly unknown[]

const ID = 0
const CLIENT_ID = 2
const UPDATED_AT = 5
const AMOUNT_LEFT = 6
const AMOUNT = 7
const TYPE = 8
const STATUS = 13
const PRICE = 16
const LIMIT_OF_STOP = 19

export const SYMBOL = 3
const idOf = (row: OrderRow): string => String(row[ID])
export const clientIdOf = (row: OrderRow): string | null => (row[CLIENT_ID] === null ? null : String(row[CLIENT_ID]))
export const amountOf = (row: OrderRow): string => decimalOf(row[AMOUNT]) ?? '0'

const TYPES: Readonly<Record<string, OrderType>> = {
  'EXCHANGE MARKET': 'market',
  'EXCHANGE STOP': 'stop',
  'EXCHANGE STOP LIMIT': 'stop_limit',
}

/** `IOC CANCELED was: PARTIALLY FILLED @ 2.3(5.0)` → `canceled` */
function stateOf(status: string): VenueOrder['state'] {
  if (status.startsWith('EXECUTED')) return 'filled'
  if (/CANCELED|^INSUFFICIENT/.test(status)) return 'canceled'
  return status.startsWith('RSN_') ? 'rejected' : 'open'
}

/** Amounts are above zero to buy and below to sell; the first is what is left of the second. */
export function orderOfRow(instrument: Instrument, row: OrderRow): VenueOrder {
  const lots = (value: unknown) => lotsOf(instrument, (decimalOf(value) ?? '0').replace('-', ''))
  const kind = String(row[TYPE])
  const type = TYPES[kind] ?? 'limit'
  const price = decimalOf(type === 'stop_limit' ? row[LIMIT_OF_STOP] : row[PRICE]) ?? '0'
  const hasPrice = (type === 'limit' || type === 'stop_limit') && price !== '0'
  const timeInForce: TimeInForce = kind.endsWith('IOC') ? 'ioc' : kind.endsWith('FOK') ? 'fok' : 'gtc'
  const status = String(row[STATUS])
  return {
    venueOrderId: idOf(row),
    clientId: clientIdOf(row),
    instrument: instrument.id,
    side: amountOf(row).startsWith('-') ? 'sell' : 'buy',
    type,
    timeInForce,
    price: hasPrice ? ticksOf(instrument, price) : null,
    quantity: lots(row[AMOUNT]),
    filled: lots(row[AMOUNT]) - lots(row[AMOUNT_LEFT]),
    state: stateOf(status),
    reason: stateOf(status) === 'canceled' ? status : null,
    at: Number(row[UPDATED_AT]) * MICROS_PER_MS,
  }
}
