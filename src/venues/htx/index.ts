export { htx } from './definition.ts'
