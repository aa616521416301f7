import type { Instrument } from '../../kernel/index.ts'

/** `XRP-USD` */
export const coinbaseSymbol = (instrument: Instrument): string =>
  instrument.symbol ?? `${instrument.base}-${instrument.quote}`
