import { existsSync } from 'node:fs'
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** @throws Error when there is no Chromium here. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.BOURSE_BROWSER ?? PLACES.find(path => existsSync(path))
  if (executablePath === undefined)
    throw new Error(
      `the bench pages needs Chromium: install it, or name it in BOURSE_BROWSER (looked at ${PLACES.join(', ')})`,
    )
  return await chromium.launch({ executablePath, args: FLAGS })
}

export interface Desk {
  readonly page: Page
  readonly devtools: CDPSession
  close(): Promise<void>
}

/** A page of its own, with nothing cached, on a processor slowed so many times. */
export async function openDesk(browser: Browser, slowerTimes: number): Promise<Desk> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowerTimes })
  return { page, devtools, close: () => context.close() }
}

export interface Frames {
  readonly perSecond: number
  readonly p95Ms: number
}

/** Runs in the page, which knows nothing of the helpers that a compiler adds: hence a text. */
const GAPS = `duration => new Promise(resolve => {
  const gaps = []
  let before
  let start
  const look = now => {
    if (before !== undefined) gaps.push(now - before)
    before = now
    start ??= now
    if (now - start < duration) requestAnimationFrame(look)
    else resolve(gaps)
  }
  requestAnimationFrame(look)
})`

/** Counts animation frames for so long. */
export async function framesOf(page: Page, durationMs: number): Promise<Frames> {
  const gaps = (await page.evaluate(`(${GAPS})(${durationMs})`)) as number[]
  const total = gaps.reduce((sum, gap) => sum + gap, 0)
  const p95Ms = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length * 0.95)] ?? 0
  return { perSecond: (gaps.length * 1_000) / total, p95Ms }
}

/** What is left of the page's heap once everything that can be is collected. */
export async function heapMiB(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize } = await devtools.send('Runtime.getHeapUsage')
  return usedSize / 2 ** 20
}

/** The "slow 4G" of browsers' own tools. */
const SLOW_4G = {
  offline: false,
  latency: 150,
  downloadThroughput: (1.6 * 1_024 * 1_024) / 8,
  uploadThroughput: (0.75 * 1_024 * 1_024) / 8,
}
const SETTLED_MS = 6_000

const PAINTS = `new Promise(resolve => {
  const first = performance.getEntriesByName('first-contentful-paint')[0].startTime
  new PerformanceObserver(list => resolve({ first, largest: list.getEntries().at(-1).startTime }))
    .observe({ type: 'largest-contentful-paint', buffered: true })
})`

/** First and largest contentful paint of a first visit on a slow line, in ms. */
export async function paintsOf({ page, devtools }: Desk, address: string): Promise<{ first: number; largest: number }> {
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', SLOW_4G)
  await page.goto(address)
  await page.waitForTimeout(SETTLED_MS)
  return (await page.evaluate(PAINTS)) as { first: number; largest: number }
}
