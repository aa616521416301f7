import { expect, test } from 'vitest'
import { balanceFindings } from './balances.ts'

const expected = new Map([
  ['USD', { baseline: '1000', moved: '-250.126' }],
  ['XRP', { baseline: '0', moved: '500.00000000' }],
])

test('an account that moved by our fills alone is right, to the last decimal', () => {
  const held = [
    { asset: 'USD', free: '700.874', held: '49' },
    { asset: 'XRP', free: '500', held: '0' },
  ]
  expect(balanceFindings('kraken', held, expected)).toEqual({ findings: [], unseen: [] })
})

test('what a venue cuts off is no difference; two of the last digit are', () => {
  const moved = new Map([['USD', { baseline: '1000000', moved: '-534.5913939692' }]])
  const told = (free: string) => balanceFindings('coinbase', [{ asset: 'USD', free, held: '0' }], moved).findings
  expect(told('999465.40860603')).toEqual([])
  expect(told('999465.40860601')).toHaveLength(1)
})

test('a difference is told with both sides and for people to settle', () => {
  const { findings } = balanceFindings('kraken', [{ asset: 'USD', free: '749.875', held: '0' }], expected)
  expect(findings).toMatchObject([
    {
      classification: 'balance_differs',
      action: 'escalated',
      subject: 'kraken/USD',
      ours: '749.874',
      theirs: '749.875',
    },
  ])
  expect(findings[0]!.explanation).toContain('0.001 USD more')
})

test('an asset that was never seen has no baseline, and is none of our findings', () => {
  expect(balanceFindings('kraken', [{ asset: 'DOGE', free: '1.5', held: '0.5' }], expected)).toEqual({
    findings: [],
    unseen: [{ asset: 'DOGE', total: '2' }],
  })
})
