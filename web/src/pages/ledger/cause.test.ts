import { expect, test } from 'vitest'
import { causeOf } from './cause.ts'

test('a cause says what it is of', () => {
  expect(causeOf('exchange/0/1234')).toEqual({ kind: 'command', shard: '0', command: '1234' })
  expect(causeOf('exchange/2/fees/10-19')).toEqual({ kind: 'fees', shard: '2', first: '10', last: '19' })
  const id = '01a21787-69ac-7a30-8cf9-db5c7171c57d'
  expect(causeOf(`transfer/${id}`)).toEqual({ kind: 'transfer', id })
  expect(causeOf('demo/demo-trader')).toEqual({ kind: 'endowment', owner: 'demo-trader' })
  expect(causeOf('exchange/0')).toEqual({ kind: 'other', text: 'exchange/0' })
})
