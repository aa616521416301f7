import { listInstrument, type SimulatedInstrument } from '../core/index.ts'

/** A pair as Kraken lists it: https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs */
export interface KrakenPair extends SimulatedInstrument {
  readonly altname: string
  readonly wsname: string
  readonly base: string
  readonly quote: string
}

/** `pair` is the name in streams of version 2; the lot has as many decimals as `lot_decimals` says. */
const pair = (
  name: string,
  symbol: string,
  altname: string,
  [base, quote]: readonly [string, string],
  tick: string,
  minimum: string,
): KrakenPair => ({
  ...listInstrument({
    venue: 'kraken',
    pair: name,
    symbol,
    tick,
    lot: '0.00000001',
    quantityMin: minimum,
    notionalMin: '0.5',
    makerPpm: 1_600,
    takerPpm: 2_600,
  }),
  altname,
  wsname: `${altname.slice(0, -3)}/USD`,
  base,
  quote,
})

export const KRAKEN_PAIRS: readonly KrakenPair[] = [
  pair('BTC/USD', 'XXBTZUSD', 'XBTUSD', ['XXBT', 'ZUSD'], '0.1', '0.00005'),
  pair('ETH/USD', 'XETHZUSD', 'ETHUSD', ['XETH', 'ZUSD'], '0.01', '0.002'),
  pair('XRP/USD', 'XXRPZUSD', 'XRPUSD', ['XXRP', 'ZUSD'], '0.00001', '2'),
  pair('DOGE/USD', 'XDGUSD', 'XDGUSD', ['XXDG', 'ZUSD'], '0.0000001', '20'),
]

/** Kraken's names of assets: https://docs.kraken.com/api/docs/rest-api/get-asset-info */
export const KRAKEN_ASSETS: readonly { readonly id: string; readonly altname: string; readonly asset: string }[] = [
  { id: 'ZUSD', altname: 'USD', asset: 'USD' },
  { id: 'XXBT', altname: 'XBT', asset: 'BTC' },
  { id: 'XETH', altname: 'ETH', asset: 'ETH' },
  { id: 'XXRP', altname: 'XRP', asset: 'XRP' },
  { id: 'XXDG', altname: 'XDG', asset: 'DOGE' },
]

export const pairNamed = (name: string | null | undefined): KrakenPair | undefined =>
  KRAKEN_PAIRS.find(
    one => one.symbol === name || one.altname === name || one.wsname === name || one.instrument.pair === name,
  )
