import { expect, test } from 'vitest'
import { openStage } from './stage.ts'

test('Coinbase tells the wallets of six hundred assets, page by page', async () => {
  const balances = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`A${String(i).padStart(3, '0')}`, '1']))
  const stage = await openStage('coinbase', { balances })
  const told = await stage.settle(stage.connector.balances())
  expect(told.map(({ asset, free }) => `${asset} ${free}`).sort()).toEqual(
    Object.keys(balances).map(asset => `${asset} 1`),
  )
  await stage.close()
})
