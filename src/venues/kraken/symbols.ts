import type { Instrument } from '../../kernel/index.ts'

/** The streams of version 2 have names of their own, `XRP/USD`, which are not those of REST (`XXRPZUSD`). */
export const krakenStreamSymbol = (instrument: Instrument): string => instrument.pair
