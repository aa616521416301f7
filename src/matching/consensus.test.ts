import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Level, Side } from '../kernel/index.ts'
import { type BookOutcome, createBook, type OrderBook } from './index.ts'

/**
 * Messages whose reports many independent engines agree on. A line of a report: `0` accepted, `1` trade, `2` canceled, `3`
 * modified, `4` cancel rejected, `5` modify rejected; then the message's number and what it is about. There, a
 * modification is always a cancel and a new order.
 */
interface Message {
  type: 'NEW' | 'CANCEL' | 'MODIFY'
  side?: string
  ioc?: boolean
  qty?: number
  orderId: number
  price?: number
}

interface Case {
  name: string
  messages: Message[]
  reports?: string[]
  /** Of the lines joined by line feeds. */
  reportsSha256: string
  bookAfterEach?: { bids: Level[]; asks: Level[] }[]
}

const folder = join(process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../shared'), 'cases/matching')
const isThere = existsSync(join(folder, 'edge_cases.json'))
const cases = isThere
  ? (JSON.parse(readFileSync(join(folder, 'edge_cases.json'), 'utf8')) as Case[]).filter(
      one => one.reports !== undefined,
    )
  : []

/** One case is told in words, being long: 5,000 sellers of one lot at one price, and a buyer who takes them all. */
const DEEP = 'deep_recursive_sweep_5000'
for (const one of cases.filter(({ name }) => name === DEEP)) {
  const sellers = Array.from({ length: 5_000 }, (_, i) => ({ side: 'SELL', ioc: false, qty: 1, orderId: i + 1 }))
  const buyer = { side: 'BUY', ioc: true, qty: 5_000, orderId: 5_001 }
  one.messages = [...sellers, buyer].map(message => ({ type: 'NEW' as const, price: 100, ...message }))
}

const digit = (side: Side) => (side === 'buy' ? 0 : 1)
const kindOf = (line: string) => line.charCodeAt(0)

function report(book: OrderBook<number>, message: Message, sequence: number): string[] {
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
  return outcomes.map(line).sort((a, b) => kindOf(a) - kindOf(b))
}

test.skipIf(!isThere)('the consensus cases are there (skipped where the shared cases are absent)', () => {
  expect(cases.length).toBe(22)
})

test.skipIf(!isThere).each(cases)('agrees on $name (skipped where the shared cases are absent)', one => {
  const book = createBook<number>()
  const lines: string[] = []
  const books = one.messages.map((message, sequence) => {
    lines.push(...report(book, message, sequence))
    return one.name === DEEP ? null : book.levels(1_000)
  })
  expect(createHash('sha256').update(lines.join('\n')).digest('hex')).toBe(one.reportsSha256)
  if (one.name === DEEP) return
  expect(lines).toEqual(one.reports)
  if (one.bookAfterEach !== undefined) expect(books).toEqual(one.bookAfterEach)
})

/** 1,996,097 messages of a market that crashes; the hash of its reports is the published one. */
test.skipIf(!isThere)(
  'agrees on two million messages of a flash crash (skipped where the shared cases are absent)',
  () => {
    const bytes = (name: string) => gunzipSync(readFileSync(join(folder, 'seed23_1M', `${name}.gz`)))
    const words = (name: string) => {
      const raw = bytes(name)
      return new Int32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length))
    }
    const [types, sides, iocs] = [bytes('type.u8'), bytes('side.u8'), bytes('ioc.u8')]
    const [quantities, ids, prices] = [words('qty.i32le'), words('orderId.i32le'), words('price_flash-crash.i32le')]
    const book = createBook<number>()
    const hash = createHash('sha256')
    for (let i = 0; i < types.length; i++) {
      const lines = report(
        book,
        {
          type: (['NEW', 'CANCEL', 'MODIFY'] as const)[types[i]!]!,
          side: sides[i] === 0 ? 'BUY' : 'SELL',
          ioc: types[i] === 0 && iocs[i] === 1,
          qty: quantities[i]!,
          orderId: ids[i]!,
          price: prices[i]!,
        },
        i,
      )
      hash.update((i === 0 ? '' : '\n') + lines.join('\n'))
    }
    const published = readFileSync(join(folder, 'reports.sha256'), 'utf8')
    expect(published).toContain(`${hash.digest('hex')}  flash-crash`)
  },
)
