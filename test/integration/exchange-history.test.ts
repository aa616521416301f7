import { expect, test } from 'vitest'
import { serveExchange, XRP } from './exchange-server.ts'

const server = serveExchange()
const PATH = '/v1/exchange/fills'
interface Fill {
  readonly id: string
  readonly order: string
  readonly at: number
}
const fillsOf = async (query: string): Promise<Fill[]> =>
  (await server.current.ask('GET', `${PATH}?${query}`)).body.items
const placeOf = ({ at, id, order }: Fill) => encodeURIComponent(`${at}:${id}:${order}`)

test('fills are read page by page, and none is left out or told twice, even where many have one time', async () => {
  const { exchange } = server.current
  const order = { instrument: XRP, type: 'limit', price: '0.5', quantity: '100' } as const
  await exchange.placeAll(
    'bob',
    Array.from({ length: 25 }, () => ({ ...order, side: 'sell' as const })),
  )
  // In one go, so that many are of one commit and with that of one time.
  await exchange.placeAll(
    'ada',
    Array.from({ length: 25 }, () => ({ ...order, side: 'buy' as const })),
  )
  const all = await fillsOf('limit=100')
  expect(all.length).toBe(25)
  expect(new Set(all.map(({ at }) => at)).size).toBeLessThan(25)
  const read: Fill[] = []
  for (;;) {
    const last = read.at(-1)
    const page = await fillsOf(`limit=10${last === undefined ? '' : `&before=${placeOf(last)}`}`)
    read.push(...page)
    if (page.length < 10) break
  }
  expect(read).toEqual(all)
  const here = await fillsOf(`instrument=${encodeURIComponent(XRP)}&limit=100&before=${placeOf(all[0]!)}`)
  expect(here).toEqual(all.slice(1))
  // Those since a time and those of an order are of the same list, in its order.
  const { at, order: one } = all[10]!
  expect(await fillsOf(`limit=100&since=${at}`)).toEqual(all.filter(fill => fill.at >= at))
  expect(await fillsOf(`limit=100&order=${one}&since=${at}`)).toEqual(all.filter(({ order: of }) => of === one))
  // Others' fills have a place, and are nobody else's all the same.
  const { body } = await server.current.ask('GET', `${PATH}?limit=100&before=${placeOf(all[0]!)}`, { person: 'nobody' })
  expect(body.items).toEqual([])
})

test.each(['1', '1:2:3', 'x:XRP/USD-1:0-1', '1:XRP/USD-1:0', `${'9'.repeat(17)}:XRP/USD-1:0-1`, "1:a'b:0-1"])(
  'a place of a fill that is none is refused: %s',
  async before => {
    const { status, body } = await server.current.ask('GET', `${PATH}?before=${encodeURIComponent(before)}`)
    expect([status, body.faults[0]]).toEqual([400, { field: 'before', rule: 'is at:id:order of a fill' }])
  },
)

test('a page goes on in all fills, not in those of an order or since a time', async () => {
  const { status, body } = await server.current.ask('GET', `${PATH}?before=1:XRP/USD-1:0-1&since=1`)
  expect([status, body.field]).toEqual([400, 'before'])
})
