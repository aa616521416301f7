import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Figure } from './report.ts'

/**
 * `npm start` in this installed clone with an empty data folder, until the first page is served: npm, the check that all is
 * installed and built, initdb, PostgreSQL, migrations and the server. And once more with the data that is there then, which
 * is the time a restart takes; that one ends when the strategies trade again.
 */
const POLL_MS = 20
const BOUND_MS = 120_000

export async function run(): Promise<readonly Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bourse-startup-'))
  try {
    const first = await start(dataDir, 'SIGTERM')
    const killed = await start(dataDir, 'SIGKILL')
    const again = await start(dataDir, 'SIGTERM')
    if (killed.tradingMs <= 0) throw new Error('nothing traded')
    return [
      { metric: 'firstPageMs', value: first.pageMs, unit: 'ms', lessIsBetter: true, goal: 5_000 },
      { metric: 'tradingAfterKillMs', value: again.tradingMs, unit: 'ms', lessIsBetter: true, goal: 10_000 },
    ]
  } finally {
    // PostgreSQL ends by itself after its owner, and writes until then.
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 100, retryDelay: 100 })
  }
}

async function start(dataDir: string, end: 'SIGTERM' | 'SIGKILL'): Promise<{ pageMs: number; tradingMs: number }> {
  const port = await freePort()
  const started = performance.now()
  const npm = spawn('npm', ['start'], {
    env: {
      ...process.env,
      BOURSE_PORT: String(port),
      BOURSE_METRICS_PORT: '0',
      BOURSE_DATA: dataDir,
      BOURSE_LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let said = ''
  npm.stdout.on('data', text => {
    said += text
  })
  const exited = once(npm, 'exit')
  try {
    await until(() => isServed(port), started)
    const pageMs = performance.now() - started
    await until(async () => said.includes('strategies are at work'), started)
    return { pageMs, tradingMs: performance.now() - started }
  } finally {
    // npm stands between us and the server: the group gets the signal.
    process.kill(-npm.pid!, end)
    await exited
    await until(async () => !isAlive(-npm.pid!), performance.now())
  }
}

/** Whether a process, or any of a group when negative, is still there. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function isServed(port: number): Promise<boolean> {
  try {
    const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { accept: 'text/html' } })
    return page.ok && (await page.text()).includes('<html')
  } catch {
    return false
  }
}

async function until(claim: () => Promise<boolean>, started: number): Promise<void> {
  while (!(await claim())) {
    if (performance.now() - started > BOUND_MS) throw new Error(`not within ${BOUND_MS} ms`)
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
