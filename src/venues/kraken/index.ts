export { kraken } from './definition.ts'
