export { kucoin } from './definition.ts'
