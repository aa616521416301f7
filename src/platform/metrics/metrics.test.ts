import { expect, test } from 'vitest'
import { manualTime } from '../testing.ts'
import { createMetrics } from './metrics.ts'
import { startMetricsServer } from './metrics-server.ts'

test('metrics and the details of readiness are told on their own port, and nothing else', async () => {
  const metrics = createMetrics({ process: true })
  metrics.counter('sample_total', 'Samples', ['kind'] as const).inc({ kind: 'good' })
  metrics.gauge('sample_depth', 'Depth', { collect: async () => 7 })
  metrics.gauge('sample_away', 'Away', { collect: () => Promise.reject(new Error('away')) })
  const counted = [{ labels: { venue: 'kraken' }, value: 3 }]
  metrics.readings('counter', 'sample_read_total', 'Read', ['venue'], () => counted)
  metrics.readings('gauge', 'sample_level', 'Level', ['venue'], () => [{ labels: { venue: 'okx' }, value: 0.5 }])
  const checks = [
    {
      name: 'database',
      check: () => Promise.reject(Object.assign(new Error('at 10.0.0.7'), { code: 'ECONNREFUSED' })),
    },
    { name: 'market', check: async () => {} },
  ]
  const server = await startMetricsServer({ metrics, checks, timers: manualTime().timers, host: '127.0.0.1', port: 0 })
  const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method })
  const text = await (await get('/metrics')).text()
  expect(text).toContain('sample_total{kind="good"} 1')
  expect(text).toContain('sample_depth 7')
  expect(text).toContain('sample_away Nan')
  expect(text).toContain('sample_read_total{venue="kraken"} 3')
  expect(text).toContain('sample_level{venue="okx"} 0.5')
  expect(text).toContain('nodejs_eventloop_lag')
  counted.pop()
  expect(await (await get('/metrics')).text()).not.toContain('sample_read_total{')
  const ready = await get('/health/ready')
  expect([ready.status, await ready.json()]).toEqual([
    503,
    {
      status: 'not_ready',
      checks: [
        { name: 'database', state: 'down', detail: 'the connection is refused: nothing listens there' },
        { name: 'market', state: 'ok', detail: '' },
      ],
    },
  ])
  expect((await get('/')).status).toBe(404)
  expect((await get('/metrics', 'POST')).status).toBe(404)
  await expect(
    startMetricsServer({ metrics, checks: [], timers: manualTime().timers, host: '127.0.0.1', port: server.port }),
  ).rejects.toMatchObject({ code: 'server.port_in_use', details: { field: 'BOURSE_METRICS_PORT' } })
  await server.close()
})
