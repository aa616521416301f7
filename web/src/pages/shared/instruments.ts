import { useMemo } from 'react'
import type { InstrumentView } from '../../contract.ts'
import { useInstruments } from '../../session/queries.ts'
import { decimalsOf } from '../../show/decimal.ts'

export const pairOf = (instrument: string): string => instrument.slice(instrument.indexOf(':') + 1)
export const venueOf = (instrument: string): string => instrument.slice(0, instrument.indexOf(':'))

/** How an instrument is named in an address: `XRP-USD` on the paper market, `kraken-XRP-USD` on a venue. */
export function slugOf(instrument: string): string {
  const pair = pairOf(instrument).replace('/', '-')
  const venue = venueOf(instrument)
  return venue === 'paper' ? pair : `${venue}-${pair}`
}

/** A tenth of a unit of the quote asset is as fine as a quantity has to be seen at a glance. */
const GLANCE = 0.1

/** The step to show quantities with beside a price: that of the lot, or coarser where lots are worth next to nothing. */
export function glanceStep(lot: string, price: string | number | null | undefined): string {
  const worth = Number(price)
  if (!(worth > 0)) return lot
  const decimals = Math.max(0, Math.ceil(Math.log10(worth / GLANCE)))
  return decimals < decimalsOf(lot) ? (10 ** -decimals).toFixed(decimals) : lot
}

/** Steps and currencies by instrument id; an unknown one shows its texts as they came. */
export function useInstrumentMap(): ReadonlyMap<string, InstrumentView> {
  const { data } = useInstruments()
  return useMemo(() => new Map((data?.items ?? []).map(instrument => [instrument.id, instrument])), [data])
}
