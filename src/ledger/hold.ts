import { type Decision, type Micros, refuse } from '../kernel/index.ts'
import type { AccountId } from './account.ts'
import type { JournalId, Line, NewJournal } from './journal.ts'

/**
 * Money set aside. It lies in a held account until it is captured, voided or out of time; what remains is moved by journals
 * alone. A hold's id is that of the journal that placed it.
 */
export interface Hold {
  readonly id: JournalId
  /** Where the money came from, and goes when it is voided. */
  readonly account: AccountId
  readonly held: AccountId
  readonly asset: string
  readonly amount: bigint
  readonly remaining: bigint
  /** From then on it can only be voided; null: it has no end. */
  readonly expiresAt: Micros | null
}

interface Booking {
  readonly key: string
  readonly at: Micros
  readonly cause?: string
}

/** The journal that sets money aside, from a client's account to the same client's held one. */
export const placing = (
  wish: Booking & Pick<Hold, 'account' | 'held' | 'asset' | 'amount' | 'expiresAt'>,
): NewJournal => ({
  ...bookingOf(wish),
  kind: 'hold.place',
  hold: { expiresAt: wish.expiresAt },
  lines: [
    { account: wish.account, asset: wish.asset, amount: -wish.amount },
    { account: wish.held, asset: wish.asset, amount: wish.amount },
  ],
})

/**
 * The journal that pays held money out, to one account or several. What is left stays held, or goes back with
 * `rest: 'release'`.
 * @returns a refusal `ledger.hold_closed` when nothing remains or the time is over, `ledger.hold_exceeded` for more than remains
 */
export function capturing(
  hold: Hold,
  wish: Booking & {
    readonly to: readonly { readonly account: AccountId; readonly amount: bigint }[]
    readonly rest?: 'keep' | 'release'
  },
): Decision<NewJournal> {
  const amount = wish.to.reduce((sum, part) => sum + part.amount, 0n)
  if (hold.expiresAt !== null && wish.at >= hold.expiresAt)
    return refuse('ledger.hold_closed', { hold: hold.id, expiresAt: hold.expiresAt })
  const refusal = missing(hold, amount)
  if (refusal) return refusal
  const rest = wish.rest === 'release' ? hold.remaining - amount : 0n
  return [movingOut(hold, wish, 'hold.capture', [...wish.to, { account: hold.account, amount: rest }])]
}

/**
 * The journal that gives held money back, all that remains unless an amount is named.
 * @returns a refusal `ledger.hold_closed` when nothing remains, `ledger.hold_exceeded` for more than remains
 */
export function voiding(
  hold: Hold,
  wish: Booking & { readonly amount?: bigint; readonly kind?: 'hold.void' | 'hold.expire' },
): Decision<NewJournal> {
  const amount = wish.amount ?? hold.remaining
  return missing(hold, amount) ?? [movingOut(hold, wish, wish.kind ?? 'hold.void', [{ account: hold.account, amount }])]
}

function missing(hold: Hold, amount: bigint) {
  if (hold.remaining === 0n) return refuse('ledger.hold_closed', { hold: hold.id })
  if (amount <= hold.remaining) return undefined
  return refuse('ledger.hold_exceeded', { hold: hold.id, remaining: hold.remaining.toString() })
}

function movingOut(
  hold: Hold,
  wish: Booking,
  kind: string,
  to: readonly { readonly account: AccountId; readonly amount: bigint }[],
): NewJournal {
  const parts = to.filter(part => part.amount !== 0n)
  const lines: Line[] = parts.map(({ account, amount }) => ({ account, asset: hold.asset, amount }))
  const out = parts.reduce((sum, part) => sum + part.amount, 0n)
  return {
    ...bookingOf(wish),
    kind,
    hold: { id: hold.id },
    lines: [{ account: hold.held, asset: hold.asset, amount: -out }, ...lines],
  }
}

const bookingOf = ({ key, at, cause }: Booking): Booking => ({ key, at, ...(cause === undefined ? {} : { cause }) })
