import type { OrderType, TimeInForce } from '../../kernel/index.ts'
import type { IntervalName } from '../../market/index.ts'

/** The outside venues, by the name that instruments carry: `kraken:XRP/USD`. */
export const VENUE_NAMES = ['binance', 'coinbase', 'kraken', 'bitfinex', 'htx', 'okx', 'bybit', 'kucoin'] as const
export type VenueName = (typeof VENUE_NAMES)[number]

/** What a venue can do through its connector, declared once; the matrix in the reference is made from it. */
export interface Capabilities {
  readonly markets: readonly ('spot' | 'perpetual')[]
  readonly orderTypes: readonly OrderType[]
  readonly timeInForce: readonly TimeInForce[]
  readonly postOnly: boolean
  /** The venue does not look at client ids: an order that is sent twice is two orders. */
  readonly doublesOrders?: true
  /** `native`: the venue changes a working order under the same client id; `none`: cancel it and place another. */
  readonly amend: 'native' | 'none'
  /** Whether one call cancels all of the account, or of one instrument. */
  readonly cancelAll: 'account' | 'instrument'
  /** How a lost or doubled book update is noticed. */
  readonly bookIntegrity: readonly ('sequence' | 'checksum')[]
  readonly candleIntervals: readonly IntervalName[]
  /** The venue cancels everything unless told otherwise in time; null where it offers no such switch. */
  readonly deadMansSwitch: { readonly secondsMin: number; readonly secondsMax: number } | null
  readonly testnet: boolean
  /** What a fill's fee is charged in: the quote asset, or whatever the fill brings in. */
  readonly feeCharged: 'quote' | 'received'
  /** Whether the venue says what a key may do. */
  readonly permissionsReadable: boolean
  /** A request that stayed without answer for longer than this can no longer be accepted by the venue. */
  readonly requestValidForMs: number
}
