import type { Instrument } from '../../kernel/index.ts'

/** `XRP-USDT` */
export const kucoinSymbol = (instrument: Instrument): string =>
  instrument.symbol ?? `${instrument.base}-${instrument.quote}`
