export { binance } from './definition.ts'
