export type { BookAction } from './instrument-market.ts'
export * from './living-market.ts'
export { MAKER_KINDS } from './makers.ts'
