import type { Instrument } from '../../kernel/index.ts'

/** `xrpusdt` */
export const htxSymbol = (instrument: Instrument): string =>
  instrument.symbol ?? `${instrument.base}${instrument.quote}`.toLowerCase()
