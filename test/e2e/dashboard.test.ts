import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BROWSER, openBrowser, openStage, type Stage, textOf, untilText } from './stage.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const ROUTES = [
  '/t/XRP-USD',
  '/exchange',
  '/runs',
  '/orders',
  '/venues',
  '/reconciliation',
  '/portfolio',
  '/ledger',
  '/ledger?view=trial',
  '/events',
  '/system',
] as const

describe.skipIf(BROWSER === '')(
  `the dashboard in a browser${BROWSER === '' ? ' (skipped: no Chromium here)' : ''}`,
  () => {
    let stage: Stage
    let browser: Browser
    let context: BrowserContext
    let page: Page
    const complaints: string[] = []
    beforeAll(async () => {
      ;[stage, browser] = await Promise.all([openStage(), openBrowser()])
      context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
      page = await context.newPage()
      page.on('pageerror', error => complaints.push(error.message))
      await page.goto(`${stage.origin}/`)
    }, 120_000)
    afterAll(async () => {
      await browser?.close()
      await stage?.close()
    }, 60_000)

    test('it opens on a market that moves: price, book and tape change by themselves', async () => {
      await untilText(page, 'feed-light-market-state', text => /live/i.test(text))
      const before = [await textOf(page, 'price-last'), await textOf(page, 'book'), await textOf(page, 'tape')]
      expect(before[0]).toMatch(/\d+\.\d{4}/)
      await untilText(page, 'book', text => text !== before[1])
      await untilText(page, 'tape', text => text !== before[2])
    })

    test('it trades: fills of a strategy show, and the equity moves', async () => {
      await page.goto(`${stage.origin}/portfolio`)
      const equity = await untilText(page, 'equity-value', text => /\d/.test(text))
      await untilText(page, 'equity-value', text => /\d/.test(text) && text !== equity, 120_000)
      await page.goto(`${stage.origin}/orders?state=closed`)
      await page.getByTestId('order-row').first().waitFor({ timeout: 120_000 })
      await page.getByTestId('order-row').first().click()
      await page.getByTestId('order-history').waitFor()
      expect(await page.getByTestId('order-event').count()).toBeGreaterThanOrEqual(3)
    }, 180_000)

    test('a cut socket shows, survives a change of page, and heals', async () => {
      await page.goto(`${stage.origin}/t/XRP-USD`)
      await untilText(page, 'feed-light-market-state', text => /live/i.test(text))
      stage.cut()
      await page.getByTestId('connection-banner').waitFor({ timeout: 30_000 })
      await page.getByRole('link', { name: 'Events' }).first().click()
      await page.waitForURL('**/events')
      await page.getByTestId('connection-banner').waitFor()
      stage.heal()
      await page.getByTestId('connection-banner').waitFor({ state: 'detached', timeout: 60_000 })
      await untilText(page, 'feed-light-market-state', text => /live/i.test(text))
      await page.getByRole('link', { name: 'Trade' }).first().click()
      const book = await textOf(page, 'book')
      await untilText(page, 'book', text => text !== book)
    }, 120_000)

    test('the kill switch stops it: a word, not Enter; a banner; no order after it; and it can be lifted', async () => {
      await page.goto(`${stage.origin}/t/DOGE-USD`)
      await untilText(page, 'feed-light-market-state', text => /live/i.test(text))
      const shown = () => new URL(page.url()).pathname
      await page.keyboard.press('Control+Shift+K')
      await page.getByTestId('kill-dialog').waitFor()
      expect(await page.evaluate("document.activeElement?.getAttribute('data-testid')")).toBe('kill-cancel')
      await page.getByTestId('kill-reason').fill('end to end test')
      await page.keyboard.press('Enter')
      expect(await page.getByTestId('kill-banner').count()).toBe(0)
      await page.getByTestId('kill-word').fill('STOP')
      await page.getByTestId('kill-confirm').click()
      await page.getByTestId('kill-done').click({ timeout: 20_000 })
      await page.getByTestId('kill-banner').waitFor()
      expect(shown()).toBe('/t/DOGE-USD')
      const orders = async () => {
        const answer = await page.evaluate(async () => {
          const signed = await fetch('/v1/session/demo', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: '{}',
          })
          const { token } = (await signed.json()) as { token: string }
          const list = await fetch('/v1/orders?limit=500', { headers: { authorization: `Bearer ${token}` } })
          return (await list.json()) as { items: { state: string }[] }
        })
        return answer.items
      }
      const atStop = await orders()
      expect(atStop.filter(order => ['accepted', 'submitted', 'partially_filled'].includes(order.state))).toEqual([])
      // Long enough for several candles of five seconds: the market moves on and nothing is ordered.
      const prices = new Set<string>()
      await untilText(page, 'price-last', text => prices.add(text).size > 4, 120_000)
      expect((await orders()).length).toBe(atStop.length)
      await page.getByTestId('kill-lift-open').click()
      await page.getByTestId('lift-reason').fill('the test is over')
      await page.getByTestId('lift-confirm').click()
      await page.getByTestId('kill-banner').waitFor({ state: 'detached', timeout: 20_000 })
    }, 240_000)

    test('a run is stopped, given other parameters, and started again', async () => {
      await page.goto(`${stage.origin}/runs`)
      await page.getByTestId('run-row').first().waitFor()
      const working = await page.getByTestId('run-stop').count()
      await page.getByTestId('run-stop').first().click()
      await page.getByTestId('run-start').first().waitFor({ timeout: 20_000 })
      await page.getByTestId('run-start').first().click()
      await expect.poll(() => page.getByTestId('run-stop').count(), { timeout: 20_000 }).toBe(working)
    }, 60_000)

    test('pages can be reached by keys alone', async () => {
      await page.goto(`${stage.origin}/t/XRP-USD`)
      await page.getByTestId('book').waitFor()
      for (const [key, path] of [
        ['x', '/exchange'],
        ['s', '/runs'],
        ['o', '/orders'],
        ['v', '/venues'],
        ['r', '/reconciliation'],
        ['p', '/portfolio'],
        ['l', '/ledger'],
        ['e', '/events'],
        ['h', '/system'],
      ] as const) {
        await page.keyboard.press('g')
        await page.keyboard.press(key)
        await page.waitForURL(url => url.pathname === path)
      }
    })

    test.each(['light', 'dark'] as const)(
      'axe finds nothing on any page, in English and Persian (%s)',
      async scheme => {
        for (const language of ['en', 'fa']) {
          const reader = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: scheme })
          await reader.addInitScript(`localStorage.setItem('bourse.settings', '${JSON.stringify({ language })}')`)
          const own = await reader.newPage()
          for (const route of ROUTES) {
            await own.goto(`${stage.origin}${route}`)
            await own.getByTestId('feed-light-market-state').waitFor()
            await own.waitForLoadState('networkidle')
            await own.evaluate(AXE)
            const violations = await own.evaluate(async () => {
              const axe = (
                globalThis as never as {
                  axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
                }
              ).axe
              const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
              const found = await axe.run({ runOnly: tags })
              return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
            })
            expect(violations, `${route} ${language} ${scheme}`).toEqual([])
            if (language === 'fa') expect(await own.evaluate('document.documentElement.dir')).toBe('rtl')
          }
          await reader.close()
        }
      },
      240_000,
    )

    test('a phone of 380 px shows every page without scrolling sideways', async () => {
      const phone = await browser.newContext({ viewport: { width: 380, height: 800 }, hasTouch: true })
      const own = await phone.newPage()
      for (const route of ROUTES) {
        await own.goto(`${stage.origin}${route}`)
        await own.getByTestId('kill-open').first().waitFor()
        await own.waitForLoadState('networkidle')
        expect(await own.evaluate('document.documentElement.scrollWidth'), route).toBeLessThanOrEqual(380)
      }
      await phone.close()
    }, 120_000)

    test('the built pages keep their budgets', () => {
      const report = JSON.parse(execFileSync(process.execPath, [resolve('web/budget.mjs')], { encoding: 'utf8' }))
      expect(report.shell).toBeLessThanOrEqual(120)
      expect(report.trade).toBeLessThanOrEqual(230)
      expect(report.over).toEqual([])
    })

    test('no page has thrown', () => {
      expect(complaints).toEqual([])
    })
  },
)
