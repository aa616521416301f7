import type { TenantTx } from '../platform/index.ts'
import { tradingBalances } from './books/reconciler.ts'
import type { Standing } from './verify.ts'

/** What the ledger says of the trading accounts of a shard that differs from what its journal makes of them. */
export async function compareWithLedger(tx: TenantTx, { shard, sequence, accounts }: Standing): Promise<string[]> {
  const booked = await tradingBalances(tx, shard)
  const differences: string[] = []
  const compare = (owner: string, asset: string, replayed: bigint, units: bigint) => {
    if (replayed !== units)
      differences.push(
        `${owner} holds ${replayed} units of ${asset} after command ${sequence}, and ${units} in the ledger`,
      )
  }
  for (const { owner, asset, balance } of accounts) {
    const key = JSON.stringify([owner, asset])
    compare(owner, asset, balance, booked.get(key)?.units ?? 0n)
    booked.delete(key)
  }
  for (const { owner, asset, units } of booked.values()) compare(owner, asset, 0n, units)
  return differences
}
