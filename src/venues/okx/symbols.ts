import type { Instrument } from '../../kernel/index.ts'

/** `XRP-USDT` */
export const okxSymbol = (instrument: Instrument): string =>
  instrument.symbol ?? `${instrument.base}-${instrument.quote}`
