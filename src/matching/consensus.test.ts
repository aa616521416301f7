import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Side } from '../kernel/index.ts'
import { type BookOutcome, createBook, createFastEngine, type OrderBook } from './index.ts'
import { ConsensusFeed, type ConsensusMessages, consensusHash, readEdgeCases, readScenario } from './testing.ts'

/** Messages whose reports many independent engines agree on: the naive book and the fast engine tell the same. */
const folder = join(process.env.BOURSE_SHARED ?? join(import.meta.dirname, '../../../shared'), 'cases/matching')
const isThere = existsSync(join(folder, 'edge_cases.json'))
const cases = isThere ? readEdgeCases(join(folder, 'edge_cases.json')) : []
const published = cases.filter(one => one.reports !== undefined)
/** This one has its hash published, and not its ten thousand lines. */
const DEEP = 'deep_recursive_sweep_5000'

const hashOf = (lines: readonly string[]) => createHash('sha256').update(lines.join('\n')).digest('hex')
const kindOf = (line: string) => line.charCodeAt(0)

/** What the naive book makes of a message. */
function report(book: OrderBook<number>, messages: ConsensusMessages, sequence: number): string[] {
  const isNew = messages.types[sequence] === 0
  const isCancel = messages.types[sequence] === 1
  const id = messages.ids[sequence]!
  const resting = book.order(id)
  if (!isNew && resting === undefined) return [`${isCancel ? 4 : 5},${sequence},${id}`]
  const digit = isNew ? messages.sides[sequence]! : resting!.side === 'buy' ? 0 : 1
  if (!isNew) book.cancel(id)
  if (isCancel) return [`2,${sequence},${digit},${id},${resting!.price}`]
  const side: Side = digit === 0 ? 'buy' : 'sell'
  const [price, quantity] = [messages.prices[sequence]!, messages.quantities[sequence]!]
  const timeInForce = isNew && messages.iocs[sequence] === 1 ? 'ioc' : 'gtc'
  const outcomes = book.submit({ id, owner: '', side, type: 'limit', timeInForce, price, quantity })
  const line = (outcome: BookOutcome<number>): string => {
    if (outcome.type === 'traded')
      return `1,${sequence},${outcome.price},${outcome.quantity},${outcome.maker},${outcome.taker}`
    if (outcome.type === 'canceled') return `2,${sequence},${digit},${id},${price}`
    return `${isNew ? 0 : 3},${sequence},${digit},${id},${price},${quantity}`
  }
  return outcomes.map(line).sort((a, b) => kindOf(a) - kindOf(b))
}

const skipped = '(skipped where the shared cases are absent)'

test.skipIf(!isThere)(`the consensus cases are there ${skipped}`, () => {
  expect(cases.length).toBe(34)
  expect(published.length).toBe(22)
})

test.skipIf(!isThere).each(published)(`the naive book agrees on $name ${skipped}`, one => {
  const book = createBook<number>()
  const lines: string[] = []
  const books = []
  for (let i = 0; i < one.messages.length; i++) {
    lines.push(...report(book, one.messages, i))
    if (one.name !== DEEP) books.push(book.levels(1_000))
  }
  expect(hashOf(lines)).toBe(one.reportsSha256)
  if (one.name === DEEP) return
  expect(lines).toEqual(one.reports)
  if (one.bookAfterEach !== undefined) expect(books).toEqual(one.bookAfterEach)
})

test.skipIf(!isThere).each(cases)(`the fast engine agrees on $name ${skipped}`, one => {
  const book = createBook<number>()
  const [lines, wanted]: [string[], string[]] = [[], []]
  const feed = new ConsensusFeed(createFastEngine, one.messages, { report: line => lines.push(line) })
  for (let i = 0; i < one.messages.length; i++) {
    feed.apply(i)
    wanted.push(...report(book, one.messages, i))
    if (one.name === DEEP) continue
    expect(feed.engine.levels(0, 1_000)).toEqual(book.levels(1_000))
    if (one.bookAfterEach !== undefined) expect(feed.engine.levels(0, 1_000)).toEqual(one.bookAfterEach[i])
  }
  expect(lines).toEqual(wanted)
  if (one.reportsSha256 !== undefined) expect(hashOf(lines)).toBe(one.reportsSha256)
})

/** 1,996,097 messages each, of a market in one mood; three hashes are published, the others are those of the naive book. */
const scenarios = [
  ['normal', undefined],
  ['static', '9803843ee404fc29c9a0aa5614f8f0d5a58b5c44fcac9ef89067886fcaaa30d1'],
  ['swing-25', undefined],
  ['swing-40', '3cb0175e7982ff09ea220d1feaee3844cf9116a5ce455757879dea1d880b9b9f'],
  ['flash-crash', undefined],
] as const

test.skipIf(!isThere).each(scenarios)(`the fast engine agrees on two million messages, %s ${skipped}`, (name, hash) => {
  const published = readFileSync(join(folder, 'reports.sha256'), 'utf8')
  const ours = consensusHash(createFastEngine, readScenario(join(folder, 'seed23_1M'), name))
  if (hash === undefined) expect(published).toContain(`${ours}  ${name}`)
  else expect(ours).toBe(hash)
})

test.skipIf(!isThere)(`the naive book agrees on two million messages, flash-crash ${skipped}`, () => {
  const messages = readScenario(join(folder, 'seed23_1M'), 'flash-crash')
  const book = createBook<number>()
  const hash = createHash('sha256')
  for (let i = 0; i < messages.length; i++) hash.update((i === 0 ? '' : '\n') + report(book, messages, i).join('\n'))
  expect(readFileSync(join(folder, 'reports.sha256'), 'utf8')).toContain(`${hash.digest('hex')}  flash-crash`)
})
