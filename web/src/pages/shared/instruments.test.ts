import { expect, test } from 'vitest'
import { glanceStep, slugOf } from './instruments.ts'

test('an instrument of a venue has an address of its own', () => {
  expect(slugOf('paper:XRP/USD')).toBe('XRP-USD')
  expect(slugOf('kraken:XRP/USD')).toBe('kraken-XRP-USD')
})

test.each([
  ['0.00000001', '2.3005', '0.01'],
  ['0.00000001', '93120.1', '0.000001'],
  ['0.00000001', '0.15', '0.1'],
  ['0.001', '0.15', '0.1'],
  ['1', '0.15', '1'],
  ['0.01', '93120.1', '0.01'],
  ['0.00000001', undefined, '0.00000001'],
])('lots of %s at a price of %s are shown in steps of %s', (lot, price, step) => {
  expect(glanceStep(lot, price)).toBe(step)
})
