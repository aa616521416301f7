import { describe, expect, test } from 'vitest'
import { type Candle, defineInstrument, type OrderId, type OrderRequest, type VenueReport } from '../../kernel/index.ts'
import { pathOf, priceOn } from './candle-path.ts'
import { PaperVenue } from './paper-venue.ts'
import { feeOf, PaperSettings } from './settings.ts'

/** A tick is 1 USD and a lot 1 ABC; a candle takes 30 microseconds, so a leg takes 10. */
const instrument = defineInstrument({ venue: 'paper', pair: 'ABC/USD', tick: '1', lot: '1' })
const INTERVAL = 30

const candle = (n: number, open: number, high: number, low: number, close: number, volume = 300): Candle => ({
  openAt: n * INTERVAL,
  open,
  high,
  low,
  close,
  volume,
})
/** 100 → 95 → 110 → 105. */
const lowFirst = candle(0, 100, 110, 95, 105)
/** 100 → 104 → 90 → 95. */
const highFirst = candle(0, 100, 104, 90, 95)

const settings = (changed: Partial<PaperSettings> = {}) =>
  PaperSettings.parse({ makerFeePpm: 0, takerFeePpm: 0, latency: 0, participation: 1, slippagePpm: 0, ...changed })

let orders = 0
const order = (wish: Partial<OrderRequest>): OrderRequest => ({
  id: `run-${++orders}` as OrderId,
  instrument: instrument.id,
  side: 'buy',
  type: wish.triggerPrice === undefined ? (wish.price === undefined ? 'market' : 'limit') : 'stop',
  timeInForce: 'gtc',
  quantity: 10,
  ...wish,
})

/** What a venue says of one order over candles, in short. */
function told(wish: Partial<OrderRequest>, candles: readonly Candle[], changed: Partial<PaperSettings> = {}, at = 0) {
  const venue = new PaperVenue(instrument, settings(changed))
  venue.submit(order(wish), at)
  return candles.flatMap(data => reportsOf(venue, data))
}

function reportsOf(venue: PaperVenue, data: Candle): string[] {
  const out: VenueReport[] = []
  venue.onMarket(
    { kind: 'candle', instrument: instrument.id, at: data.openAt + INTERVAL, interval: INTERVAL, data },
    out,
  )
  return out.map(inShort)
}

const inShort = (report: VenueReport): string => {
  if (report.type !== 'filled') return `${report.type}@${report.at}${'reason' in report ? ` ${report.reason}` : ''}`
  const { quantity, price, liquidity, fee } = report.fill
  return `${quantity} at ${price} ${liquidity}@${report.at}${fee === 0n ? '' : ` fee ${fee}`}`
}

describe('the way through a candle', () => {
  const corners = (data: Candle) => {
    const legs = pathOf(data, INTERVAL)
    return [legs[0].start, ...legs.map(leg => leg.end)]
  }

  test('the extreme nearer to the open comes first; at equal distance the low', () => {
    expect(corners(lowFirst)).toEqual([100, 95, 110, 105])
    expect(corners(highFirst)).toEqual([100, 104, 90, 95])
    expect(corners(candle(0, 100, 105, 95, 101))).toEqual([100, 95, 105, 101])
  })

  test('a third of the time each, also where the interval is no multiple of three', () => {
    expect(pathOf(lowFirst, 30).map(({ from, to }) => [from, to])).toEqual([
      [0, 10],
      [10, 20],
      [20, 30],
    ])
    expect(pathOf({ ...lowFirst, openAt: 60 }, 20).map(({ from, to }) => [from, to])).toEqual([
      [60, 66],
      [66, 73],
      [73, 80],
    ])
  })

  test('between corners the price goes straight', () => {
    const [first, second] = pathOf(lowFirst, INTERVAL)
    expect([0, 4, 10].map(at => priceOn(first, at))).toEqual([100, 98, 95])
    expect([10, 12, 20].map(at => priceOn(second, at))).toEqual([95, 98, 110])
  })
})

describe('takers', () => {
  test('pay the price of the path and the slippage, rounded against them', () => {
    expect(told({}, [lowFirst])).toEqual(['accepted@0', '10 at 100 taker@0'])
    expect(told({}, [lowFirst], { slippagePpm: 10_000 })).toEqual(['accepted@0', '10 at 101 taker@0'])
    // 98 × 1.01 = 98.98 and 98 × 0.99 = 97.02, four ticks into the first leg.
    expect(told({}, [lowFirst], { slippagePpm: 10_000, latency: 4 })).toEqual(['accepted@4', '10 at 99 taker@4'])
    expect(told({ side: 'sell' }, [lowFirst], { slippagePpm: 10_000, latency: 4 })).toEqual([
      'accepted@4',
      '10 at 97 taker@4',
    ])
  })

  test('a marketable limit never pays more than its limit', () => {
    expect(told({ price: 101 }, [lowFirst], { slippagePpm: 50_000 })).toEqual(['accepted@0', '10 at 101 taker@0'])
    expect(told({ side: 'sell', price: 99 }, [lowFirst], { slippagePpm: 50_000 })).toEqual([
      'accepted@0',
      '10 at 99 taker@0',
    ])
  })

  test('an order placed at the close meets the next candle where its latency has brought it', () => {
    const next = candle(1, 200, 210, 190, 205)
    expect(told({}, [lowFirst, next], { latency: 6 }, 30)).toEqual(['accepted@36', '10 at 194 taker@36'])
  })

  test('after a gap it meets the open of the first candle there is', () => {
    expect(told({}, [lowFirst, candle(5, 300, 310, 290, 305)], { latency: 6 }, 30)).toEqual([
      'accepted@150',
      '10 at 300 taker@150',
    ])
  })

  test('the fee is rounded up once per fill', () => {
    // 10 × 100 = 1,000: 0.26 % is 2.6; 0.1 % is exactly 1; one millionth is 0.001.
    expect(told({}, [lowFirst], { takerFeePpm: 2_600 })).toEqual(['accepted@0', '10 at 100 taker@0 fee 3'])
    expect(told({}, [lowFirst], { takerFeePpm: 1_000 })).toEqual(['accepted@0', '10 at 100 taker@0 fee 1'])
    expect(feeOf(1_000n, 1)).toBe(1n)
    expect(feeOf(1_000n, -1_000)).toBe(-1n)
  })
})

describe('limits', () => {
  test('fill at their own price once the path has gone through, not when it touches', () => {
    expect(told({ price: 95 }, [lowFirst])).toEqual(['accepted@0'])
    expect(told({ price: 96 }, [lowFirst])).toEqual(['accepted@0', '10 at 96 maker@10'])
    expect(told({ side: 'sell', price: 110 }, [lowFirst])).toEqual(['accepted@0'])
    expect(told({ side: 'sell', price: 109 }, [lowFirst])).toEqual(['accepted@0', '10 at 109 maker@20'])
  })

  test('the order of the extremes decides when', () => {
    expect(told({ price: 96 }, [highFirst])).toEqual(['accepted@0', '10 at 96 maker@20'])
  })

  test('pay the maker’s fee', () => {
    expect(told({ price: 96 }, [lowFirst], { makerFeePpm: 1_600, takerFeePpm: 9_999 })).toEqual([
      'accepted@0',
      '10 at 96 maker@10 fee 2', // 960 × 0.16 % = 1.536
    ])
  })

  test('post-only is rejected where it would trade, and rests where it would not', () => {
    expect(told({ price: 100, postOnly: true }, [lowFirst])).toEqual(['accepted@0', 'rejected@0 would_cross'])
    expect(told({ price: 96, postOnly: true }, [lowFirst])).toEqual(['accepted@0', '10 at 96 maker@10'])
  })
})

describe('how much there is', () => {
  test('our orders take their share of a third of the volume, leg by leg and candle by candle', () => {
    // 300 × 0.1 ÷ 3 = 10 a leg; what is left goes on at the start of the next leg.
    expect(told({ quantity: 45 }, [lowFirst, candle(1, 120, 130, 119, 125)], { participation: 0.1 })).toEqual([
      'accepted@0',
      '10 at 100 taker@0',
      '10 at 95 taker@10',
      '10 at 110 taker@20',
      '10 at 120 taker@30',
      '5 at 119 taker@40',
    ])
  })

  test('what is shared is shared by all orders of a leg', () => {
    const venue = new PaperVenue(instrument, settings({ participation: 0.1 }))
    venue.submit(order({ quantity: 7 }), 0)
    venue.submit(order({ quantity: 7 }), 0)
    expect(reportsOf(venue, lowFirst)).toEqual([
      'accepted@0',
      '7 at 100 taker@0',
      'accepted@0',
      '3 at 100 taker@0',
      '4 at 95 taker@10',
    ])
  })

  test('a candle without volume fills nothing', () => {
    expect(told({}, [candle(0, 100, 110, 95, 105, 0)])).toEqual(['accepted@0'])
  })

  test('immediate-or-cancel takes what is there and cancels the rest', () => {
    expect(told({ quantity: 15, timeInForce: 'ioc' }, [lowFirst], { participation: 0.1 })).toEqual([
      'accepted@0',
      '10 at 100 taker@0',
      'canceled@0 immediate_or_cancel',
    ])
    expect(told({ price: 99, timeInForce: 'ioc' }, [lowFirst])).toEqual([
      'accepted@0',
      'canceled@0 immediate_or_cancel',
    ])
  })

  test('fill-or-kill fills whole or not at all', () => {
    const little = { participation: 0.1 }
    expect(told({ quantity: 10, timeInForce: 'fok' }, [lowFirst], little)).toEqual(['accepted@0', '10 at 100 taker@0'])
    expect(told({ quantity: 11, timeInForce: 'fok' }, [lowFirst], little)).toEqual([
      'accepted@0',
      'canceled@0 not_fillable',
    ])
    expect(told({ price: 99, timeInForce: 'fok' }, [lowFirst])).toEqual(['accepted@0', 'canceled@0 not_fillable'])
  })
})

describe('stops', () => {
  test('trigger on the path and take from there', () => {
    expect(told({ triggerPrice: 108 }, [lowFirst])).toEqual(['accepted@0', 'triggered@10', '10 at 108 taker@10'])
    expect(told({ side: 'sell', triggerPrice: 97 }, [lowFirst])).toEqual([
      'accepted@0',
      'triggered@0',
      '10 at 97 taker@0',
    ])
  })

  test('a touch triggers; a tick less does not', () => {
    expect(told({ triggerPrice: 110 }, [lowFirst])).toContain('triggered@10')
    expect(told({ triggerPrice: 111 }, [lowFirst])).toEqual(['accepted@0'])
  })

  test('a gap beyond the trigger takes at the gap, not at the trigger', () => {
    const gap = candle(1, 120, 125, 118, 121)
    expect(told({ triggerPrice: 112 }, [lowFirst, gap])).toEqual(['accepted@0', 'triggered@30', '10 at 120 taker@30'])
    const fall = candle(1, 80, 85, 78, 82)
    expect(told({ side: 'sell', triggerPrice: 90 }, [lowFirst, fall])).toEqual([
      'accepted@0',
      'triggered@30',
      '10 at 80 taker@30',
    ])
  })

  test('a stop-limit takes up to its limit, or rests at it', () => {
    const type = 'stop_limit'
    expect(told({ type, triggerPrice: 108, price: 109 }, [lowFirst], { slippagePpm: 50_000 })).toEqual([
      'accepted@0',
      'triggered@10',
      '10 at 109 taker@10',
    ])
    expect(told({ type, side: 'sell', triggerPrice: 97, price: 99 }, [lowFirst])).toEqual([
      'accepted@0',
      'triggered@0',
      '10 at 99 maker@20',
    ])
  })
})

describe('cancels', () => {
  const race = (cancelAt: number) => {
    const venue = new PaperVenue(instrument, settings({ latency: 5 }))
    const request = order({ price: 96 })
    venue.submit(request, 0)
    venue.cancel(request.id, cancelAt)
    return reportsOf(venue, lowFirst)
  }

  test('one that arrives in time takes the order away, one that arrives late is refused', () => {
    expect(race(2)).toEqual(['accepted@5', 'canceled@7 requested'])
    expect(race(6)).toEqual(['accepted@5', '10 at 96 maker@10', 'cancel_rejected@11 not_open'])
  })

  test('all at once, on their way or working, needs no market', () => {
    const venue = new PaperVenue(instrument, settings())
    venue.submit(order({ price: 90 }), 0)
    expect(reportsOf(venue, lowFirst)).toEqual(['accepted@0'])
    venue.submit(order({}), 30)
    expect(venue.cancelAll(31).map(inShort)).toEqual(['canceled@31 requested', 'canceled@31 requested'])
    expect(venue.isIdle).toBe(true)
    expect(reportsOf(venue, candle(1, 100, 110, 80, 105))).toEqual([])
  })
})
