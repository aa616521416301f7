import { z } from 'zod'
import type { Timers } from '../../kernel/index.ts'
import { unavailableReason } from '../database/failures.ts'
import { ok, type Route, route } from './route.ts'

const CHECK_TIMEOUT_MS = 2_000

/** Something the process needs to do its work. It is well when `check` resolves in time. */
export interface HealthCheck {
  readonly name: string
  check(): Promise<void>
}

const Readiness = z.strictObject({
  status: z.enum(['ready', 'not_ready']),
  checks: z
    .array(z.strictObject({ name: z.string(), state: z.enum(['ok', 'down']), detail: z.string() }))
    .optional()
    .meta({ description: 'In demo mode and on the metrics port only' }),
})
export type Readiness = z.infer<typeof Readiness>

/** Runs all checks at once, each within CHECK_TIMEOUT_MS. */
export async function readinessOf(checks: readonly HealthCheck[], timers: Timers): Promise<Required<Readiness>> {
  const rows = await Promise.all(
    checks.map(async ({ name, check }) => {
      try {
        await withTimeout(check(), timers)
        return { name, state: 'ok' as const, detail: '' }
      } catch (error) {
        const detail = unavailableReason(error) ?? (error instanceof Error ? error.message : 'failed')
        return { name, state: 'down' as const, detail: detail.slice(0, 300) }
      }
    }),
  )
  return { status: rows.every(row => row.state === 'ok') ? 'ready' : 'not_ready', checks: rows }
}

function withTimeout(work: Promise<void>, timers: Timers): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = timers.after(CHECK_TIMEOUT_MS, () => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)))
    work.then(resolve, reject).finally(() => timer.cancel())
  })
}

/** Liveness says that the process runs; readiness that it can do its work. Details are public in demo mode only. */
export const healthRoutes = (checks: readonly HealthCheck[], timers: Timers, isDetailed: boolean): Route[] => [
  route({
    method: 'GET',
    path: '/health/live',
    permission: 'public',
    rate: 'read',
    summary: 'The process runs',
    responses: { 200: z.strictObject({ status: z.literal('ok') }) },
    handle: () => ok({ status: 'ok' as const }),
  }),
  route({
    method: 'GET',
    path: '/health/ready',
    permission: 'public',
    rate: 'read',
    summary: 'The process can do its work',
    responses: { 200: Readiness, 503: Readiness },
    async handle() {
      const readiness = await readinessOf(checks, timers)
      const body = isDetailed ? readiness : { status: readiness.status }
      return readiness.status === 'ready' ? ok(body) : { status: 503 as const, body }
    },
  }),
]
