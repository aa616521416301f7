import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLivingMarket } from '../../simulators/market/index.ts'
import { MICROS_PER_MINUTE, MICROS_PER_SECOND } from '../../src/kernel/index.ts'
import { DEMO_INSTRUMENTS } from '../../src/market/index.ts'
import { Backtest } from '../../src/strategies/index.ts'
import { breakout } from './breakout.ts'

const instrument = DEMO_INSTRUMENTS.find(({ pair }) => pair === 'XRP/USD')!
const start = 1_750_000_000 * MICROS_PER_SECOND
const market = createLivingMarket({ seed: 'breakout', start, instruments: [instrument] }).advance(
  start + 60 * MICROS_PER_MINUTE,
)

function backtest(parameters: Record<string, unknown> = {}) {
  const test = new Backtest({
    instrument,
    interval: 5 * MICROS_PER_SECOND,
    strategy: breakout,
    parameters,
    allocation: '10000',
  })
  for (const input of market) test.feed(input)
  return test.result()
}

test('the example of the guide trades an hour of the simulated market, and the same way each time', () => {
  const result = backtest()
  expect(result.error).toBeNull()
  expect(result.orders).toMatchObject({ denied: 0 })
  expect(result.roundTrips.length).toBeGreaterThan(2)
  expect(result.roundTrips.every(({ side }) => side === 'long')).toBe(true)
  expect(backtest().tradesHash).toBe(result.tradesHash)
})

test('its parameters matter, and those that make no sense are refused by name', () => {
  expect(backtest({ length: 60 }).tradesHash).not.toBe(backtest().tradesHash)
  expect(() => backtest({ length: 1 })).toThrow(/parameters\.length/)
})

test('the guide shows the file as it is', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/write-a-strategy.md'), 'utf8')
  const shown = /```ts\n(import[\s\S]*?)```/.exec(guide)?.[1]
  expect(shown).toBe(readFileSync(join(import.meta.dirname, 'breakout.ts'), 'utf8'))
})
