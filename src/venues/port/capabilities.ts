import { assert, type OrderType, type TimeInForce } from '../../kernel/index.ts'
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
  /** Why something is not there that other venues have: a true word about the venue, for everything that it lacks. */
  readonly absent: Readonly<Partial<Record<Feature, string>>>
}

/** What a venue has or lacks, each with the question whether it does. */
const HAS = {
  stop: ({ orderTypes }) => orderTypes.includes('stop'),
  stop_limit: ({ orderTypes }) => orderTypes.includes('stop_limit'),
  ioc: ({ timeInForce }) => timeInForce.includes('ioc'),
  fok: ({ timeInForce }) => timeInForce.includes('fok'),
  postOnly: ({ postOnly }) => postOnly,
  uniqueClientIds: ({ doublesOrders }) => doublesOrders !== true,
  amend: ({ amend }) => amend === 'native',
  checksum: ({ bookIntegrity }) => bookIntegrity.includes('checksum'),
  deadMansSwitch: ({ deadMansSwitch }) => deadMansSwitch !== null,
  testnet: ({ testnet }) => testnet,
  permissions: ({ permissionsReadable }) => permissionsReadable,
} as const satisfies Record<string, (capabilities: Omit<Capabilities, 'absent'>) => boolean>

export type Feature = keyof typeof HAS

/** What each is called where it is said why it is not there. */
export const FEATURES: Readonly<Record<Feature, string>> = {
  stop: 'stop orders',
  stop_limit: 'stop-limit orders',
  ioc: 'immediate-or-cancel orders',
  fok: 'fill-or-kill orders',
  postOnly: 'post-only orders',
  uniqueClientIds: 'one order a client id',
  amend: 'amends',
  checksum: 'checksums of books',
  deadMansSwitch: 'a dead man’s switch',
  testnet: 'a testnet',
  permissions: 'what a key may do',
}

/** Why a venue lacks something, in its own terms; null where it has it. */
export function whyAbsent(capabilities: Capabilities, feature: Feature): string | null {
  if (HAS[feature](capabilities)) return null
  const why = capabilities.absent[feature]
  assert(why !== undefined, `a venue says why it has no ${feature}`)
  return why
}
