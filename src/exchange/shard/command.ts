import type { AddAccount, AddAsset, AddInstrument, Deposit, EngineCommand, Withdraw } from '../../matching/index.ts'

/** What the engine does not need to know and a shard does: names of what the engine calls by number. */
export interface NamedAsset extends AddAsset {
  /** Decimals of the asset's smallest unit. */
  readonly scale: number
}

export interface NamedInstrument extends AddInstrument {
  /** `XRP/USD`. */
  readonly pair: string
  /** Decimals, in the quote and the base asset. */
  readonly tick: string
  readonly lot: string
}

export interface OwnedAccount extends AddAccount {
  /** Who trades with it, in the operator's books. */
  readonly owner: string
}

/**
 * Money that comes to or leaves a trading account. Transfers of an account count from 1: one that has been carried out is
 * told as repeated when it comes again, so that whoever moves money may ask as often as it must.
 */
type Numbered = { readonly transfer: number }
export type NumberedDeposit = Deposit & Numbered
export type NumberedWithdraw = Withdraw & Numbered

/** What a shard's journal holds. */
export type ShardCommand =
  | Exclude<EngineCommand, { kind: 'add_asset' | 'add_instrument' | 'add_account' | 'deposit' | 'withdraw' }>
  | NamedAsset
  | NamedInstrument
  | OwnedAccount
  | NumberedDeposit
  | NumberedWithdraw

export type CommandKind = ShardCommand['kind']
export type CommandOf<K extends CommandKind> = Extract<ShardCommand, { kind: K }>
/** A command before the journal has given it its number and its time. */
export type NewCommand = { [K in CommandKind]: Omit<CommandOf<K>, 'sequence' | 'at'> }[CommandKind]
