import { defineInstrument } from '../../../src/kernel/index.ts'
import { unitsOf } from './accounts.ts'
import type { SimulatedInstrument } from './market.ts'

/** A row of a venue's table of instruments, with its fees. */
type Listing = Parameters<typeof defineInstrument>[0] & {
  readonly symbol: string
  readonly makerPpm: number
  readonly takerPpm: number
}

export const listInstrument = ({ makerPpm, takerPpm, ...listing }: Listing): SimulatedInstrument => ({
  instrument: defineInstrument(listing),
  symbol: listing.symbol,
  notionalMin: unitsOf(listing.notionalMin ?? '0'),
  makerPpm,
  takerPpm,
})

/** Finds an instrument by the venue's own name. */
export const bySymbol =
  (instruments: readonly SimulatedInstrument[]) =>
  (name: unknown): SimulatedInstrument | undefined =>
    instruments.find(({ symbol }) => symbol === name)
