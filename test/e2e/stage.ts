import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

/** Where a browser is, or an empty text: then the tests of pages are skipped, and `npm test` says so. */
export const BROWSER =
  process.env.BOURSE_BROWSER ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(path => existsSync(path)) ??
  ''

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: BROWSER, args: FLAGS })

/** The real server in a process of its own, behind a wire that can be cut. */
export interface Stage {
  readonly origin: string
  /** Closes every connection and refuses new ones until `heal`. */
  cut(): void
  heal(): void
  close(): Promise<void>
}

const ROOT = resolve(import.meta.dirname, '../..')

export async function openStage(): Promise<Stage> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bourse-e2e-'))
  const wire = await openWire()
  const origin = `http://127.0.0.1:${wire.port}`
  const server = spawn(process.execPath, ['bin/bourse.mjs', 'start', '--demo', '--port', '0', '--data', dataDir], {
    cwd: ROOT,
    env: { ...process.env, BOURSE_METRICS_PORT: '0', BOURSE_PUBLIC_ORIGIN: origin, BOURSE_LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const hear = (text: Buffer) => {
    said = (said + text).slice(-50_000)
  }
  server.stdout.on('data', hear)
  server.stderr.on('data', hear)
  await heard(server, () => said, '"the server listens"')
  const port = /"port":(\d+)[^\n]*"the server listens"/.exec(said)?.[1]
  if (port === undefined) throw new Error(`the server did not say where it listens: ${said}`)
  // The simulated traders of the exchange come through the wire as well.
  wire.to(Number(port))
  await heard(server, () => said, 'strategies are at work')
  return {
    origin,
    cut: wire.cut,
    heal: wire.heal,
    async close() {
      server.kill('SIGTERM')
      if (server.exitCode === null) await once(server, 'exit')
      wire.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function heard(server: ChildProcess, said: () => string, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (said().includes(words)) resolve()
    }
    server.stdout!.on('data', look)
    server.on('exit', code => reject(new Error(`the server ended with ${code}: ${said()}`)))
  })
}

/** A plain relay between the browser and the server. */
async function openWire() {
  const sockets = new Set<Socket>()
  let target = 0
  let isCut = false
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  const relay = createServer(incoming => {
    if (isCut || target === 0) {
      incoming.destroy()
      return
    }
    const outgoing = connect(target, '127.0.0.1')
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(relay, 'listening')
  return {
    port: (relay.address() as { port: number }).port,
    to: (port: number) => {
      target = port
    },
    cut: () => {
      isCut = true
      drop()
    },
    heal: () => {
      isCut = false
    },
    close: () => {
      drop()
      relay.close()
    },
  }
}

/** The text of the element with this test id, once there is one. */
export const textOf = async (page: Page, testId: string): Promise<string> =>
  (await page.getByTestId(testId).first().textContent({ timeout: 30_000 })) ?? ''

/** Waits until the element's text passes. */
export async function untilText(
  page: Page,
  testId: string,
  passes: (text: string) => boolean,
  boundMs = 60_000,
): Promise<string> {
  const deadline = performance.now() + boundMs
  for (;;) {
    const text = await textOf(page, testId)
    if (passes(text)) return text
    if (performance.now() > deadline) throw new Error(`${testId} still says ${JSON.stringify(text)}`)
    await page.waitForTimeout(100)
  }
}
