import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError, type Timers } from '../../kernel/index.ts'
import { type HealthCheck, readinessOf } from '../http/health.ts'
import { portFailure } from '../http/listen.ts'
import type { Metrics } from './metrics.ts'

const REQUEST_TIMEOUT_MS = 10_000

export interface MetricsServer {
  readonly port: number
  close(): Promise<void>
}

/**
 * `/metrics` for Prometheus and the details of readiness, on a port of their own that is not shown to the public.
 * @throws AppError `server.port_in_use`.
 */
export async function startMetricsServer(options: {
  metrics: Metrics
  checks: readonly HealthCheck[]
  timers: Timers
  host: string
  port: number
}): Promise<MetricsServer> {
  const { metrics, checks, timers, host, port } = options
  const answer = async (path: string): Promise<{ status: number; type: string; text: string }> => {
    if (path === '/metrics') {
      const { text, contentType } = await metrics.text()
      return { status: 200, type: contentType, text }
    }
    if (path !== '/health/ready')
      return { status: 404, type: 'text/plain', text: 'there is /metrics and /health/ready\n' }
    const readiness = await readinessOf(checks, timers)
    return {
      status: readiness.status === 'ready' ? 200 : 503,
      type: 'application/json',
      text: JSON.stringify(readiness),
    }
  }
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    const path = request.method === 'GET' ? (request.url ?? '').split('?')[0]! : ''
    answer(path)
      .catch(() => ({ status: 500, type: 'text/plain', text: 'failed\n' }))
      .then(({ status, type, text }) =>
        response
          .writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
          .end(text),
      )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', error =>
      reject(
        portFailure(error, 'BOURSE_METRICS_PORT', host, port) ?? new AppError('internal.error', {}, { cause: error }),
      ),
    )
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
