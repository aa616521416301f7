import type { TenantTx } from '../../platform/index.ts'
import type { VenueName } from '../port/index.ts'
import type { Credential, TestOutcome } from './credential.ts'

declare module '../../platform/index.ts' {
  interface Schema {
    venue_credential: CredentialTable
  }
}

interface CredentialTable {
  tenant_id: string
  id: string
  venue: string
  label: string
  is_testnet: boolean
  endpoint_rest: string | null
  endpoint_ws: string | null
  may_withdraw_allowed: boolean
  envelope: Buffer
  key_id: string
  can_read: boolean | null
  can_trade: boolean | null
  can_withdraw: boolean | null
  sequence: number
  added_at: number
  rotated_at: number | null
  tested_at: number | null
  test_outcome: string | null
}

/** A key as it lies in the database: what it is about in clear, itself in an envelope. */
export interface StoredCredential {
  readonly id: string
  readonly credential: Credential
  readonly envelope: Uint8Array
  readonly keyId: string
  readonly sequence: number
}

/** Keys that a tenant may have. */
export const CREDENTIALS_MAX = 100

export async function credentialsOf(tx: TenantTx): Promise<StoredCredential[]> {
  const rows = await tx
    .selectFrom('venue_credential')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .orderBy('venue')
    .orderBy('label')
    .limit(CREDENTIALS_MAX)
    .execute()
  return rows.map(toStored)
}

/** Locked until the transaction ends. */
export async function credentialNamed(
  tx: TenantTx,
  venue: VenueName,
  label: string,
): Promise<StoredCredential | undefined> {
  const row = await tx
    .selectFrom('venue_credential')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .where('venue', '=', venue)
    .where('label', '=', label)
    .forUpdate()
    .executeTakeFirst()
  return row === undefined ? undefined : toStored(row)
}

export async function saveCredential(tx: TenantTx, stored: StoredCredential): Promise<void> {
  const { id, credential, sequence } = stored
  const { permissions } = credential
  const changing = {
    may_withdraw_allowed: credential.isWithdrawAllowed,
    envelope: Buffer.from(stored.envelope),
    key_id: stored.keyId,
    can_read: permissions.read,
    can_trade: permissions.trade,
    can_withdraw: permissions.withdraw,
    sequence,
    rotated_at: credential.rotatedAt,
    tested_at: credential.test?.at ?? null,
    test_outcome: credential.test?.outcome ?? null,
  }
  await tx
    .insertInto('venue_credential')
    .values({
      tenant_id: tx.tenant,
      id,
      venue: credential.venue,
      label: credential.label,
      is_testnet: credential.isTestnet,
      endpoint_rest: credential.endpoint?.rest ?? null,
      endpoint_ws: credential.endpoint?.ws ?? null,
      added_at: credential.addedAt,
      ...changing,
    })
    .onConflict(conflict => conflict.columns(['tenant_id', 'id']).doUpdateSet(changing))
    .execute()
}

export async function deleteCredential(tx: TenantTx, id: string): Promise<void> {
  await tx.deleteFrom('venue_credential').where('tenant_id', '=', tx.tenant).where('id', '=', id).execute()
}

const toStored = (row: CredentialTable): StoredCredential => ({
  id: row.id,
  envelope: row.envelope,
  keyId: row.key_id,
  sequence: row.sequence,
  credential: {
    venue: row.venue as VenueName,
    label: row.label,
    isTestnet: row.is_testnet,
    endpoint:
      row.endpoint_rest === null || row.endpoint_ws === null ? null : { rest: row.endpoint_rest, ws: row.endpoint_ws },
    isWithdrawAllowed: row.may_withdraw_allowed,
    permissions: { read: row.can_read, trade: row.can_trade, withdraw: row.can_withdraw },
    addedAt: row.added_at,
    rotatedAt: row.rotated_at,
    test: row.tested_at === null ? null : { at: row.tested_at, outcome: row.test_outcome as TestOutcome },
  },
})
