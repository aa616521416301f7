import { expect, test } from 'vitest'
import { slugOf } from './instruments.ts'

test('an instrument of a venue has an address of its own', () => {
  expect(slugOf('paper:XRP/USD')).toBe('XRP-USD')
  expect(slugOf('kraken:XRP/USD')).toBe('kraken-XRP-USD')
})
