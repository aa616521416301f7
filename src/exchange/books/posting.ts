import type { IdSource } from '../../kernel/index.ts'
import { type AccountId, type NewAccount, type NewJournal, openAccounts, openAssets, post } from '../../ledger/index.ts'
import type { TenantTx } from '../../platform/index.ts'
import type { Post } from '../history/writer.ts'
import type { ListedAsset } from '../shard/replica.ts'

/** Accounts whose ids are kept; there are a few for each participant. */
const ACCOUNTS_KEPT_MAX = 200_000

/** Money between a wallet and a trading account; and fees between the clients who paid them and the house. */
export const TRANSFERS = { kind: 'clearing', owner: 'exchange transfers' } as const
const FEES_DUE = { kind: 'clearing', owner: 'exchange fees' } as const
const FEES = { kind: 'house_fees', owner: 'exchange' } as const

const tradingAccount = (owner: string, asset: string, shard: number): NewAccount => ({
  kind: 'client_trading',
  owner,
  asset,
  shard: String(shard),
})

/**
 * Takes what the exchange did into the ledger, each command once: a journal's key is its shard and the command's number. Fees
 * are gathered in a clearing account and pass to the house once for each stretch.
 */
export function exchangePosting(options: { readonly ids: IdSource; readonly shard: number }): Post {
  const { ids, shard } = options
  const known = new Map<string, AccountId>()
  const keyOf = ({ kind, owner, asset, shard }: NewAccount) => `${kind}/${owner}/${asset}/${shard ?? ''}`

  async function accountsFor(
    tx: TenantTx,
    assets: readonly ListedAsset[],
    wanted: readonly NewAccount[],
  ): Promise<void> {
    const missing = [...new Map(wanted.map(account => [keyOf(account), account])).values()].filter(
      account => !known.has(keyOf(account)),
    )
    if (missing.length === 0) return
    if (known.size + missing.length > ACCOUNTS_KEPT_MAX) known.clear()
    await openAssets(tx, assets)
    const opened = await openAccounts(tx, missing, ids)
    for (const [i, account] of missing.entries()) known.set(keyOf(account), opened[i]!.id)
  }

  /** The last command that was posted, whatever became of its transaction. */
  let lastPosted = 0
  return async (tx, postings, assets) => {
    // One that comes again has been rolled back, and with it the accounts that it opened.
    if (postings[0]!.sequence <= lastPosted) known.clear()
    lastPosted = postings.at(-1)!.sequence
    const line = (account: NewAccount, amount: bigint) => ({ account, asset: account.asset, amount })
    const drafts = postings.map(({ sequence, at, kind, moves, fees, transfers }) => ({
      key: `exchange/${shard}/${sequence}`,
      kind: `exchange.${kind}`,
      at,
      cause: `exchange/${shard}/${sequence}`,
      lines: [
        ...moves.map(({ owner, asset, amount }) => line(tradingAccount(owner, asset, shard), amount)),
        ...transfers.map(({ asset, amount }) => line({ ...TRANSFERS, asset }, amount)),
        ...fees.map(({ asset, amount }) => line({ ...FEES_DUE, asset }, amount)),
      ],
    }))
    const due = new Map<string, bigint>()
    for (const { fees } of postings)
      for (const { asset, amount } of fees) due.set(asset, (due.get(asset) ?? 0n) + amount)
    const [first, last] = [postings[0]!, postings.at(-1)!]
    const key = `exchange/${shard}/fees/${first.sequence}-${last.sequence}`
    const swept = [...due].flatMap(([asset, amount]) => [
      line({ ...FEES_DUE, asset }, -amount),
      line({ ...FEES, asset }, amount),
    ])
    if (swept.length > 0) drafts.push({ key, kind: 'exchange.fees', at: last.at, cause: key, lines: swept })
    // Money that comes in goes first: a line must leave its account at or above its minimum, whatever follows.
    for (const { lines } of drafts) lines.sort((a, b) => (a.amount > b.amount ? -1 : a.amount < b.amount ? 1 : 0))
    await accountsFor(
      tx,
      assets,
      drafts.flatMap(({ lines }) => lines.map(({ account }) => account)),
    )
    const journals = drafts.map(
      (draft): NewJournal => ({
        ...draft,
        lines: draft.lines.map(({ account, asset, amount }) => ({
          account: known.get(keyOf(account))!,
          asset,
          amount,
        })),
      }),
    )
    for (let i = 0; i < journals.length; i += JOURNALS_PER_CALL)
      await post(tx, journals.slice(i, i + JOURNALS_PER_CALL), ids)
  }
}

/** Journals of one call of the ledger. */
const JOURNALS_PER_CALL = 500
