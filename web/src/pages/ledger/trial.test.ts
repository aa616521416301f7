import { expect, test } from 'vitest'
import { totalsOf } from './trial.ts'

const row = (kind: 'outside' | 'client_wallet' | 'client_trading', asset: string, debit: string, credit: string) => ({
  kind,
  asset,
  accounts: 1,
  debit,
  credit,
})

test('debits and credits add up by asset, and a difference shows', () => {
  const totals = totalsOf([
    row('outside', 'USD', '30.10', '0.00'),
    row('client_wallet', 'BTC', '0.00', '2.5'),
    row('client_wallet', 'USD', '0.00', '10.05'),
    row('client_trading', 'USD', '0.00', '20.05'),
  ])
  expect(totals.map(({ asset, debit, credit, isBalanced }) => [asset, debit, credit, isBalanced])).toEqual([
    ['BTC', '0.00', '2.5', false],
    ['USD', '30.10', '30.10', true],
  ])
})
