import { sql } from 'kysely'
import type { Posting } from '../../src/exchange/history/projection.ts'
import type { Standing } from '../../src/exchange/verify.ts'
import type { TenantTx } from '../../src/platform/index.ts'

/** Books of the tests' own: what every trade moved, by owner and asset; fees by the owner `fees`. */
export const POSTING_TABLE = `
  CREATE TABLE test_posting (
    tenant_id uuid NOT NULL, shard integer NOT NULL, sequence bigint NOT NULL, owner text NOT NULL, asset text NOT NULL,
    amount numeric NOT NULL, PRIMARY KEY (tenant_id, shard, sequence, owner, asset));
  GRANT SELECT, INSERT ON test_posting TO bourse_app`

/** A posting that comes twice breaks the primary key. */
export async function writePostings(tx: TenantTx, shard: number, postings: readonly Posting[]): Promise<void> {
  const rows = postings.flatMap(({ sequence, moves, fees }) =>
    [...moves, ...fees.map(fee => ({ owner: 'fees', ...fee }))].map(({ owner, asset, amount }) => ({
      sequence,
      owner,
      asset,
      amount: String(amount),
    })),
  )
  await sql`
    INSERT INTO test_posting (tenant_id, shard, sequence, owner, asset, amount)
    SELECT ${tx.tenant}, ${shard}, r.sequence, r.owner, r.asset, r.amount
    FROM json_populate_recordset(null::test_posting, ${JSON.stringify(rows)}) r`.execute(tx)
}

/** What does not add up in them: every trade to nothing, and all trades to what the accounts hold beyond their deposits. */
export async function comparePostings(tx: TenantTx, standing: Standing): Promise<string[]> {
  const { rows: uneven } = await sql<{ sequence: number }>`
    SELECT sequence FROM test_posting WHERE tenant_id = ${tx.tenant} AND shard = ${standing.shard}
    GROUP BY sequence, asset HAVING sum(amount) <> 0`.execute(tx)
  const { rows } = await sql<{ owner: string; asset: string; amount: string }>`
    SELECT owner, asset, sum(amount) AS amount FROM test_posting
    WHERE tenant_id = ${tx.tenant} AND shard = ${standing.shard} GROUP BY owner, asset`.execute(tx)
  const posted = (owner: string, asset: string) =>
    BigInt(rows.find(row => row.owner === owner && row.asset === asset)?.amount ?? 0)
  return [
    ...uneven.map(({ sequence }) => `the postings of command ${sequence} do not add up to nothing`),
    ...standing.accounts
      .filter(({ owner, asset, balance, moved }) => posted(owner, asset) !== balance - moved)
      .map(
        ({ owner, asset, balance, moved }) =>
          `${owner} has ${balance} units of ${asset} after ${moved} moved in, and ${posted(owner, asset)} were posted`,
      ),
    ...standing.fees
      .filter(({ asset, amount }) => posted('fees', asset) !== amount)
      .map(({ asset, amount }) => `${amount} units of ${asset} are fees, and ${posted('fees', asset)} were posted`),
  ]
}
