export * from './living-market.ts'
