export { bybit } from './definition.ts'
