import { existsSync } from 'node:fs'
import { createFastEngine } from '../src/matching/index.ts'
import { ConsensusFeed, type ConsensusMessages, readScenario } from '../src/matching/testing.ts'
import { inChild } from './child.ts'
import { mixedMessages } from './matching-mix.ts'
import type { Figure } from './report.ts'
import { sharedPath } from './shared.ts'

/**
 * The fast engine in memory on one thread, each figure in a new process: every check, funds held and settled, fees of both sides,
 * and all that a full engine looks for after a command (expiry, stops, phases); every report goes to a sink. Not in it: a journal,
 * client ids, decoding. The peer is nodejs-order-book, on the same messages in the same run, which has no accounts, funds or fees.
 * Where it would take minutes it is given a part of the messages, from the middle, with the orders that rest there put into its
 * book before; the figure says so.
 */
const PASSES = 3
const STATIC_FROM = 1_000_000
const STATIC_TO = 1_050_000
const FEES = { makerPpm: 1_000, takerPpm: 2_000 }
const PEER = 'nodejs-order-book 10.1.1'

export async function* run(): AsyncGenerator<Figure> {
  if (existsSync(folder())) {
    const [normal, normalPeer] = await both('normal')
    yield {
      metric: 'normalMessagesPerSecond',
      value: normal,
      unit: 'messages/s',
      goal: 1_500_000,
      peer: PEER,
      peerValue: normalPeer,
    }
    const [still, stillPeer] = await both('still')
    yield {
      metric: 'staticMessagesPerSecond',
      value: still,
      unit: 'messages/s',
      ratioGoal: 100,
      peer: `${PEER} on ${(STATIC_TO - STATIC_FROM).toLocaleString('en')} of them from the middle`,
      peerValue: stillPeer,
    }
  } else console.error(`matching: skipped the figures that need ${folder()}; BOURSE_SHARED names another folder`)
  const [mixed, mixedPeer] = await both('mixed')
  yield {
    metric: 'mixedMessagesPerSecond',
    value: mixed,
    unit: 'messages/s',
    ratioGoal: 20,
    peer: PEER,
    peerValue: mixedPeer,
  }
  const p99 = await inChild<number>(import.meta.url, 'latency')
  yield { metric: 'p99Us', value: p99, unit: 'µs a message, mixed', lessIsBetter: true, goal: 5 }
}

const folder = () => sharedPath('cases/matching/seed23_1M')

/** Of ours and of the peer's; ours before and after it, so that a machine that is busy for a while is so for both. */
async function both(name: string): Promise<[ours: number, peer: number]> {
  const before = await inChild<number>(import.meta.url, name)
  const peer = await inChild<number>(import.meta.url, `${name}Peer`)
  const after = await inChild<number>(import.meta.url, name)
  return [(before + after) / 2, peer]
}

export const normal = async () => rateOf(readScenario(folder(), 'normal'))
export const normalPeer = () => peerRateOf(readScenario(folder(), 'normal'))
export const still = async () => rateOf(readScenario(folder(), 'static'))
export const stillPeer = () => peerRateOf(readScenario(folder(), 'static'), STATIC_FROM, STATIC_TO)
export const mixed = async () => rateOf(mixedMessages())
export const mixedPeer = () => peerRateOf(mixedMessages())

/** Messages a second over whole passes, each with a new engine; the first pass warms up. */
function rateOf(messages: ConsensusMessages): number {
  let seconds = 0
  for (let pass = 0; pass <= PASSES; pass++) {
    const feed = new ConsensusFeed(createFastEngine, messages, FEES)
    const started = performance.now()
    for (let i = 0; i < messages.length; i++) feed.apply(i)
    if (pass > 0) seconds += (performance.now() - started) / 1_000
  }
  return (messages.length * PASSES) / seconds
}

/** The 99th percentile of one message's time, after a pass that warms up. */
export async function latency(): Promise<number> {
  const messages = mixedMessages()
  const micros = new Float64Array(messages.length)
  for (let pass = 0; pass < 2; pass++) {
    const feed = new ConsensusFeed(createFastEngine, messages, FEES)
    for (let i = 0; i < messages.length; i++) {
      const started = performance.now()
      feed.apply(i)
      micros[i] = (performance.now() - started) * 1_000
    }
  }
  return micros.sort()[Math.floor(messages.length * 0.99)]!
}

/** One pass, which for a book of this speed is long enough to be warm. Ids are made to strings before the clock runs. */
async function peerRateOf(messages: ConsensusMessages, from = 0, to = messages.length): Promise<number> {
  const { OrderBook, Side } = await import('nodejs-order-book')
  const { types, ids, sides, iocs, prices, quantities } = messages
  const names = Array.from({ length: messages.length }, (_, i) => String(ids[i]))
  const sideOf = new Map<string, number>()
  const book = new OrderBook()
  const limit = (id: string, size: number, price: number, timeInForce: 'IOC' | 'GTC') =>
    book.limit({ id, side: sideOf.get(id) === 0 ? Side.BUY : Side.SELL, size, price, timeInForce } as Limit)
  type Limit = Parameters<typeof book.limit>[0]

  const feed = new ConsensusFeed(createFastEngine, messages)
  for (let i = 0; i < from; i++) feed.apply(i)
  for (const [side, orders] of restingIn(feed).entries())
    for (const { id, open, price } of orders) {
      const name = String(feed.nameOf(id))
      sideOf.set(name, side)
      limit(name, open, price, 'GTC')
    }
  const started = performance.now()
  for (let i = from; i < to; i++) {
    const id = names[i]!
    const isNew = types[i] === 0
    if (isNew) sideOf.set(id, sides[i]!)
    else if (book.cancel(id) === undefined || types[i] === 1) continue
    limit(id, quantities[i]!, prices[i]!, isNew && iocs[i] === 1 ? 'IOC' : 'GTC')
  }
  const seconds = (performance.now() - started) / 1_000
  for (let i = from; i < to; i++) feed.apply(i)
  expectSameBook(feed, book.depth())
  return (to - from) / seconds
}

interface Resting {
  readonly id: number
  readonly open: number
  readonly price: number
}

/** Buys and sells that rest, in the order of their priority. */
function restingIn(feed: ConsensusFeed): [Resting[], Resting[]] {
  const { markets } = feed.engine.state() as unknown as { markets: [{ bids: Resting[]; asks: Resting[] }] }
  return [markets[0].bids, markets[0].asks]
}

type Levels = readonly (readonly [price: number, quantity: number])[]

/** A peer that does not end with our book has not done the work. */
function expectSameBook(feed: ConsensusFeed, [asks, bids]: readonly [Levels, Levels]): void {
  const ours = feed.engine.levels(0, Number.POSITIVE_INFINITY)
  const sorted = (levels: Levels) => JSON.stringify([...levels].sort(([a], [b]) => a - b))
  if (sorted(asks) !== sorted(ours.asks) || sorted(bids) !== sorted(ours.bids))
    throw new Error('the book of the peer ends otherwise than ours: one of them did not do the work')
}
