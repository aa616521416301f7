export { Durations } from './durations.ts'
export { operationsRoutes } from './routes.ts'
export { marketVerdict, SystemHealth } from './system-health.ts'
export * from './views.ts'
