export * from './config/config.ts'
export * from './database/database.ts'
export { migrate, migrationFolders } from './database/migrate.ts'
export { type Role, roleUrl } from './database/roles.ts'
export * from './database/schema.ts'
export * from './events/append.ts'
export * from './events/audit-recorded.ts'
export * from './events/audit-writer.ts'
export * from './events/dispatcher.ts'
export { BEGINNING, type Checkpoint } from './events/log-reader.ts'
export * from './events/read.ts'
export type { FeedSubscription, HandlerSubscription, Subscription } from './events/subscription.ts'
export type { DeadLetterTable, EventTable } from './events/tables.ts'
export { type EventTypes, eventTypes, type StoredEvent } from './events/types.ts'
export { SessionView } from './http/demo-session.ts'
export { type HealthCheck, type Readiness, readinessOf } from './http/health.ts'
export * from './http/openapi.ts'
export * from './http/permission-matrix.ts'
export { Problem } from './http/problem.ts'
export { RATES, type RateClass } from './http/rates.ts'
export {
  type Answer,
  accepted,
  created,
  noContent,
  ok,
  type Route,
  type RouteDeps,
  type RouteRequest,
  type RouteSpec,
  route,
} from './http/route.ts'
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http/server.ts'
export * from './log/log.ts'
export * from './metrics/metrics.ts'
export * from './metrics/metrics-server.ts'
export * from './postgres/launcher.ts'
export * from './sockets/hub.ts'
export * from './sockets/protocol.ts'
export type { SocketLimits, Topic } from './sockets/topic.ts'
export * from './system.ts'
export * from './tokens/signing-key.ts'
export * from './tokens/tokens.ts'
