export { coinbase } from './definition.ts'
