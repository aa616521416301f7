import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { VenueName } from '../port/index.ts'
import { BOOK_SESSIONS } from '../public-sessions.ts'
import { FakeMarketHost } from './fake.ts'
import { type Change, FakeWire } from './fake-wire.ts'

/** Venues whose most frequent frames are read without JSON. */
const SHORT: readonly VenueName[] = ['binance', 'kraken', 'bitfinex', 'okx', 'bybit']

/** A session that is ready, with one level on each side. */
function opened(venue: VenueName) {
  const wire = new FakeWire(venue)
  wire.change([['buy', 90, 1]])
  wire.change([['sell', 110, 1]])
  wire.messages = 0
  const host = new FakeMarketHost([wire.instrument])
  const session = BOOK_SESSIONS[venue]([wire.instrument], host)
  session.onOpen(1)
  for (let i = 0; i < host.sent.length; i++) for (const frame of wire.answer(host.sent[i]!)) session.onFrame(frame, 1)
  for (const id of host.snapshotsAsked) session.onSnapshot(id, wire.snapshot(), 1)
  session.onFrame(wire.change([['buy', 91, 3]]), 1)
  return { wire, host, session, book: host.book(wire.instrument.id) }
}

describe.each(SHORT)('%s', venue => {
  test('whether a frame is read by the short cut or as JSON makes no difference', () => {
    const change: fc.Arbitrary<Change[]> = fc
      .tuple(fc.constantFrom('buy', 'sell'), fc.integer({ min: 1, max: 20 }), fc.nat(900))
      .map(([side, away, quantity]) => [[side, side === 'buy' ? 100 - away : 100 + away, quantity]])
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 30 }), changes => {
        const [short, long] = [opened(venue), opened(venue)]
        for (const one of changes) {
          short.session.onFrame(short.wire.change(one), 2)
          // White space is JSON's, and no short cut knows it.
          long.session.onFrame(` ${long.wire.change(one)}`, 2)
          expect(short.book.staleness).toBeNull()
          expect(short.book.toSnapshot(50)).toEqual(long.book.toSnapshot(50))
        }
        expect(short.session.counts).toEqual(long.session.counts)
        expect(short.host.told).toEqual(long.host.told)
      }),
      { numRuns: 40 },
    )
  })

  test('a frame cut anywhere ends the connection, and never throws', () => {
    const length = String(opened(venue).wire.change([['sell', 105, 7]])).length
    for (let cut = 0; cut < length; cut++) {
      const { session, wire, host, book } = opened(venue)
      session.onFrame(String(wire.change([['sell', 105, 7]])).slice(0, cut), 2)
      expect([cut, host.failures.length, book.staleness]).toEqual([cut, 1, 'unreadable'])
    }
  })
})
