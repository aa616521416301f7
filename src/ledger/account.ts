import type { Branded, Micros } from '../kernel/index.ts'

export type AccountId = Branded<'AccountId'>

/**
 * What an account is for. A client's money is in a wallet, at a shard of the exchange, or held; the house's own is fees
 * and equity; what passes between the two goes through a clearing account; `outside` is the world that deposits come from.
 */
export const ACCOUNT_KINDS = [
  'client_wallet',
  'client_trading',
  'client_held',
  'house_fees',
  'house_equity',
  'clearing',
  'outside',
] as const
export type AccountKind = (typeof ACCOUNT_KINDS)[number]

/** What makes an account: there is one of each. */
export interface NewAccount {
  readonly kind: AccountKind
  /** The client; or the name of the house's, the clearing or the outside account. */
  readonly owner: string
  readonly asset: string
  /** Of the exchange: for `client_trading`, and only there. */
  readonly shard?: string
  /** How far below zero it may go; zero unless said, null for no bound. Only clearing and outside accounts may. */
  readonly minimum?: bigint | null
}

/** An account as it stands. Amounts are in the asset's smallest unit; the balance is what the house owes its owner. */
export interface Account {
  readonly id: AccountId
  readonly kind: AccountKind
  readonly owner: string
  readonly asset: string
  readonly scale: number
  readonly shard: string | null
  readonly minimum: bigint | null
  readonly balance: bigint
  /** Entries so far. */
  readonly version: number
  /** Of the last entry, 0 when there is none. */
  readonly updatedAt: Micros
}

/** An asset of the books; an amount of 10^scale units is one whole. The scale of an asset never changes. */
export interface Asset {
  readonly code: string
  readonly scale: number
}

export const isClientKind = (kind: string): boolean => kind.startsWith('client')
export const isHouseKind = (kind: string): boolean => kind.startsWith('house')
