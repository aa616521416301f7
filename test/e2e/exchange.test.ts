import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BROWSER, openBrowser, openStage, type Stage, textOf, untilText } from './stage.ts'

interface Order {
  readonly id: string
  readonly clientId: string | null
  readonly state: string
}

describe.skipIf(BROWSER === '')(
  `the exchange and the ledger in a browser${BROWSER === '' ? ' (skipped: no Chromium here)' : ''}`,
  () => {
    let stage: Stage
    let browser: Browser
    let page: Page
    const complaints: string[] = []
    beforeAll(async () => {
      ;[stage, browser] = await Promise.all([openStage(), openBrowser()])
      page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      page.on('pageerror', error => complaints.push(error.message))
      await page.goto(`${stage.origin}/exchange`)
      await page.getByTestId('book-bid').first().waitFor({ timeout: 60_000 })
      await untilText(page, 'balance-USD-available', text => /\d/.test(text))
    }, 240_000)
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
    async function post(path: string, body: object): Promise<void> {
      const signed = await fetch(`${stage.origin}/v1/session/demo`, { method: 'POST' })
      const { token } = (await signed.json()) as { token: string }
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const answer = await fetch(`${stage.origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      expect(answer.status).toBe(200)
    }
    const orders = () => items<Order>('/v1/exchange/orders?state=all&limit=500')
    const press = (testId: string) => page.getByTestId(testId).first().click()
    const fill = (testId: string, text: string) => page.getByTestId(testId).fill(text)
    /** From the draft to the last question, past the moment in which a second click of a double click is not heard. */
    const review = async () => {
      await press('ticket-review')
      await page.getByTestId('review').waitFor()
      await page.waitForTimeout(400)
    }
    const amountOf = (text: string) => Number(text.replace(/[^\d.]/g, ''))

    test('the book moves by itself, and a line of it fills in the price and sends nothing', async () => {
      const book = await textOf(page, 'book')
      await untilText(page, 'book', text => text !== book)
      const before = (await orders()).length
      await press('book-bid')
      expect(await page.getByTestId('ticket-price').inputValue()).toMatch(/^\d+\.\d{4}$/)
      expect(await page.getByTestId('review').count()).toBe(0)
      expect((await orders()).length).toBe(before)
    })

    test('a limit order: written, looked at, confirmed with a double click, open, and canceled', async () => {
      const before = (await orders()).length
      const held = await textOf(page, 'balance-USD-held')
      const price = (Number(await page.getByTestId('ticket-price').inputValue()) * 0.95).toFixed(4)
      await fill('ticket-price', price)
      await fill('ticket-quantity', '100')
      // Nothing of it fills: the fee is the maker's, 0.1 % of the cost; what is held is with the taker's, 0.2 %.
      const cost = Number(price) * 100
      expect(amountOf(await textOf(page, 'estimate-worst'))).toBeCloseTo(Number(price), 4)
      expect(amountOf(await textOf(page, 'estimate-fee'))).toBeCloseTo(cost * 0.001, 3)
      expect(amountOf(await textOf(page, 'estimate-worst-total'))).toBeCloseTo(cost * 1.002, 1)
      await review()
      await page.getByTestId('review-confirm').dblclick()
      await page.getByTestId('house-order').first().waitFor()
      expect((await orders()).length).toBe(before + 1)
      expect(amountOf(await untilText(page, 'balance-USD-held', text => text !== held))).toBeCloseTo(cost * 1.002, 3)
      await page.getByTestId('book-mine').first().waitFor({ state: 'detached' })
      await press('order-cancel')
      await page.getByTestId('house-order').first().waitFor({ state: 'detached' })
      await untilText(page, 'balance-USD-held', text => text === held)
      expect((await orders())[0]?.state).toBe('canceled')
    }, 60_000)

    test('a double click on the first button asks, and orders nothing', async () => {
      const before = (await orders()).length
      await fill('ticket-quantity', '10')
      await page.getByTestId('ticket-review').dblclick()
      await page.getByTestId('review').waitFor()
      await page.waitForTimeout(500)
      expect((await orders()).length).toBe(before)
      await page.keyboard.press('Escape')
      await page.getByTestId('ticket-review').waitFor()
    })

    test('a market order fills, and fills and balances show it', async () => {
      const before = amountOf(await textOf(page, 'balance-XRP-available'))
      await page.getByTestId('ticket-type').selectOption('market')
      await fill('ticket-quantity', '250')
      await review()
      await press('review-confirm')
      await page.getByTestId('ticket-review').waitFor()
      await page.getByRole('tab', { name: 'Fills' }).click()
      await page.getByTestId('house-fill').first().waitFor()
      const after = await untilText(page, 'balance-XRP-available', text => amountOf(text) > before)
      expect(amountOf(after)).toBeCloseTo(before + 250, 3)
    }, 60_000)

    test('an answer that is lost makes no second order, and the page finds the first', async () => {
      const before = (await orders()).length
      const path = '**/v1/exchange/orders'
      await page.route(path, async route => {
        if (route.request().method() !== 'POST') return route.continue()
        await route.fetch()
        await route.abort()
      })
      await page.getByTestId('ticket-type').selectOption('limit')
      await fill('ticket-price', '2')
      await fill('ticket-quantity', '5')
      await review()
      await press('review-confirm')
      await untilText(page, 'review-status', text => /No answer/.test(text))
      await page.getByTestId('ticket-review').waitFor({ timeout: 30_000 })
      await page.unroute(path)
      const now = await orders()
      expect(now.length).toBe(before + 1)
      expect(now[0]?.clientId).toMatch(/^[0-9a-f-]{36}$/)
    }, 60_000)

    test('all orders of the instrument are canceled at once, after a question', async () => {
      await page.getByRole('tab', { name: /Open orders/ }).click()
      await page.getByTestId('house-order').first().waitFor()
      await press('cancel-all')
      await press('cancel-all-confirm')
      await page.getByTestId('house-order').first().waitFor({ state: 'detached' })
      expect(await items('/v1/exchange/orders')).toEqual([])
    })

    test('a refused order says why at its field, and an impossible one why on the button', async () => {
      await page.getByTestId('ticket-side-sell').click()
      await fill('ticket-price', '9')
      await fill('ticket-quantity', '10')
      await review()
      await press('review-confirm')
      await page.getByTestId('ticket-problem').waitFor()
      const faulty = page.locator('[data-testid="ticket-price"][aria-invalid="true"]')
      const about = (await faulty.getAttribute('aria-describedby')) as string
      const why = 'The price is outside the price band around the reference price.'
      expect(await page.locator(`[id="${about}"]`).textContent()).toBe(why)
      expect((await textOf(page, 'ticket-problem')).trim()).toBe(why)
      await fill('ticket-quantity', '999999')
      expect(await textOf(page, 'ticket-review')).toMatch(/Not enough XRP/)
      expect(await page.getByTestId('ticket-review').isDisabled()).toBe(true)
      await fill('ticket-quantity', '0.15')
      expect(await textOf(page, 'field-fault')).toMatch(/multiple of 0\.1/)
    }, 60_000)

    test('money moves from the wallet, and its way is followed', async () => {
      const before = amountOf(await textOf(page, 'balance-USD-available'))
      await press('transfer-open')
      await fill('transfer-amount', '12.5')
      await press('transfer-send')
      await page.locator('[data-testid="transfer"][data-state="completed"]').first().waitFor({ timeout: 20_000 })
      await page.keyboard.press('Escape')
      const after = await untilText(page, 'balance-USD-available', text => amountOf(text) > before)
      expect(amountOf(after)).toBeCloseTo(before + 12.5, 3)
    }, 60_000)

    test('the ledger: from the list to an account, to a journal with its lines, which add up', async () => {
      await page.goto(`${stage.origin}/ledger?kind=client_trading&asset=XRP&owner=demo-trader`)
      await page.getByTestId('account-row').first().waitFor()
      expect(await page.getByTestId('account-row').count()).toBe(1)
      await press('account-row')
      expect(await textOf(page, 'account-title')).toBe('Trading account of Demo trader, XRP')
      await press('entry-row')
      await page.getByTestId('journal-sheet').waitFor()
      expect(await textOf(page, 'journal-cause')).toMatch(/^Trade on the exchange, command \d+ of shard 0$/)
      expect(await page.getByTestId('journal-line').count()).toBeGreaterThanOrEqual(4)
      await untilText(page, 'journal-sheet', text => text.includes('Trading account of Demo trader, XRP'))
      expect(await textOf(page, 'journal-sheet')).toMatch(/Adds up to zero in XRP/)
      await page.keyboard.press('Escape')
    })

    test('a statement is downloaded as CSV that adds up', async () => {
      await page.getByRole('tab', { name: 'Statement' }).click()
      await page.getByTestId('statement-row').first().waitFor()
      const saved = page.waitForEvent('download')
      await press('statement-csv')
      const text = await readFile(await (await saved).path(), 'utf8')
      const rows = text.split('\r\n').slice(0, -1)
      const cells = rows.map(row => row.split(','))
      expect(cells[0]).toEqual(['time', 'kind', 'journal', 'key', 'cause', 'asset', 'amount', 'balance'])
      const moved = cells.slice(2, -1).reduce((sum, row) => sum + Number(row[6]), Number(cells[1]?.[7]))
      expect(moved).toBeCloseTo(Number(cells.at(-1)?.[7]), 4)
      expect(rows.length - 3).toBe(await page.getByTestId('statement-row').count())
    })

    test('the trial balance balances, and the books are found sound', async () => {
      await page.getByTestId('ledger-trial').click()
      await untilText(page, 'trial-check', text => /same in every asset/.test(text))
      expect(await page.getByTestId('trial-asset').count()).toBeGreaterThanOrEqual(5)
      await press('verify-open')
      await page.locator('[data-testid="verify-result"][data-sound="true"]').waitFor({ timeout: 60_000 })
      expect(await textOf(page, 'verify-counts')).toMatch(/Journals/)
    }, 90_000)

    test('the exchange and the ledger are compared, by keyboard, and agree', async () => {
      await page.goto(`${stage.origin}/ledger`)
      await page.getByTestId('comparison-now').focus()
      await page.keyboard.press('Enter')
      await page.locator('[data-testid="comparison-standing"][data-standing="equal"]').waitFor({ timeout: 30_000 })
      expect(await textOf(page, 'comparison')).toMatch(/No differences.*trading accounts.*Compared/)
    }, 60_000)

    test('a difference is shown with its account and both amounts, and leads to the account', async () => {
      const path = '**/v1/exchange/comparisons'
      const found = { owner: 'demo-trader', asset: 'XRP', exchange: '12.500000', ledger: '12.000000' }
      const item = { shard: 0, at: 1_763_700_000_000_000, sequence: 7, accounts: 20, differenceCount: 150 }
      await page.route(path, route => route.fulfill({ json: { items: [{ ...item, differences: [found] }] } }))
      await page.goto(`${stage.origin}/ledger`)
      await untilText(page, 'comparison-standing', text => /150 differences/.test(text))
      expect(await textOf(page, 'comparison')).toMatch(/The first 1 of 150 are shown/)
      expect(await textOf(page, 'difference')).toMatch(
        /Trading account of Demo trader, XRP.*12\.500000.*12\.000000.*0\.5/,
      )
      await page.getByTestId('difference').focus()
      await page.keyboard.press('Enter')
      await page.waitForURL(/owner=demo-trader/)
      await page.unroute(path)
      await page.route(path, route => route.fulfill({ json: { items: [] } }))
      await page.goto(`${stage.origin}/ledger`)
      await page.locator('[data-testid="comparison-standing"][data-standing="never"]').waitFor()
      await page.unroute(path)
      await page.route(path, route => route.fulfill({ status: 403, json: { code: 'permission.denied', status: 403 } }))
      await page.goto(`${stage.origin}/ledger`)
      await page.getByTestId('comparison').getByRole('alert').waitFor()
      await page.unroute(path)
    }, 60_000)

    test('an instrument is found by its id, and an unknown one names those that are there, as links', async () => {
      await page.goto(`${stage.origin}/exchange/${encodeURIComponent('house:ETH/USD')}?tab=fills`)
      await untilText(page, 'symbol-switch', text => text === 'ETH/USD')
      expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/exchange/ETH-USD?tab=fills')
      await page.goto(`${stage.origin}/exchange/ABC-DEF`)
      await page.getByTestId('known-pair').filter({ hasText: 'XRP/USD' }).click()
      await untilText(page, 'symbol-switch', text => text === 'XRP/USD')
    }, 60_000)

    test('older orders and fills than those of the stream are read when asked for', async () => {
      const order = { instrument: 'house:XRP/USD', side: 'buy', type: 'market', quantity: '10' }
      for (let batch = 0; batch < 3; batch++)
        await post('/v1/exchange/orders/batch', { orders: Array.from({ length: 40 }, () => order) })
      await page.goto(`${stage.origin}/exchange/XRP-USD`)
      for (const [tab, row] of [
        ['History', 'house-closed'],
        ['Fills', 'house-fill'],
      ] as const) {
        await page.getByRole('tab', { name: tab }).click()
        await page.getByTestId(row).first().waitFor()
        const before = await page.getByTestId(row).count()
        await page.getByTestId('older').focus()
        await page.keyboard.press('Enter')
        await page.getByTestId(row).nth(before).waitFor()
        const ids = await page.getByTestId(row).evaluateAll(rows => rows.map(one => one.getAttribute('data-id')))
        expect(new Set(ids).size).toBe(ids.length)
      }
    }, 60_000)

    test('no page has thrown', () => {
      expect(complaints).toEqual([])
    })
  },
)
