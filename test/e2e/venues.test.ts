import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BROWSER, openBrowser, openStage, type Stage, textOf, untilText } from './stage.ts'

interface Listed {
  readonly name: string
  readonly mode: string
  readonly calls: readonly { readonly kind: string }[]
  readonly balances: readonly { readonly asset: string }[]
  readonly books: readonly { readonly pair: string }[]
}
interface Compared {
  readonly id: string
  readonly venue: string
  readonly trigger: string
  readonly startedAt: number
}

describe.skipIf(BROWSER === '')(
  `venues and reconciliation in a browser${BROWSER === '' ? ' (skipped: no Chromium here)' : ''}`,
  () => {
    let stage: Stage
    let browser: Browser
    let page: Page
    const complaints: string[] = []
    beforeAll(async () => {
      ;[stage, browser] = await Promise.all([openStage(), openBrowser()])
      page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      page.on('pageerror', error => complaints.push(error.message))
      await page.goto(`${stage.origin}/venues`)
      await page.getByTestId('venue-row').first().waitFor({ timeout: 60_000 })
    }, 120_000)
    afterAll(async () => {
      await browser?.close()
      await stage?.close()
    }, 60_000)

    /** What the server says, asked for without the page. */
    async function items<T>(path: string): Promise<T[]> {
      const signed = await fetch(`${stage.origin}/v1/session/demo`, { method: 'POST' })
      const { token } = (await signed.json()) as { token: string }
      const answer = await fetch(`${stage.origin}${path}`, { headers: { authorization: `Bearer ${token}` } })
      return ((await answer.json()) as { items: T[] }).items
    }
    const shown = (testId: string, attribute: string) =>
      page.getByTestId(testId).evaluateAll((all, name) => all.map(one => one.getAttribute(name)), attribute)

    test('there is a row for each venue that the server has, with whose money trades there', async () => {
      const venues = await items<Listed>('/v1/venues')
      expect(venues.length).toBeGreaterThan(0)
      expect((await shown('venue-row', 'data-id')).sort()).toEqual(venues.map(({ name }) => name).sort())
      expect((await shown('venue-mode', 'data-mode')).sort()).toEqual(venues.map(({ mode }) => mode).sort())
    })

    test('the books move by themselves, and the marked prices are the best of those that are not stale', async () => {
      const before = await textOf(page, 'book-matrix')
      await untilText(page, 'book-matrix', text => text !== before)
      const venues = await items<Listed>('/v1/venues')
      const pairs = [...new Set(venues.flatMap(({ books }) => books.map(({ pair }) => pair)))].sort()
      expect((await shown('book-pair', 'data-pair')).sort()).toEqual(pairs)
      // Read in one go: between two readings prices may change.
      const rows = await page.getByTestId('book-pair').evaluateAll(all =>
        all.map(row => {
          const side = (name: string) =>
            [...row.querySelectorAll(`[data-testid="book-${name}"]`)]
              .filter(one => one.closest('td')?.querySelector('[data-testid="book-stale"]') === null)
              .map(one => ({
                price: Number(one.querySelector('.num')?.textContent?.replaceAll(',', '')),
                best: one.hasAttribute('data-best'),
              }))
              .filter(({ price }) => !Number.isNaN(price))
          return { bids: side('bid'), asks: side('ask') }
        }),
      )
      expect(rows.flatMap(({ bids }) => bids).length).toBeGreaterThan(0)
      for (const { bids, asks } of rows) {
        const highest = Math.max(...bids.map(({ price }) => price))
        const lowest = Math.min(...asks.map(({ price }) => price))
        expect(bids.filter(({ best }) => best)).toEqual(bids.filter(({ price }) => price === highest))
        expect(asks.filter(({ best }) => best)).toEqual(asks.filter(({ price }) => price === lowest))
      }
    }, 90_000)

    test('Enter on a row opens all that is known of the venue, and the address says which', async () => {
      const id = (await shown('venue-row', 'data-id'))[0] as string
      const venue = (await items<Listed>('/v1/venues')).find(({ name }) => name === id)
      await page.getByTestId('venue-row').first().focus()
      await page.keyboard.press('Enter')
      await page.getByTestId('venue-sheet').waitFor()
      expect(new URL(page.url()).searchParams.get('venue')).toBe(id)
      expect(await shown('venue-calls', 'data-kind')).toEqual(venue!.calls.map(({ kind }) => kind))
      expect(await page.getByTestId('venue-balance').count()).toBe(venue!.balances.length)
      await page.keyboard.press('Escape')
      await page.getByTestId('venue-sheet').waitFor({ state: 'detached' })
      expect(new URL(page.url()).searchParams.get('venue')).toBeNull()
    })

    test('a comparison that is asked for is made, and shows', async () => {
      const [{ name } = { name: '' }] = await items<Listed>('/v1/venues')
      const before = new Set((await items<Compared>(`/v1/reconciliations?venue=${name}&limit=100`)).map(({ id }) => id))
      await page.goto(`${stage.origin}/reconciliation?venue=${name}`)
      const button = page.getByTestId('compare-now')
      await button.click()
      const made = async () =>
        (await items<Compared>(`/v1/reconciliations?venue=${name}&limit=100`)).filter(
          ({ id, trigger }) => !before.has(id) && trigger === 'request',
        )
      await expect.poll(async () => (await made()).length, { timeout: 60_000 }).toBe(1)
      const [run] = await made()
      await page.locator(`[data-testid="comparison"][data-id="${run!.id}"]`).waitFor({ timeout: 30_000 })
      await expect.poll(() => button.isEnabled(), { timeout: 30_000 }).toBe(true)
    }, 120_000)

    test('the page lists what the server has found, and only of the venue that the address names', async () => {
      const all = await items<Compared>('/v1/discrepancies?limit=200')
      await page.goto(`${stage.origin}/reconciliation`)
      await page.getByTestId('discrepancies-count').waitFor()
      await expect.poll(() => page.getByTestId('discrepancy').count()).toBe(all.length)
      const [{ name } = { name: '' }] = await items<Listed>('/v1/venues')
      await page.getByTestId('reconciliation-venue').selectOption(name)
      await page.waitForURL(url => url.searchParams.get('venue') === name)
      expect(await page.getByTestId('compare-venue').count()).toBe(1)
      await expect
        .poll(() => page.getByTestId('discrepancy').count())
        .toBe(all.filter(({ venue }) => venue === name).length)
    }, 60_000)

    test('no page has thrown', () => {
      expect(complaints).toEqual([])
    })
  },
)
