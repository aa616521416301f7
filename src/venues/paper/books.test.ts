import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeJson,
  defineInstrument,
  encodeJson,
  type Level,
  type MarketInput,
  type OrderId,
  type OrderRequest,
  type Side,
  seededRandom,
  type VenueReport,
} from '../../kernel/index.ts'
import { PaperVenue, type PaperVenueState } from './paper-venue.ts'
import { PAPER_ORDERS_MAX, PaperSettings } from './settings.ts'

/** A tick is 1 USD and a lot 1 ABC. */
const instrument = defineInstrument({ venue: 'paper', pair: 'ABC/USD', tick: '1', lot: '1' })
const settings = (changed: Partial<PaperSettings> = {}) =>
  PaperSettings.parse({ makerFeePpm: 0, takerFeePpm: 0, latency: 0, ...changed })

const book = (at: number, bids: readonly Level[], asks: readonly Level[]): MarketInput => ({
  kind: 'book',
  instrument: instrument.id,
  at,
  data: { at, sequence: at, bids, asks },
})
const trade = (at: number, side: Side, price: number, quantity: number): MarketInput => ({
  kind: 'trade',
  instrument: instrument.id,
  at,
  data: { at, price, quantity, side },
})

const inShort = (report: VenueReport): string => {
  if (report.type !== 'filled')
    return `${report.order} ${report.type}@${report.at}${'reason' in report ? ` ${report.reason}` : ''}`
  const { quantity, price, liquidity } = report.fill
  return `${report.order} ${quantity} at ${price} ${liquidity}@${report.at}`
}

const order = (id: string, wish: Partial<OrderRequest> = {}): OrderRequest => ({
  id: id as OrderId,
  instrument: instrument.id,
  side: 'buy',
  type: wish.triggerPrice === undefined ? (wish.price === undefined ? 'market' : 'limit') : 'stop',
  timeInForce: 'gtc',
  quantity: 10,
  ...wish,
})

/** A venue that tells what it says from one input on. */
function open(changed: Partial<PaperSettings> = {}) {
  const venue = new PaperVenue(instrument, settings(changed))
  return {
    venue,
    on(...inputs: readonly MarketInput[]): string[] {
      const out: VenueReport[] = []
      for (const input of inputs) venue.onMarket(input, out)
      return out.map(inShort)
    },
  }
}
const BIDS: readonly Level[] = [
  [100, 50],
  [99, 80],
]
const ASKS: readonly Level[] = [
  [102, 5],
  [103, 5],
  [105, 100],
]
const start = book(0, BIDS, ASKS)

describe('a resting order waits for what stood before it', () => {
  test('trades at its price take the queue from the front, then ours', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { price: 100 }), 1)
    expect(on(trade(2, 'sell', 100, 30))).toEqual(['a accepted@1'])
    expect(on(trade(3, 'sell', 100, 25))).toEqual(['a 5 at 100 maker@3'])
    expect(on(trade(4, 'sell', 100, 100))).toEqual(['a 5 at 100 maker@4'])
    expect(venue.isIdle).toBe(true)
  })

  test('what leaves without a trade leaves behind us', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { price: 100 }), 1)
    // 30 join behind us and leave again: the 50 before us are still there.
    on(book(2, [[100, 80]], ASKS), book(3, [[100, 50]], ASKS))
    expect(on(trade(4, 'sell', 100, 50))).toEqual([])
    expect(on(trade(5, 'sell', 100, 4))).toEqual(['a 4 at 100 maker@5'])
  })

  test('the queue before us gets shorter when less is shown than stood there', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { price: 100 }), 1)
    on(book(2, [[100, 20]], ASKS))
    expect(on(trade(3, 'sell', 100, 21))).toEqual(['a 1 at 100 maker@3'])
  })

  test('a trade below our bid has gone through it: ours fills first, at its own price', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { price: 101 }), 1)
    expect(on(trade(2, 'sell', 100, 4))).toEqual(['a accepted@1', 'a 4 at 101 maker@2'])
  })

  test('a quote that crosses ours fills it at our price, as far as it is shown', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { price: 101 }), 1)
    expect(on(book(2, [[97, 10]], [[98, 4]]))).toEqual(['a accepted@1', 'a 4 at 101 maker@2'])
  })

  test('post-only is rejected where it would trade', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { price: 102, postOnly: true }), 1)
    venue.submit(order('b', { price: 101, postOnly: true }), 1)
    expect(on(trade(2, 'buy', 102, 1))).toEqual(['a accepted@1', 'a rejected@1 would_cross', 'b accepted@1'])
  })
})

describe('takers', () => {
  test('walk the levels that are shown', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { quantity: 12 }), 1)
    expect(on(trade(2, 'sell', 100, 1))).toEqual([
      'a accepted@1',
      'a 5 at 102 taker@1',
      'a 5 at 103 taker@1',
      'a 2 at 105 taker@1',
    ])
  })

  test('what is taken is gone until the market shows its book again, also for the next order', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { quantity: 8 }), 1)
    on(trade(2, 'sell', 100, 1))
    venue.submit(order('b', { quantity: 4 }), 3)
    expect(on(trade(4, 'sell', 100, 1))).toEqual(['b accepted@3', 'b 2 at 103 taker@3', 'b 2 at 105 taker@3'])
    on(book(5, BIDS, ASKS))
    venue.submit(order('c', { quantity: 4 }), 6)
    expect(on(trade(7, 'sell', 100, 1))).toEqual(['c accepted@6', 'c 4 at 102 taker@6'])
  })

  test('what a crossing quote gave to our resting order is gone as well', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { price: 101, quantity: 3 }), 1)
    on(
      book(
        2,
        [[97, 10]],
        [
          [98, 4],
          [99, 9],
        ],
      ),
    )
    venue.submit(order('b', { quantity: 2 }), 3)
    expect(on(trade(4, 'sell', 97, 1))).toEqual(['b accepted@3', 'b 1 at 98 taker@3', 'b 1 at 99 taker@3'])
  })

  test('a market order that empties the book is canceled for the rest; limits stop at their price', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { quantity: 200 }), 1)
    expect(on(trade(2, 'sell', 100, 1)).slice(-2)).toEqual(['a 100 at 105 taker@1', 'a canceled@1 no_liquidity'])
    on(book(3, BIDS, ASKS))
    venue.submit(order('b', { price: 103, quantity: 20, timeInForce: 'ioc' }), 4)
    expect(on(trade(5, 'sell', 100, 1))).toEqual([
      'b accepted@4',
      'b 5 at 102 taker@4',
      'b 5 at 103 taker@4',
      'b canceled@4 immediate_or_cancel',
    ])
    on(book(6, BIDS, ASKS))
    venue.submit(order('c', { price: 103, quantity: 11, timeInForce: 'fok' }), 7)
    expect(on(trade(8, 'sell', 100, 1))).toEqual(['c accepted@7', 'c canceled@7 not_fillable'])
    venue.submit(order('d', { price: 103, quantity: 10, timeInForce: 'fok' }), 9)
    expect(on(trade(10, 'sell', 100, 1))).toEqual(['d accepted@9', 'd 5 at 102 taker@9', 'd 5 at 103 taker@9'])
  })
})

describe('latency', () => {
  test('an order meets the book as it stood when it arrived, not the news that came with it', () => {
    const { venue, on } = open({ latency: 10 })
    on(start)
    venue.submit(order('a', { quantity: 1 }), 1)
    expect(on(book(10, BIDS, [[104, 9]]))).toEqual([])
    expect(on(book(20, BIDS, [[110, 9]]))).toEqual(['a accepted@11', 'a 1 at 104 taker@11'])
  })

  test('orders wait for the first book', () => {
    const { venue, on } = open()
    venue.submit(order('a', { quantity: 1 }), 1)
    expect(on(trade(2, 'buy', 102, 1), book(3, BIDS, ASKS))).toEqual([])
    expect(on(book(4, BIDS, ASKS))).toEqual(['a accepted@1', 'a 1 at 102 taker@1'])
  })

  test('a cancel that arrives in time takes the order away, one that arrives after the fill is refused', () => {
    const { venue, on } = open({ latency: 10 })
    on(start)
    venue.submit(order('a', { price: 101 }), 1)
    venue.submit(order('b', { price: 101 }), 1)
    venue.cancel('a' as OrderId, 2)
    venue.cancel('b' as OrderId, 5)
    expect(on(trade(14, 'sell', 101, 10))).toEqual([
      'a accepted@11',
      'b accepted@11',
      'a canceled@12 requested',
      'b 10 at 101 maker@14',
    ])
    expect(on(book(20, BIDS, ASKS))).toEqual(['b cancel_rejected@15 not_open'])
  })
})

describe('stops', () => {
  test('trigger on a trade, not on a quote', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { triggerPrice: 104, quantity: 6 }), 1)
    expect(on(book(2, [[104, 5]], [[105, 100]]))).toEqual(['a accepted@1'])
    expect(on(trade(3, 'buy', 103, 1))).toEqual([])
    expect(on(trade(4, 'buy', 104, 1))).toEqual(['a triggered@4', 'a 6 at 105 taker@4'])
    expect(venue.isIdle).toBe(true)
  })

  test('a stop-limit rests at its price when the book is beyond it', () => {
    const { venue, on } = open()
    on(start)
    venue.submit(order('a', { type: 'stop_limit', side: 'sell', triggerPrice: 99, price: 101 }), 1)
    expect(on(trade(2, 'sell', 99, 1))).toEqual(['a accepted@1', 'a triggered@2'])
    expect(on(trade(3, 'buy', 101, 4))).toEqual(['a 4 at 101 maker@3'])
  })
})

test('all that rest and all on their way are canceled at once, and the book forgets them', () => {
  const { venue, on } = open({ latency: 10 })
  on(start)
  venue.submit(order('a', { price: 101 }), 1)
  venue.submit(order('t', { quantity: 5 }), 1)
  on(book(12, BIDS, ASKS))
  venue.submit(order('b', { price: 101 }), 13)
  expect(venue.cancelAll(14).map(inShort)).toEqual(['b canceled@14 requested', 'a canceled@14 requested'])
  expect(on(trade(15, 'sell', 101, 100), book(30, [[90, 1]], [[91, 1]]))).toEqual([])
})

test(`more than ${PAPER_ORDERS_MAX} working orders are rejected`, () => {
  const { venue, on } = open()
  on(start)
  for (let i = 0; i <= PAPER_ORDERS_MAX; i++) venue.submit(order(`o${i}`, { price: 90, quantity: 1 }), 1)
  expect(on(book(2, BIDS, ASKS)).at(-1)).toBe(`o${PAPER_ORDERS_MAX} rejected@1 too_many_orders`)
})

/** A market that wanders with books and trades or candles, and orders of every kind now and then. */
function scenario(seed: number, kind: 'book' | 'candle') {
  const random = seededRandom(seed)
  const inputs: MarketInput[] = []
  const wishes = new Map<number, { order?: OrderRequest; cancel?: OrderId }>()
  let middle = 1_000
  for (let i = 0; i < 150; i++) {
    const at = (i + 1) * 30
    middle += random.below(7) - 3
    const side: Side = random.below(2) === 0 ? 'buy' : 'sell'
    if (kind === 'candle') {
      const [open, close] = [middle + random.below(5) - 2, middle + random.below(5) - 2]
      const data = {
        openAt: at - 30,
        open,
        high: Math.max(open, close) + random.below(4),
        low: Math.min(open, close) - random.below(4),
        close,
        volume: random.below(200),
      }
      inputs.push({ kind, instrument: instrument.id, at, interval: 30, data })
    } else if (random.below(2) === 0) inputs.push(trade(at, side, middle + random.below(3) - 1, 1 + random.below(30)))
    else {
      const levels = (first: number, step: number): Level[] =>
        [0, 1, 2].map(n => [first + n * step, 1 + random.below(40)] as const)
      inputs.push(book(at, levels(middle - 1, -1), levels(middle + 1, 1)))
    }
    if (random.below(2) === 0) {
      const type = (['market', 'limit', 'limit', 'stop', 'stop_limit'] as const)[random.below(5)]!
      const near = middle + random.below(7) - 3
      wishes.set(i, {
        order: order(`o${i}`, {
          type,
          side,
          quantity: 1 + random.below(40),
          price: type === 'limit' || type === 'stop_limit' ? near : undefined,
          triggerPrice: type === 'stop' || type === 'stop_limit' ? middle + (side === 'buy' ? 2 : -2) : undefined,
          timeInForce: (['gtc', 'gtc', 'ioc', 'fok'] as const)[random.below(4)]!,
          postOnly: type === 'limit' && random.below(4) === 0,
        }),
      })
    } else if (random.below(3) === 0) wishes.set(i, { cancel: `o${random.below(i + 1)}` as OrderId })
  }
  return { inputs, wishes }
}

/** Plays a scenario; before each of the given inputs the venue is put away as text and taken out again. */
function play({ inputs, wishes }: ReturnType<typeof scenario>, restartsAt: ReadonlySet<number> = new Set()) {
  const changed = settings({ latency: 40, makerFeePpm: 1_600, takerFeePpm: 2_600, participation: 0.5 })
  let venue = new PaperVenue(instrument, changed)
  const out: VenueReport[] = []
  inputs.forEach((input, i) => {
    if (restartsAt.has(i))
      venue = new PaperVenue(instrument, changed, decodeJson<PaperVenueState>(encodeJson(venue.snapshot())))
    venue.onMarket(input, out)
    const wish = wishes.get(i)
    if (wish?.order !== undefined) venue.submit(wish.order, input.at)
    if (wish?.cancel !== undefined) venue.cancel(wish.cancel, input.at)
  })
  return out
}

const anyMarket = [fc.integer(), fc.constantFrom('book' as const, 'candle' as const)] as const

test('a venue that is restored at any point goes on as if it had never stopped', () => {
  fc.assert(
    fc.property(...anyMarket, fc.uniqueArray(fc.nat(149), { maxLength: 20 }), (seed, kind, restarts) => {
      const made = scenario(seed, kind)
      expect(play(made, new Set(restarts))).toEqual(play(made))
    }),
    { numRuns: 60 },
  )
})

test('no order fills more than it wished, no taker beyond its limit, no maker but at its own price', () => {
  let fills = 0
  fc.assert(
    fc.property(...anyMarket, (seed, kind) => {
      const { inputs, wishes } = scenario(seed, kind)
      const filled = new Map<OrderId, number>()
      const ended = new Set<OrderId>()
      const ids = new Set<string>()
      const requests = new Map([...wishes.values()].flatMap(wish => (wish.order ? [[wish.order.id, wish.order]] : [])))
      for (const report of play({ inputs, wishes })) {
        if (report.type === 'canceled' || report.type === 'rejected') ended.add(report.order)
        if (report.type !== 'filled') continue
        fills += 1
        const { quantity, side, price: limit } = requests.get(report.order)!
        const { fill } = report
        const sum = (filled.get(report.order) ?? 0) + fill.quantity
        filled.set(report.order, sum)
        expect(sum).toBeLessThanOrEqual(quantity)
        expect(fill.quantity).toBeGreaterThan(0)
        expect(ids.has(`${report.order}/${fill.id}`)).toBe(false)
        ids.add(`${report.order}/${fill.id}`)
        if (fill.liquidity === 'maker') expect(fill.price).toBe(limit)
        else if (limit !== undefined) expect(side === 'buy' ? fill.price <= limit : fill.price >= limit).toBe(true)
        const ppm = fill.liquidity === 'maker' ? 1_600 : 2_600
        expect(Number(fill.fee)).toBe(Math.ceil((fill.price * fill.quantity * ppm) / 1_000_000))
      }
    }),
    { numRuns: 80 },
  )
  expect(fills).toBeGreaterThan(1_000)
})
