import { ok, type Route, route } from '../platform/index.ts'
import type { SystemHealth } from './system-health.ts'
import { SystemHealthView } from './views.ts'

declare module '../platform/index.ts' {
  interface RouteDeps {
    health: SystemHealth
  }
}

export const operationsRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/system/health',
    permission: 'health:read',
    rate: 'read',
    summary: 'Every part of the system with its state, and the figures that matter',
    responses: { 200: SystemHealthView },
    handle: async (_, { health }) => ok(await health.view()),
  }),
]
