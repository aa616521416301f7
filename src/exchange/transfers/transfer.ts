import { type Decider, type Micros, refuse } from '../../kernel/index.ts'

/** In: from the wallet to the trading account on a shard. Out: back. */
export type Direction = 'in' | 'out'

export interface Transfer {
  readonly owner: string
  readonly shard: number
  /** Transfers of this account on this shard count from 1; one that failed gives its number back. */
  readonly number: number
  readonly direction: Direction
  readonly asset: string
  /** Units. */
  readonly amount: number
}

export type TransferState =
  | { readonly state: 'none' }
  | { readonly state: 'requested'; readonly transfer: Transfer }
  | { readonly state: 'completed'; readonly transfer: Transfer }
  | { readonly state: 'failed'; readonly transfer: Transfer; readonly reason: string }

export type TransferCommand =
  | { readonly type: 'request'; readonly at: Micros; readonly transfer: Transfer }
  /** The shard has carried it out, now or before. */
  | { readonly type: 'carried_out'; readonly at: Micros }
  /** The shard has refused it. */
  | { readonly type: 'refused'; readonly at: Micros; readonly reason: string }

export type TransferEvent =
  | { readonly type: 'transfer.requested'; readonly at: Micros; readonly transfer: Transfer }
  | { readonly type: 'transfer.completed'; readonly at: Micros }
  | { readonly type: 'transfer.failed'; readonly at: Micros; readonly reason: string }

/**
 * The life of a transfer. Money that goes in leaves the wallet with the request; money that comes out reaches it with the
 * completion; money that went in and was refused goes back with the failure. In between it is in the clearing account
 * `exchange transfers`, where every step can be repeated: the shard knows the number, the ledger the key.
 */
export const transferDecider: Decider<TransferState, TransferCommand, TransferEvent> = {
  initial: { state: 'none' },
  decide(state, command) {
    if (command.type === 'request') {
      if (state.state !== 'none') return refuse('transfer.exists')
      return [{ type: 'transfer.requested', at: command.at, transfer: command.transfer }]
    }
    if (state.state === 'none') return refuse('transfer.unknown')
    // Whoever comes second finds it done.
    if (state.state !== 'requested') return []
    return command.type === 'carried_out'
      ? [{ type: 'transfer.completed', at: command.at }]
      : [{ type: 'transfer.failed', at: command.at, reason: command.reason }]
  },
  evolve(state, event) {
    if (event.type === 'transfer.requested') return { state: 'requested', transfer: event.transfer }
    if (state.state !== 'requested') return state
    const { transfer } = state
    return event.type === 'transfer.completed'
      ? { state: 'completed', transfer }
      : { state: 'failed', transfer, reason: event.reason }
  },
}

/** What moves between the wallet and the clearing account with an event: units into the wallet, 0 for nothing. */
export function walletChange(event: TransferEvent, { direction, amount }: Transfer): number {
  if (event.type === 'transfer.requested') return direction === 'in' ? -amount : 0
  if (event.type === 'transfer.completed') return direction === 'out' ? amount : 0
  return direction === 'in' ? amount : 0
}
