import type { TenantTx } from '../../platform/index.ts'
import type { Direction, Transfer } from './transfer.ts'

declare module '../../platform/index.ts' {
  interface Schema {
    exchange_transfer: TransferTable
  }
}

export interface TransferTable {
  tenant_id: string
  id: string
  owner: string
  shard: number
  number: number
  direction: Direction
  asset: string
  /** In units of the asset. */
  amount: string
  state: 'requested' | 'completed' | 'failed'
  reason: string | null
  requested_at: number
  finished_at: number | null
}

/** Transfers that are picked up at once. */
const WAITING_MAX = 100

/** The number that the next transfer of an account has; those that failed do not count. */
export async function nextNumber(tx: TenantTx, owner: string, shard: number): Promise<number> {
  const row = await tx
    .selectFrom('exchange_transfer')
    .select(query => query.fn.max('number').as('last'))
    .where('tenant_id', '=', tx.tenant)
    .where('owner', '=', owner)
    .where('shard', '=', shard)
    .where('state', '<>', 'failed')
    .executeTakeFirst()
  return Number(row?.last ?? 0) + 1
}

/** @throws AppError `state.conflict` while another one of the same account is under way */
export const insertTransfer = (tx: TenantTx, id: string, transfer: Transfer, at: number): Promise<unknown> =>
  tx
    .insertInto('exchange_transfer')
    .values({
      tenant_id: tx.tenant,
      id,
      ...transfer,
      amount: String(transfer.amount),
      state: 'requested',
      reason: null,
      requested_at: at,
      finished_at: null,
    })
    .execute()

export const finishTransfer = (
  tx: TenantTx,
  id: string,
  state: 'completed' | 'failed',
  reason: string | null,
  at: number,
): Promise<unknown> =>
  tx
    .updateTable('exchange_transfer')
    .set({ state, reason, finished_at: at })
    .where('tenant_id', '=', tx.tenant)
    .where('id', '=', id)
    .execute()

export const transferRow = (tx: TenantTx, id: string): Promise<TransferTable | undefined> =>
  tx
    .selectFrom('exchange_transfer')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .where('id', '=', id)
    .executeTakeFirst()

/** Transfers of an owner, newest first. */
export const transfersOf = (tx: TenantTx, owner: string, limit: number): Promise<TransferTable[]> =>
  tx
    .selectFrom('exchange_transfer')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .where('owner', '=', owner)
    .orderBy('requested_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** Transfers that are under way, oldest first. */
export const waitingTransfers = (tx: TenantTx): Promise<TransferTable[]> =>
  tx
    .selectFrom('exchange_transfer')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .where('state', '=', 'requested')
    .orderBy('requested_at')
    .limit(WAITING_MAX)
    .execute()
