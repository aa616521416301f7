import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { freshDatabase, freshTenant } from '../../platform/testing.ts'
import { ABC, LIMITS, limit, NAIVE, openMarket } from '../fake.ts'
import { Replica } from './replica.ts'
import { latestSnapshot, saveSnapshot } from './snapshot-store.ts'
import { hashOf, linesOf, stateOf } from './state-lines.ts'

test('lists near the top have a line for each element, everything else is one value', () => {
  const state = { at: 5, engine: { accounts: [{ a: [1, 2] }, {}], none: [], deep: { x: [3] } }, owners: ['ada', 'bob'] }
  expect([...linesOf(state)]).toEqual([
    '["at",5]',
    '["engine","accounts",[]]',
    '["engine","accounts",0,{"a":[1,2]}]',
    '["engine","accounts",1,{}]',
    '["engine","none",[]]',
    '["engine","deep",{"x":[3]}]',
    '["owners",[]]',
    '["owners",0,"ada"]',
    '["owners",1,"bob"]',
  ])
})

test('the hash is that of the text, each line ended', () => {
  expect(hashOf(['["at",5]', '["b",[]]'])).toBe(createHash('sha256').update('["at",5]\n["b",[]]\n').digest('hex'))
})

test('what was written is read again, whatever is in it, also from where it is stored', async () => {
  const [{ db }, name] = [await freshDatabase(), { tenant: freshTenant(), shard: 0 }]
  const key = fc.stringMatching(/^[a-z]{1,8}$/)
  const value = fc.jsonValue({ maxDepth: 2 })
  const states = fc.dictionary(
    key,
    fc.oneof(value, fc.array(value), fc.dictionary(key, fc.oneof(fc.array(value), value))),
  )
  let sequence = 0
  await fc.assert(
    fc.asyncProperty(states, async state => {
      const lines = [...linesOf(state)]
      expect(stateOf(lines)).toEqual(JSON.parse(JSON.stringify(state)))
      sequence += 1
      await saveSnapshot(db, name, { sequence, hash: hashOf(lines), state: lines }, sequence)
      expect(await latestSnapshot(db, name)).toEqual({ sequence, hash: hashOf(lines), state: lines })
    }),
    { numRuns: 50 },
  )
})

test('a state is not gone on from under other limits', async () => {
  const { exchange, shards } = await openMarket(await freshDatabase(), freshTenant())
  await exchange.place('alice', limit('buy', '100', '1', { clientId: 'a line\u2028and another' }))
  const lines = [...shards.parts[0]!.shard.replica.state()]
  const again = new Replica(NAIVE, LIMITS, lines)
  expect([...again.state()]).toEqual(lines)
  expect(again.instruments.map(({ pair }) => `house:${pair}`)).toEqual([ABC])
  const other = () => new Replica(NAIVE, { ...LIMITS, clientIdsMax: 999 }, lines)
  expect(other).toThrow(
    expect.objectContaining({
      code: 'exchange.limits_changed',
      details: { field: 'clientIdsMax', rule: 'is 1000, as when the journal was written' },
    }),
  )
  await shards.stop()
})
