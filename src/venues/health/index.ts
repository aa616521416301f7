export { keepBreakerHistory } from './history.ts'
export { type BreakerChange, VenueMonitor } from './monitor.ts'
export type { Health } from './score.ts'
export type { ClockReading } from './skew.ts'
