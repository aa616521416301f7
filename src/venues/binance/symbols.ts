import type { Instrument } from '../../kernel/index.ts'

/** `XRPUSDT` */
export const binanceSymbol = (instrument: Instrument): string =>
  instrument.symbol ?? `${instrument.base}${instrument.quote}`
