import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DEMO_RUNS } from '../../src/apps/demo.ts'
import { eventually } from '../../src/platform/testing.ts'
import { originIn, startBourse, temporaryFolder } from './process.ts'

interface RunRow {
  id: string
  name: string
  state: string
}

const data = join(temporaryFolder(), 'data')

/** Signs in as the demo's person and reads. */
async function client(origin: string) {
  const session = await fetch(`${origin}/v1/session/demo`, { method: 'POST' })
  const { token } = (await session.json()) as { token: string }
  return async <T>(path: string): Promise<T> =>
    (await fetch(origin + path, { headers: { authorization: `Bearer ${token}` } })).json() as Promise<T>
}

const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

async function started() {
  const server = startBourse(['start', '--demo', '--port', '0', '--data', data])
  const origin = originIn(await server.saying('strategies are at work'))
  const read = await client(origin)
  const { items: runs } = await read<{ items: RunRow[] }>('/v1/runs')
  const postgres = Number(readFileSync(join(data, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])
  return { server, read, runs, postgres }
}

test.skipIf(process.platform !== 'linux')(
  'kill -9 leaves no PostgreSQL behind, and the next start goes on with the same runs and every event',
  async () => {
    const first = await started()
    expect(first.runs.map(({ state }) => state)).toEqual(DEMO_RUNS.map(() => 'running'))
    expect(isAlive(first.postgres)).toBe(true)
    const { items: before } = await first.read<{ items: { id: string }[] }>('/v1/events?limit=500')
    await first.server.end('SIGKILL')
    await eventually(() => !isAlive(first.postgres))

    const second = await started()
    expect(second.runs.map(({ id, name, state }) => ({ id, name, state }))).toEqual(
      first.runs.map(({ id, name, state }) => ({ id, name, state })),
    )
    const { items: after } = await second.read<{ items: { id: string }[] }>('/v1/events?limit=500')
    const known = new Set(after.map(({ id }) => id))
    expect(before.length).toBeGreaterThan(0)
    expect(before.filter(({ id }) => !known.has(id))).toEqual([])

    expect(await second.server.end('SIGTERM')).toBe(0)
    await eventually(() => !isAlive(second.postgres))
    expect(second.server.said()).not.toContain('"level":"error"')
  },
  180_000,
)
