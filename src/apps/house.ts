import { HOUSE_TRADERS } from '../../simulators/house/index.ts'
import type { MarketSpec } from '../exchange/index.ts'
import { MICROS_PER_SECOND, priceText, quantityText } from '../kernel/index.ts'
import { DEMO_INSTRUMENTS } from '../market/index.ts'
import { createFastEngine, restoreFastEngine } from '../matching/index.ts'

/** What the demo's house exchange lists, who trades there at first, and with how much. */

/** Decimals of each asset's smallest unit. */
export const ASSET_SCALES: Readonly<Record<string, number>> = { BTC: 8, ETH: 8, XRP: 6, DOGE: 6, USD: 6 }

/**
 * What the engines of the house take. A journal means the same only under the limits that it was written with: whoever changes
 * them cannot replay what was before.
 */
export const HOUSE_LIMITS = {
  ordersMax: 500_000,
  accountsMax: 100_000,
  instrumentsMax: 100,
  assetsMax: 100,
  clientIdsMax: 1_000,
  makerPpm: 1_000,
  takerPpm: 2_000,
} as const
export const HOUSE_ENGINE = { create: createFastEngine, restore: restoreFastEngine }

/** The four pairs of the other venues, so that prices can be compared. */
export const HOUSE_MARKETS: readonly MarketSpec[] = DEMO_INSTRUMENTS.map(instrument => ({
  pair: instrument.pair,
  tick: priceText(instrument, 1),
  lot: quantityText(instrument, 1),
  quantityMin: quantityText(instrument, 1),
  quantityMax: quantityText(instrument, 10_000_000),
  priceMax: priceText(instrument, 100_000_000),
  notionalMin: '5',
  bandPpm: 200_000,
  haltPpm: 100_000,
  haltMicros: 60 * MICROS_PER_SECOND,
  protectionPpm: 50_000,
}))

/** What each participant of the demo is given: in the wallet, and of that moved to the trading account. */
export interface Endowment {
  readonly owner: string
  readonly wallet: Readonly<Record<string, string>>
  readonly trading: Readonly<Record<string, string>>
}

const MAKER: Readonly<Record<string, string>> = {
  USD: '400000000',
  BTC: '4000',
  ETH: '80000',
  XRP: '400000000',
  DOGE: '1000000000',
}

/** Who trades on the house exchange when a run does: not the person, whose own orders would look like differences. */
export const RUNS_OWNER = 'demo-runs'

const RUNS: Readonly<Record<string, string>> = { USD: '100000', BTC: '1', ETH: '10', XRP: '25000', DOGE: '100000' }

export const DEMO_ENDOWMENTS: readonly Endowment[] = [
  ...HOUSE_TRADERS.map(owner => ({ owner, wallet: MAKER, trading: MAKER })),
  {
    owner: 'demo-trader',
    wallet: { USD: '200000', BTC: '2', ETH: '20', XRP: '50000', DOGE: '200000' },
    trading: { USD: '100000', BTC: '1', ETH: '10', XRP: '25000', DOGE: '100000' },
  },
  { owner: RUNS_OWNER, wallet: RUNS, trading: RUNS },
]
