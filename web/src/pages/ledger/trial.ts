import type { TrialBalanceView } from '../../contract.ts'
import { compare, sum } from '../../show/decimal.ts'

type TrialRow = TrialBalanceView['items'][number]

/** What the accounts of one asset come to. */
export interface AssetTotal {
  readonly asset: string
  readonly rows: readonly TrialRow[]
  readonly debit: string
  readonly credit: string
  readonly isBalanced: boolean
}

/** By asset, each with its sums: worked out here once more from what is shown. */
export function totalsOf(items: readonly TrialRow[]): AssetTotal[] {
  const assets = [...new Set(items.map(({ asset }) => asset))].sort()
  return assets.map(asset => {
    const rows = items.filter(row => row.asset === asset)
    const debit = sum(rows.map(row => row.debit))
    const credit = sum(rows.map(row => row.credit))
    return { asset, rows, debit, credit, isBalanced: compare(debit, credit) === 0 }
  })
}
