import type { Exchange } from '../service.ts'
import type { Shards } from '../shards.ts'

/** What the venue asks of the exchange. */
export type HouseService = Pick<
  Exchange,
  | 'place'
  | 'amend'
  | 'cancel'
  | 'cancelByClientId'
  | 'cancelAll'
  | 'orders'
  | 'trades'
  | 'balances'
  | 'book'
  | 'history'
  | 'caughtUp'
>

/** What it is told by the shards, and where its markets are. */
export type HouseShards = Pick<Shards, 'parts' | 'markets' | 'marketOf' | 'follow'>
