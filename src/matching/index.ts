export * from './naive-book.ts'
export * from './order.ts'
