import { crc32, gunzipSync } from 'node:zlib'
import { L2Book } from '../src/market/index.ts'
import { BOOK_SESSIONS, type MarketHost, VENUE_NAMES, type VenueName } from '../src/venues/index.ts'
import { inChild } from './child.ts'
import type { Figure } from './report.ts'
import { type Material, materialOf } from './streams-material.ts'
import { peerOf } from './streams-peer.ts'

/**
 * From the bytes of a frame to a book that its venue's rule has verified, one venue after another, each in a new process:
 * our session, ccxt.pro's handler as a client sets it up, and the floor, on the same frames. The floor unpacks, decodes UTF-8,
 * parses JSON and sums a text of the venue's checksum that is there already. Where each recording comes from is said in
 * `streams-material.ts`. ccxt verifies less: no checksum of Kraken or OKX, no numbers of Bybit and Coinbase.
 */
const SECONDS = 1.5
/** Half of the floor. */
const FLOOR_SHARE = 0.5
const RATIO_GOALS: Partial<Record<VenueName, number>> = { binance: 5 }

interface Measured {
  readonly ours: number
  readonly peer: number
  readonly floor: number
}

export async function* run(): AsyncGenerator<Figure> {
  for (const venue of VENUE_NAMES) {
    const { ours, peer, floor } = await inChild<Measured>(import.meta.url, venue)
    yield {
      metric: `${venue}BookMessagesPerSecond`,
      value: ours,
      unit: 'messages/s',
      goal: floor * FLOOR_SHARE,
      ratioGoal: RATIO_GOALS[venue],
      peer: 'ccxt.pro 4.5.84',
      peerValue: peer,
      floor: 'unpacking, JSON.parse and the checksum of a ready text',
      floorValue: floor,
    }
  }
}

/** What a child is asked for, by the venue's name. */
export const [binance, coinbase, kraken, bitfinex, htx, okx, bybit, kucoin] = VENUE_NAMES.map(
  venue => () => measure(venue),
) as (() => Promise<Measured>)[]

async function measure(venue: VenueName): Promise<Measured> {
  const material = materialOf(venue)
  const ours = rateOf(material, () => oursOf(venue, material))
  const peer = await peerOf(venue, material)
  const theirs = rateOf(material, peer.prepare)
  const [best, wanted] = [peer.best(), bestOf(venue, material)]
  if (best[0] !== wanted[0] || best[1] !== wanted[1])
    throw new Error(`${venue}: the peer's book ends at ${best}, ours at ${wanted}: one of them did not do the work`)
  return { ours, peer: theirs, floor: rateOf(material, () => floorOf(material)) }
}

type Feed = (frame: Uint8Array) => void

/** Messages a second over whole passes; setting up a pass is not counted. The first second warms up. */
function rateOf({ frames }: Material, prepare: () => Feed): number {
  let [messages, seconds] = [0, 0]
  for (let isWarm = false; seconds < SECONDS || !isWarm; ) {
    const feed = prepare()
    const started = performance.now()
    for (let i = 0; i < frames.length; i++) feed(frames[i]!)
    seconds += (performance.now() - started) / 1_000
    messages += frames.length
    if (!isWarm && seconds >= SECONDS / 2) {
      isWarm = true
      messages = 0
      seconds = 0
    }
  }
  return messages / seconds
}

function opened(venue: VenueName, { instruments, opening, snapshots }: Material) {
  const books = new Map(instruments.map(one => [one.id, new L2Book()]))
  const host: MarketHost = {
    send: () => {},
    onReady: () => {},
    fail(reason) {
      throw new Error(`${venue}: ${reason}`)
    },
    book: id => books.get(id)!,
    onBook(id) {
      const { staleness } = books.get(id)!
      if (staleness !== null) throw new Error(`${venue}: the book of ${id} is stale: ${staleness}`)
    },
    onTrade: () => {},
    onTicker: () => {},
    requestSnapshot: () => {},
  }
  const session = BOOK_SESSIONS[venue](instruments, host)
  session.onOpen(1)
  for (const frame of opening) session.onFrame(frame, 1)
  for (const { symbol, body } of snapshots)
    session.onSnapshot(instruments.find(one => one.symbol === symbol)!.id, body, 1)
  return { session, books }
}

function oursOf(venue: VenueName, material: Material): Feed {
  const { session } = opened(venue, material)
  let at = 1
  return frame => session.onFrame(frame, ++at)
}

function bestOf(venue: VenueName, material: Material): [bid: number, ask: number] {
  const { session, books } = opened(venue, material)
  for (const frame of material.frames) session.onFrame(frame, 2)
  const [{ id, priceScale }] = material.instruments as [(typeof material.instruments)[number]]
  const book = books.get(id)!
  return [book.best('buy') / 10 ** priceScale, book.best('sell') / 10 ** priceScale]
}

function floorOf({ isPacked, checksumText }: Material): Feed {
  let kept = 0
  return frame => {
    const bytes = isPacked ? gunzipSync(frame) : (frame as Buffer)
    const message = JSON.parse(bytes.toString('utf8'))
    if (checksumText !== null) kept ^= crc32(checksumText)
    if (message === null || kept === 0.5) throw new Error('a frame holds nothing')
  }
}
