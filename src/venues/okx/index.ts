export { okx } from './definition.ts'
