export { Durations } from './durations.ts'
export { operationsRoutes } from './routes.ts'
export { type HealthSources, marketVerdict, SystemHealth, type Verdict } from './system-health.ts'
export * from './views.ts'
