import { sql } from 'kysely'
import { type Candle, type Instrument, type Micros, ticksOf } from '../../kernel/index.ts'
import type { TenantTx } from '../../platform/index.ts'

/** A market in the history: the shard that it is on, and its pair. */
export interface MarketName {
  readonly shard: number
  readonly instrument: Instrument
}

/** The first trade of a market at or after a time, as its number; one more than the last where there is none. */
async function firstTradeAt(tx: TenantTx, { shard, instrument: { pair } }: MarketName, at: Micros): Promise<number> {
  const trades = () =>
    tx
      .selectFrom('exchange_fill')
      .select(['trade', 'at'])
      .where('tenant_id', '=', tx.tenant)
      .where('shard', '=', shard)
      .where('pair', '=', pair)
  const newest = await trades().orderBy('trade', 'desc').limit(1).executeTakeFirst()
  // Trades of a market are numbered from 1 without a gap, and their times never fall.
  let [low, high] = [1, (newest?.trade ?? 0) + 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const found = await trades().where('trade', '=', middle).limit(1).executeTakeFirstOrThrow()
    if (found.at < at) low = middle + 1
    else high = middle
  }
  return low
}

/** Candles of the trades from `from` until `to`, oldest first; none for an interval without a trade. Both are multiples of it. */
export async function candlesOf(
  tx: TenantTx,
  market: MarketName,
  { interval, from, to, limit }: { interval: Micros; from: Micros; to: Micros; limit: number },
): Promise<Candle[]> {
  const { shard, instrument } = market
  const [first, end] = [await firstTradeAt(tx, market, from), await firstTradeAt(tx, market, to)]
  const { rows } = await sql<{
    openAt: string
    open: string
    high: string
    low: string
    close: string
    volume: number
  }>`
    SELECT at - at % ${interval} AS "openAt", (array_agg(price ORDER BY trade))[1] AS open, max(price) AS high,
      min(price) AS low, (array_agg(price ORDER BY trade DESC))[1] AS close, sum(quantity)::float8 AS volume
    FROM (
      SELECT DISTINCT ON (trade) trade, at, price, quantity FROM exchange_fill
      WHERE tenant_id = ${tx.tenant} AND shard = ${shard} AND pair = ${instrument.pair} AND trade >= ${first} AND trade < ${end}
      ORDER BY trade
    ) AS trades GROUP BY 1 ORDER BY 1 LIMIT ${limit}`.execute(tx)
  return rows.map(({ openAt, open, high, low, close, volume }) => ({
    openAt: Number(openAt),
    open: ticksOf(instrument, open),
    high: ticksOf(instrument, high),
    low: ticksOf(instrument, low),
    close: ticksOf(instrument, close),
    volume,
  }))
}
