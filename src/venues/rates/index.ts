export * from './budget.ts'
export * from './queue.ts'
export * from './rules.ts'
