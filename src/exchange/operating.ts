import { AppError, type Micros } from '../kernel/index.ts'
import type { Phase } from '../matching/index.ts'
import { type MarketSpec, rulesOf } from './listing.ts'
import type { Part, Shards } from './shards.ts'

/** What an operator does to markets. */

/** Lists a market on a shard, with its assets where they are new. The same again changes its rules. @throws AppError */
export async function listMarket(
  shards: Shards,
  shard: number,
  spec: MarketSpec,
  scales: { base: number; quote: number },
): Promise<void> {
  const part = shards.parts[shard]
  if (part === undefined) throw new AppError('request.invalid', { field: 'shard', rule: 'is one of the exchange' })
  const { pair, tick, lot } = spec
  const [baseCode, quoteCode] = pair.split('/') as [string, string]
  const rules = rulesOf(spec, scales.base, scales.quote)
  const base = await assetOf(shards, part, baseCode, scales.base)
  const quote = await assetOf(shards, part, quoteCode, scales.quote)
  const { instruments } = part.shard.replica
  const known = instruments.findIndex(listed => listed.pair === pair)
  const instrument = known < 0 ? instruments.length : known
  await shards.submit(part, { kind: 'add_instrument', instrument, base, quote, rules, pair, tick, lot })
}

async function assetOf(shards: Shards, part: Part, code: string, scale: number): Promise<number> {
  const { assets } = part.shard.replica
  const known = assets.findIndex(asset => asset.code === code)
  if (known >= 0) return known
  const asset = assets.length
  await shards.submit(part, { kind: 'add_asset', asset, code, scale })
  return asset
}

/** Opens, halts or closes a market, or begins an auction in it; `until` 0 is until told. @throws AppError */
export async function setPhase(
  shards: Shards,
  instrument: string,
  phase: Phase,
  until: Micros = 0,
  next: 'trading' | 'closed' = 'trading',
): Promise<void> {
  const { part, market } = shards.marketOf(instrument)
  await shards.submit(part, { kind: 'set_phase', instrument: market.number, phase, until, next })
}
