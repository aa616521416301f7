import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { framesOf, heapMiB, openBrowser, openDesk, paintsOf } from './browser.ts'
import type { Order } from './pages-server.ts'
import type { Figure } from './report.ts'

/**
 * The built pages in headless Chromium, drawn without a graphics card, with the processor slowed four times. They are
 * served by `pages-server.ts`, in a process of its own: the whole product (database, node with the demo's strategies, API,
 * socket) with the one change that each instrument's book, tape, ticker and candles move 20 times a second, through the
 * product's own display and hub. The floor is the same page, in the same run, while the market rests.
 * Left out: real graphics cards and phones; browser, server and bench share this machine's cores.
 */
const SLOWER_TIMES = 4
const SHOWN = '/t/XRP-USD'
const FRAMES_MS = 15_000
const WARM_MS = 10_000
const VISITS = 5
const HEAP_FROM_MS = 60_000
const HEAP_FOR_MS = 300_000

const WEB = resolve(import.meta.dirname, '../web')

export async function* run(): AsyncGenerator<Figure> {
  if (!existsSync(resolve(WEB, 'dist/index.html')))
    throw new Error('the pages are not built: npm run build --workspace web')
  yield* sizes()
  const browser = await openBrowser()
  const server = await startServer()
  try {
    yield* paints(browser, server)
    yield* movement(browser, server)
  } finally {
    await browser.close()
    await server.end()
  }
}

interface Server {
  readonly origin: string
  tell(order: Order): void
  end(): Promise<void>
}

async function startServer(): Promise<Server> {
  const child = fork(resolve(import.meta.dirname, 'pages-server.ts'), { execArgv: ['--import', 'tsx'] })
  const origin = await new Promise<string>((resolve, reject) => {
    child.once('message', said => resolve(String(said)))
    child.once('exit', status => reject(new Error(`the server of the pages ended with ${status}`)))
  })
  return {
    origin,
    tell: order => void child.send(order),
    async end() {
      child.send('end' satisfies Order)
      await once(child, 'exit')
    },
  }
}

interface Sizes {
  readonly shell: number
  readonly trade: number
  readonly css: number
  readonly routes: Readonly<Record<string, number>>
  readonly fonts: Readonly<Record<string, number>>
}

/** What is sent, compressed; the trade page is the shell with its own code and pictures. */
function* sizes(): Generator<Figure> {
  const report = JSON.parse(execFileSync(process.execPath, [resolve(WEB, 'budget.mjs')], { encoding: 'utf8' })) as Sizes
  const others = Object.entries(report.routes).filter(([name]) => !name.endsWith('/trade.tsx'))
  const kB = { unit: 'kB', lessIsBetter: true }
  yield { metric: 'shellKB', value: report.shell, goal: 120, ...kB }
  yield { metric: 'tradePageKB', value: report.trade, goal: 230, ...kB }
  yield { metric: 'routeMaxKB', value: Math.max(...others.map(([, size]) => size)), goal: 60, ...kB }
  yield { metric: 'cssKB', value: report.css, goal: 25, ...kB }
  yield { metric: 'fontMaxKB', value: Math.max(...Object.values(report.fonts)), goal: 60, ...kB }
}

/** First visits on a slow line: the middle of several. */
async function* paints(browser: Browser, { origin }: Server): AsyncGenerator<Figure> {
  const found: { first: number; largest: number }[] = []
  for (let visit = 0; visit < VISITS; visit++) {
    const desk = await openDesk(browser, SLOWER_TIMES)
    found.push(await paintsOf(desk, origin + SHOWN))
    await desk.close()
  }
  const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
  const ms = { unit: 'ms', lessIsBetter: true }
  yield { metric: 'fcpSlowMs', value: middle(found.map(({ first }) => first)), goal: 1_500, ...ms }
  yield { metric: 'lcpSlowMs', value: middle(found.map(({ largest }) => largest)), goal: 2_500, ...ms }
}

/** One page left open while the market moves: its frames, and what its heap keeps. */
async function* movement(browser: Browser, server: Server): AsyncGenerator<Figure> {
  const desk = await openDesk(browser, SLOWER_TIMES)
  const { page, devtools } = desk
  await page.goto(server.origin + SHOWN)
  await page.getByTestId('tape-row').first().waitFor()
  await page.waitForTimeout(WARM_MS)
  const openedAt = performance.now()
  const moving = await framesOf(page, FRAMES_MS)
  server.tell('rest')
  await page.waitForTimeout(2_000)
  const resting = await framesOf(page, FRAMES_MS)
  server.tell('move')
  const floor = 'the page while nothing moves'
  yield {
    metric: 'framesPerSecond',
    value: moving.perSecond,
    unit: 'frames/s',
    goal: 55,
    floor,
    floorValue: resting.perSecond,
  }
  yield { metric: 'frameP95Ms', value: moving.p95Ms, unit: 'ms', lessIsBetter: true, floor, floorValue: resting.p95Ms }
  await page.waitForTimeout(Math.max(0, HEAP_FROM_MS - (performance.now() - openedAt)))
  const before = await heapMiB(devtools)
  await page.waitForTimeout(HEAP_FOR_MS)
  const growth = (await heapMiB(devtools)) - before
  yield { metric: 'heapGrowthMiB', value: growth, unit: 'MiB', lessIsBetter: true, goal: 10 }
  await desk.close()
}
