import { describe, expect, test } from 'vitest'
import { MINUTE, NOON, setupOf } from '../../trading/fake.ts'
import { type AnyStrategy, TradingNode } from '../../trading/index.ts'
import { BUILT_IN } from './index.ts'
import { sizeByRisk } from './sizing.ts'

const named = (name: string): AnyStrategy => BUILT_IN.find(one => one.name === name)!

/** A candle from the close before to this one, five beyond both. */
const candleOf = (n: number, open: number, close: number) => ({
  openAt: NOON + n * MINUTE,
  open,
  high: Math.max(open, close) + 5,
  low: Math.min(open, close) - 5,
  close,
  volume: 30_000,
})

/** What a strategy does over closes: which candle, what, why. */
function decisions(
  name: string,
  parameters: Record<string, unknown>,
  closes: readonly number[],
  restartAt = -1,
): string[] {
  const node = new TradingNode({ strategies: named })
  const setup = setupOf(name, { parameters })
  const start = () => node.handle({ kind: 'command', at: NOON, data: { type: 'start_run', setup } })
  start()
  return closes.flatMap((close, n) => {
    if (n === restartAt) {
      node.handle({ kind: 'command', at: NOON, data: { type: 'stop_run', run: setup.id } })
      start()
    }
    const data = candleOf(n, closes[n - 1] ?? close, close)
    const at = data.openAt + MINUTE
    const effects = node.handle({ kind: 'candle', instrument: setup.instrument.id, at, interval: MINUTE, data })
    return effects.flatMap(effect => {
      if (effect.kind !== 'persist') return []
      const { event, order } = effect
      if (event.type === 'order.initialized') return [`${n} ${order.request.side}: ${event.reason}`]
      return event.type === 'order.cancel_requested' ? [`${n} cancel`] : []
    })
  })
}
const flat = (count: number, price = 1_000): number[] => Array.from({ length: count }, () => price)

describe('trend', () => {
  // Warm after 4 × 3 candles. Flat averages are equal; a rise of ten puts the fast one 1⅔ above.
  const parameters = { fast: 2, slow: 3, atr: 2, band: 0.1, trail: 0.5, risk: 0.02 }
  const rise = [1_010, 1_020, 1_030]

  test('buys when the fast average stands clear above the slow one, and not on a flat market', () => {
    expect(decisions('trend', parameters, flat(30))).toEqual([])
    expect(decisions('trend', parameters, [...flat(15), ...rise])).toEqual(['15 buy: averages crossed up'])
  })

  test('the band keeps it out when they are not far enough apart', () => {
    expect(decisions('trend', { ...parameters, band: 0.2 }, [...flat(15), 1_010])).toEqual([])
  })

  test('leaves at the trailing stop, and waits for the averages to meet before it buys again', () => {
    // At 1,018 the averages are 1,020.4 and 1,019.6, the stop is at 1,030 less half of 20.4.
    const stopped = [...flat(15), ...rise, 1_018]
    expect(decisions('trend', parameters, stopped)).toEqual(['15 buy: averages crossed up', '18 sell: trailing stop'])
    expect(decisions('trend', parameters, [...stopped, 1_025, 1_035])).toHaveLength(2)
    expect(decisions('trend', parameters, [...stopped, 990, 990, 1_010, 1_030]).slice(2)).toEqual([
      '22 buy: averages crossed up',
    ])
  })

  test('leaves when the averages cross down', () => {
    expect(decisions('trend', { ...parameters, trail: 10 }, [...flat(15), ...rise, 990])).toEqual([
      '15 buy: averages crossed up',
      '18 sell: averages crossed down',
    ])
  })

  test('started again with a position it follows the highest close from there', () => {
    const closes = [...flat(15), ...rise, ...flat(14, 1_030), 1_000]
    expect(decisions('trend', parameters, closes, 18).at(-1)).toBe('32 sell: averages crossed down')
  })

  test('its fast average is faster than its slow one', () => {
    expect(named('trend').parameters.safeParse({ fast: 9, slow: 9 }).error?.issues[0]?.path).toEqual(['fast'])
  })
})

describe('mean reversion', () => {
  // Warm after 4 × 2 candles; five candles make the bands.
  const parameters = { length: 5, deviations: 1, atr: 2, stop: 1, holdMax: 3, patience: 2, risk: 0.02 }
  const quiet = [1_000, 1_002, 1_000, 1_002, 1_000, 1_002, 1_000, 1_002, 1_000, 1_002]
  const entry = '10 buy: closed below the lower band'

  test('bids at the close below the lower band, and not within the bands', () => {
    expect(decisions('mean-reversion', parameters, quiet)).toEqual([])
    expect(decisions('mean-reversion', parameters, [...quiet, 990])).toEqual([entry])
  })

  test('takes its bid away when nobody came in time', () => {
    const node = new TradingNode({ strategies: named })
    const setup = setupOf('mean-reversion', { parameters })
    node.handle({ kind: 'command', at: NOON, data: { type: 'start_run', setup } })
    const feed = (n: number, open: number, close: number) =>
      node.handle({
        kind: 'candle',
        instrument: setup.instrument.id,
        at: NOON + (n + 1) * MINUTE,
        interval: MINUTE,
        data: candleOf(n, open, close),
      })
    quiet.forEach((close, n) => void feed(n, quiet[n - 1] ?? close, close))
    feed(10, 1_002, 990)
    // The market opens above the bid and trades no lower than 996: nobody comes to 990.
    const types = (n: number) =>
      feed(n, 1_001, 1_001).flatMap(effect => (effect.kind === 'persist' ? [effect.event.type] : []))
    expect(types(11)).toEqual(['order.accepted'])
    expect(types(12)).toEqual(['order.cancel_requested'])
    expect(types(13)).toContain('order.canceled')
  })

  test('leaves at the middle', () => {
    expect(decisions('mean-reversion', parameters, [...quiet, 990, 989, 1_001])).toEqual([
      entry,
      '12 sell: back at the middle',
    ])
  })

  test('leaves at the stop', () => {
    expect(decisions('mean-reversion', parameters, [...quiet, 990, 989, 950])).toEqual([entry, '12 sell: stop'])
  })

  test('leaves when its time is up', () => {
    // Filled in candle 11, it counts at the closes of 11, 12 and 13.
    expect(decisions('mean-reversion', { ...parameters, stop: 5 }, [...quiet, 990, 988, 986, 984])).toEqual([
      entry,
      '13 sell: time is up',
    ])
  })

  test('started again with a position it has a stop all the same', () => {
    // Warm again at the eighth candle, it takes that close, 973, as its entry.
    const held = [...quiet, 990, 989, 980, 979, 978, 977, 976, 975, 974, 973, 900]
    expect(decisions('mean-reversion', { ...parameters, holdMax: 100 }, held, 12).at(-1)).toBe('20 sell: stop')
  })
})

describe.each(BUILT_IN.map(strategy => [strategy.name, strategy] as const))('%s', (name, strategy) => {
  test('places nothing before it is warm', () => {
    const parameters = strategy.parameters.parse({})
    const wild = Array.from({ length: strategy.warmup(parameters) - 1 }, (_, i) => 1_000 + (i % 7) * 40)
    expect(decisions(name, {}, wild)).toEqual([])
  })

  test('every parameter has a default, and is refused out of its bounds', () => {
    const defaults = strategy.parameters.parse({}) as Record<string, number>
    expect(Object.keys(defaults).length).toBeGreaterThan(3)
    for (const key of Object.keys(defaults))
      for (const bad of [-1, Number.NaN, 1e9, 'x', null])
        expect(strategy.parameters.safeParse({ ...defaults, [key]: bad }).success).toBe(false)
    expect(strategy.parameters.safeParse({ ...defaults, other: 1 }).success).toBe(false)
  })
})

describe('the size of a position', () => {
  const { instrument } = setupOf('trend')
  const wish = { equity: 10_000, cash: 10_000, price: 100, distance: 10, riskFraction: 0.01, cashFraction: 0.95 }

  test('loses the share of equity when the distance is lost, and never takes more than its share of cash', () => {
    expect(sizeByRisk(instrument, wish)).toBe(10) // 100 USD at risk, 10 a lot
    expect(sizeByRisk(instrument, { ...wish, distance: 0.5 })).toBe(95) // 200 by risk, 95 by cash
    expect(sizeByRisk(instrument, { ...wish, cash: 99 })).toBe(0)
  })

  test('is nothing where nothing can be said', () => {
    for (const bad of [{ distance: 0 }, { price: 0 }, { distance: Number.NaN }, { equity: -5 }, { cash: -5 }])
      expect(sizeByRisk(instrument, { ...wish, ...bad })).toBe(0)
  })
})
