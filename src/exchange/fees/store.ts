import { sql } from 'kysely'
import { MICROS_PER_DAY, type Micros } from '../../kernel/index.ts'
import type { TenantTx } from '../../platform/index.ts'
import { parseVolume, type Schedule, VOLUME_ASSET, VOLUME_SCALE } from './schedule.ts'

declare module '../../platform/index.ts' {
  interface Schema {
    exchange_fee_schedule: {
      tenant_id: string
      number: number
      tiers: readonly { volume: string; makerPpm: number; takerPpm: number }[]
      set_by: string
      set_at: number
    }
  }
}

/** The schedule that counts, and its number; null when none was ever set. */
export async function latestSchedule(tx: TenantTx): Promise<{ number: number; schedule: Schedule } | null> {
  const row = await tx
    .selectFrom('exchange_fee_schedule')
    .select(['number', 'tiers'])
    .where('tenant_id', '=', tx.tenant)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return null
  const schedule = row.tiers.map(({ volume, makerPpm, takerPpm }) => ({ volume: BigInt(volume), makerPpm, takerPpm }))
  return { number: row.number, schedule }
}

/** @throws AppError `state.conflict` when another one has been set at the same time */
export async function insertSchedule(
  tx: TenantTx,
  number: number,
  schedule: Schedule,
  set: { by: string; at: Micros },
): Promise<void> {
  const tiers = JSON.stringify(schedule.map(tier => ({ ...tier, volume: String(tier.volume) })))
  await sql`
    INSERT INTO exchange_fee_schedule (tenant_id, number, tiers, set_by, set_at)
    VALUES (${tx.tenant}, ${number}, ${tiers}, ${set.by}, ${set.at})`.execute(tx)
}

/** Volumes of these owners between two moments, of those who have any; read day by day, so that each statement is short. */
export async function volumesOf(
  tx: TenantTx,
  owners: readonly string[],
  { since, until }: { since: Micros; until: Micros },
): Promise<Map<string, bigint>> {
  const volumes = new Map<string, bigint>()
  for (let day = since; day < until; day += MICROS_PER_DAY) {
    const { rows } = await sql<{ owner: string; volume: string }>`
      SELECT owner, trunc(sum(price * quantity), ${VOLUME_SCALE}::int) AS volume FROM exchange_fill
      WHERE tenant_id = ${tx.tenant} AND owner = ANY(${owners}) AND at >= ${day} AND at < ${Math.min(day + MICROS_PER_DAY, until)}
        AND split_part(pair, '/', 2) = ${VOLUME_ASSET}
      GROUP BY owner`.execute(tx)
    for (const { owner, volume } of rows) volumes.set(owner, (volumes.get(owner) ?? 0n) + parseVolume(volume))
  }
  return volumes
}
