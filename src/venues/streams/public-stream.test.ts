import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MICROS_PER_SECOND } from '../../kernel/index.ts'
import { VENUE_NAMES, type VenueName } from '../port/index.ts'
import { BOOK_SESSIONS } from '../public-sessions.ts'
import { FakeMarketHost } from './fake.ts'
import { type Change, FakeWire, type Frame } from './fake-wire.ts'
import { type PublicStream, RESUBSCRIBES_MAX } from './index.ts'

/** A session, its host and a naive venue at the other end of a line that loses nothing by itself. */
class Line {
  readonly wire: FakeWire
  readonly host: FakeMarketHost
  readonly session: PublicStream
  at = MICROS_PER_SECOND
  #heard = 0
  #asked = 0

  constructor(venue: VenueName, isBuilt = true) {
    this.wire = new FakeWire(venue)
    if (isBuilt) {
      for (let i = 1; i <= 15; i++) this.wire.change([['buy', 100 - i, i]])
      for (let i = 1; i <= 15; i++) this.wire.change([['sell', 100 + i, i]])
    }
    this.wire.messages = 0
    this.host = new FakeMarketHost([this.wire.instrument])
    this.session = BOOK_SESSIONS[venue]([this.wire.instrument], this.host)
  }

  open(): this {
    this.session.onOpen(this.at)
    for (const frame of this.wire.greet()) this.deliver(frame)
    this.converse()
    return this
  }

  deliver(frame: Frame): void {
    this.at += 1_000
    this.session.onFrame(frame, this.at)
  }

  /** Until neither has anything to say. */
  converse(): void {
    while (this.#heard < this.host.sent.length || this.#asked < this.host.snapshotsAsked.length) {
      if (this.#heard < this.host.sent.length)
        for (const frame of this.wire.answer(this.host.sent[this.#heard++]!)) this.deliver(frame)
      else {
        this.#asked += 1
        this.session.onSnapshot(this.wire.instrument.id, this.wire.snapshot(), this.at)
      }
    }
  }

  get book() {
    return this.host.book(this.wire.instrument.id)
  }

  expectEqual(depth = 1_000): void {
    expect(this.book.staleness).toBeNull()
    expect(this.book.levels(depth)).toEqual({
      bids: this.wire.levels('buy').slice(0, depth),
      asks: this.wire.levels('sell').slice(0, depth),
    })
  }
}

/** Never crossed: bids below 100, asks above. One level a change, which is what Bitfinex sends. */
const change: fc.Arbitrary<Change[]> = fc
  .tuple(fc.constantFrom('buy', 'sell'), fc.integer({ min: 1, max: 30 }), fc.nat(3))
  .map(([side, away, quantity]) => [[side, side === 'buy' ? 100 - away : 100 + away, quantity * 7]])
const changes = fc.array(change, { minLength: 3, maxLength: 40 })
/** What moves the best levels, so that whoever checks only those must notice. */
const MOVES: Change[][] = [[['buy', 99, 999]], [['sell', 101, 999]]]

/** How far a venue's rule sees: Kraken sums ten levels and numbers nothing. */
const DEPTH_SEEN: Partial<Record<VenueName, number>> = { kraken: 10 }

describe.each(VENUE_NAMES)('%s', venue => {
  const seen = DEPTH_SEEN[venue] ?? 1_000

  test('a book of snapshot and changes equals the naive one after every frame', () => {
    fc.assert(
      fc.property(changes, given => {
        const line = new Line(venue).open()
        line.expectEqual()
        for (const one of given) {
          line.deliver(line.wire.change(one))
          line.expectEqual()
        }
        expect(line.host.readyCount).toBe(1)
        expect(line.session.counts).toMatchObject({ gaps: 0, checksumsBad: 0 })
      }),
      { numRuns: 40 },
    )
  })

  test('one frame lost, doubled or late is noticed or does no harm, and the book is good again', () => {
    const fault = fc.constantFrom('lost', 'doubled', 'late')
    fc.assert(
      fc.property(changes, fault, fc.nat(), (given, how, where) => {
        const line = new Line(venue).open()
        const at = where % (given.length - 1)
        const frames = [...given, ...MOVES].map((one, i) => {
          const frame = line.wire.change(one)
          return { frame, is: i === at, isNext: i === at + 1 }
        })
        let late: Frame | undefined
        for (const { frame, is, isNext } of frames) {
          if (!is || how === 'doubled') line.deliver(frame)
          if (is && how === 'doubled') line.deliver(frame)
          if (is) late = frame
          if (isNext && how === 'late') line.deliver(late!)
        }
        const isNoticed = line.host.told.some(staleness => staleness !== null && staleness !== 'resubscribing')
        if (!isNoticed) line.expectEqual(seen)
        expect(isNoticed || how !== 'lost' || venue === 'kraken').toBe(true)
        line.converse()
        line.deliver(line.wire.change([['buy', 99, 5]]))
        line.converse()
        line.expectEqual(seen)
        expect(line.host.failures).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('silence makes the books stale and ends the connection', () => {
    const line = new Line(venue).open()
    line.session.onTick(line.at + 1_000)
    expect(line.book.staleness).toBeNull()
    line.session.onTick(line.at + 60 * MICROS_PER_SECOND)
    expect(line.book.staleness).toBe('silent')
    expect(line.host.failures).toHaveLength(1)
    line.session.onTick(line.at + 120 * MICROS_PER_SECOND)
    expect(line.host.failures).toHaveLength(1)
  })

  test('a snapshot that never comes is asked for again, and not for ever', () => {
    const line = new Line(venue)
    line.session.onOpen(line.at)
    const heartbeat: Frame = venue === 'htx' ? new Uint8Array() : '{"event":"pong"}'
    for (let s = 0; s < 200 && line.host.failures.length === 0; s++) {
      line.at += MICROS_PER_SECOND
      if (venue !== 'htx' && s % 5 === 0) line.session.onFrame(heartbeat, line.at)
      line.session.onTick(line.at)
    }
    expect(line.host.failures).toHaveLength(1)
    expect(line.book.staleness).not.toBeNull()
    expect(line.host.readyCount).toBe(0)
  })

  test('a book that is lost again and again ends the connection', () => {
    const line = new Line(venue).open()
    for (let i = 0; i < RESUBSCRIBES_MAX; i++) {
      line.session.resubscribe(line.wire.instrument.id, line.at)
      expect(line.book.staleness).toBe('resubscribing')
      line.converse()
      line.expectEqual()
    }
    expect(line.host.failures).toEqual([])
    line.session.resubscribe(line.wire.instrument.id, line.at)
    expect(line.host.failures).toHaveLength(1)
    expect(line.book.staleness).toBe('resubscribing')
  })

  test.each([
    '',
    '{',
    'null',
    '5',
    '"text"',
    '[]',
    '{}',
    '[null]',
    '{"data":null}',
    '{"data":{"s":"XRPUSDT","e":"depthUpdate"}}',
    '{"channel":"book","type":"snapshot","data":5}',
    '{"channel":"l2_data","events":7,"sequence_num":100}',
    '{"arg":{"channel":"books","instId":"XRP-USDT"},"action":"update","data":[{}]}',
    '{"topic":"orderbook.50.XRPUSDT","type":"delta"}',
    '{"type":"message","topic":"/market/level2:XRP-USDT"}',
    '[42,[1],1]',
  ])('%s is never thrown, and leaves either a good book or a stale one', text => {
    const line = new Line(venue).open()
    line.session.onFrame(text, line.at)
    line.session.onFrame(new TextEncoder().encode(text), line.at)
    if (line.book.staleness === null) line.expectEqual()
    else expect(line.host.told.at(-1)).toBe(line.book.staleness)
  })

  test('a price off the tick makes the book unreadable', () => {
    const line = new Line(venue).open()
    const frame = line.wire.change([['buy', 99, 50]])
    const text = typeof frame === 'string' ? frame : gunzipSync(frame).toString()
    const off = text.replace(/0\.0099/, '0.00995')
    expect(off).not.toBe(text)
    line.deliver(typeof frame === 'string' ? off : new Uint8Array(gzipSync(off)))
    expect(line.host.told).toContain('unreadable')
  })
})
