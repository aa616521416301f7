import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Level, Side } from '../kernel/index.ts'
import { type BookOutcome, createBook, type OrderBook } from './index.ts'

/**
 * Short message lists whose reports many independent engines agree on. A line of a report: `0` accepted, `1` trade, `2`
 * canceled, `3` modified, `4` cancel rejected, `5` modify rejected; then the message's number and what it is about.
 * There, a modification is always a cancel and a new order.
 */
interface Case {
  name: string
  messages: {
    type: 'NEW' | 'CANCEL' | 'MODIFY'
    side?: string
    ioc?: boolean
    qty?: number
    orderId: number
    price?: number
  }[]
  reports?: string[]
  /** Of the lines joined by line feeds. */
  reportsSha256: string
  bookAfterEach?: { bids: Level[]; asks: Level[] }[]
}

const file = join(
  process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../shared'),
  'cases/matching/edge_cases.json',
)
const isThere = existsSync(file)
const cases = isThere ? (JSON.parse(readFileSync(file, 'utf8')) as Case[]).filter(one => one.reports !== undefined) : []

/** One case is told in words, being long: 5,000 sellers of one lot at one price, and a buyer who takes them all. */
const DEEP = 'deep_recursive_sweep_5000'
for (const one of cases.filter(({ name }) => name === DEEP)) {
  const sellers = Array.from({ length: 5_000 }, (_, i) => ({ side: 'SELL', ioc: false, qty: 1, orderId: i + 1 }))
  const buyer = { side: 'BUY', ioc: true, qty: 5_000, orderId: 5_001 }
  one.messages = [...sellers, buyer].map(message => ({ type: 'NEW' as const, price: 100, ...message }))
}

const digit = (side: Side) => (side === 'buy' ? 0 : 1)

function report(book: OrderBook<number>, message: Case['messages'][number], sequence: number): string[] {
  const { orderId: id } = message
  const resting = book.order(id)
  if (message.type !== 'NEW' && resting === undefined) return [`${message.type === 'CANCEL' ? 4 : 5},${sequence},${id}`]
  if (message.type === 'CANCEL') {
    book.cancel(id)
    return [`2,${sequence},${digit(resting!.side)},${id},${resting!.price}`]
  }
  const side: Side = message.type === 'NEW' ? (message.side === 'BUY' ? 'buy' : 'sell') : resting!.side
  const [price, quantity] = [message.price!, message.qty!]
  if (message.type === 'MODIFY') book.cancel(id)
  const timeInForce = message.ioc ? 'ioc' : 'gtc'
  const outcomes = book.submit({ id, owner: '', side, type: 'limit', timeInForce, price, quantity })
  const line = (outcome: BookOutcome<number>): string => {
    if (outcome.type === 'traded')
      return `1,${sequence},${outcome.price},${outcome.quantity},${outcome.maker},${outcome.taker}`
    if (outcome.type === 'canceled') return `2,${sequence},${digit(side)},${id},${price}`
    return `${message.type === 'NEW' ? 0 : 3},${sequence},${digit(side)},${id},${price},${quantity}`
  }
  const kind = (text: string) => Number(text[0])
  return outcomes.map(line).sort((a, b) => kind(a) - kind(b))
}

test.skipIf(!isThere)('the consensus cases are there (skipped where the shared cases are absent)', () => {
  expect(cases.length).toBe(22)
})

test.skipIf(!isThere).each(cases)(
  'agrees with other engines on $name (skipped where the shared cases are absent)',
  one => {
    const book = createBook<number>()
    const lines: string[] = []
    const books = one.messages.map((message, sequence) => {
      lines.push(...report(book, message, sequence))
      return book.levels(1_000)
    })
    // Within a message kinds ascend, except that a modification's line comes where its number sorts it: after its trades.
    expect(lines).toEqual(one.reports)
    if (one.bookAfterEach !== undefined) expect(books).toEqual(one.bookAfterEach)
  },
)
