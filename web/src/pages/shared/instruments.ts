import { useMemo } from 'react'
import type { InstrumentView } from '../../contract.ts'
import { useInstruments } from '../../session/queries.ts'

export const pairOf = (instrument: string): string => instrument.slice(instrument.indexOf(':') + 1)
export const venueOf = (instrument: string): string => instrument.slice(0, instrument.indexOf(':'))

/** How an instrument is named in an address: `XRP-USD` on the paper market, `kraken-XRP-USD` on a venue. */
export function slugOf(instrument: string): string {
  const pair = pairOf(instrument).replace('/', '-')
  const venue = venueOf(instrument)
  return venue === 'paper' ? pair : `${venue}-${pair}`
}

/** Steps and currencies by instrument id; an unknown one shows its texts as they came. */
export function useInstrumentMap(): ReadonlyMap<string, InstrumentView> {
  const { data } = useInstruments()
  return useMemo(() => new Map((data?.items ?? []).map(instrument => [instrument.id, instrument])), [data])
}
