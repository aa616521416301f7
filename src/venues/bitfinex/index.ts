export { bitfinex } from './definition.ts'
