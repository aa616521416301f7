import type { Instrument } from '../../kernel/index.ts'

/** `tXRPUSD`; with a colon where an asset's name has more than three letters: `tDOGE:USD`. */
export function bitfinexSymbol({ symbol, base, quote }: Instrument): string {
  if (symbol !== undefined) return symbol
  return base.length > 3 || quote.length > 3 ? `t${base}:${quote}` : `t${base}${quote}`
}
