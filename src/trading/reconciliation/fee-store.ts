import type { InstrumentId, Micros } from '../../kernel/index.ts'
import type { TenantTx } from '../../platform/index.ts'
import type { BookedFee, SeenFees } from './fees.ts'

declare module '../../platform/index.ts' {
  interface Schema {
    fee_schedule: {
      tenant_id: string
      venue: string
      instrument: string
      maker_ppm: number
      taker_ppm: number
      seen_from: number
      seen_until: number
    }
  }
}

/** Periods that are looked at, and fills whose fees are compared at once: the latest. */
const PERIODS_MAX = 5_000
const FILLS_MAX = 5_000

/** The schedules of a venue that were seen, oldest first. */
export async function feesSeen(tx: TenantTx, venue: string): Promise<SeenFees[]> {
  const rows = await tx
    .selectFrom('fee_schedule')
    .selectAll()
    .where('tenant_id', '=', tx.tenant)
    .where('venue', '=', venue)
    .orderBy('seen_from', 'desc')
    .limit(PERIODS_MAX)
    .execute()
  return rows.reverse().map(row => ({
    instrument: row.instrument as InstrumentId,
    makerPpm: row.maker_ppm,
    takerPpm: row.taker_ppm,
    from: row.seen_from,
    until: row.seen_until,
  }))
}

/** Writes periods down; one that is there already goes on until later. */
export async function saveFees(tx: TenantTx, venue: string, periods: readonly SeenFees[]): Promise<void> {
  if (periods.length === 0) return
  await tx
    .insertInto('fee_schedule')
    .values(
      periods.map(({ instrument, makerPpm, takerPpm, from, until }) => ({
        tenant_id: tx.tenant,
        venue,
        instrument,
        maker_ppm: makerPpm,
        taker_ppm: takerPpm,
        seen_from: from,
        seen_until: until,
      })),
    )
    .onConflict(conflict =>
      conflict
        .columns(['tenant_id', 'venue', 'instrument', 'seen_from'])
        .doUpdateSet(row => ({ seen_until: row.ref('excluded.seen_until') })),
    )
    .execute()
}

/** Fees of our fills at a venue since, oldest first. */
export async function bookedFees(tx: TenantTx, venue: string, since: Micros): Promise<BookedFee[]> {
  const rows = await tx
    .selectFrom('fill')
    .select(['instrument', 'id', 'price', 'quantity', 'fee', 'fee_asset', 'liquidity', 'at'])
    .where('tenant_id', '=', tx.tenant)
    .where('instrument', 'like', `${venue}:%`)
    .where('at', '>=', since)
    .orderBy('at', 'desc')
    .limit(FILLS_MAX)
    .execute()
  return rows.reverse().map(row => ({
    instrument: row.instrument as InstrumentId,
    fill: row.id,
    price: row.price,
    quantity: row.quantity,
    fee: row.fee,
    feeAsset: row.fee_asset,
    liquidity: row.liquidity,
    at: row.at,
  }))
}
