import { useMemo } from 'react'
import type { InstrumentView } from '../../contract.ts'
import { useInstruments } from '../../session/queries.ts'

export const pairOf = (instrument: string): string => instrument.slice(instrument.indexOf(':') + 1)
export const slugOf = (pair: string): string => pair.replace('/', '-')

/** Steps and currencies by instrument id; an unknown one shows its texts as they came. */
export function useInstrumentMap(): ReadonlyMap<string, InstrumentView> {
  const { data } = useInstruments()
  return useMemo(() => new Map((data?.items ?? []).map(instrument => [instrument.id, instrument])), [data])
}
