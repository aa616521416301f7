export { importCandles } from './import-candles.ts'
export { inferTick } from './infer.ts'
export type { ImportReport } from './report.ts'
