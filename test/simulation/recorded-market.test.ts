import { expect, test } from 'vitest'
import { Backtest } from '../../src/strategies/index.ts'
import { type Effect, headerLine, marketOf, recordLines, replay, TradingNode } from '../../src/trading/index.ts'
import { livingInputs, TEST_STRATEGIES, testSetup } from './market-fixture.ts'

/** A recorded paper run: its lines, and the orders and fills it gave. */
function paperRun(seed: number): { lines: string[]; facts: Effect[] } {
  const setup = testSetup(seed)
  const node = new TradingNode({ strategies: TEST_STRATEGIES })
  const inputs = livingInputs(seed)
  const lines = [headerLine({ recording: 1, startedAt: inputs[0]!.at, codeHash: 'test', position: 0, killed: false })]
  const facts: Effect[] = []
  const start = { kind: 'command', at: inputs[0]!.at, data: { type: 'start_run', setup } } as const
  for (const input of [start, ...inputs]) {
    const effects = node.handle(input)
    lines.push(recordLines(input, effects))
    facts.push(...effects.filter(effect => effect.kind === 'persist'))
  }
  return { lines: lines.join('').split('\n'), facts }
}

async function* from(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

test('a recording replays to the same outputs, byte for byte', async () => {
  const { lines } = paperRun(1)
  const result = await replay(from(lines), TEST_STRATEGIES)
  expect(result.difference).toBeNull()
  expect(result.inputs).toBe(livingInputs(1).length + 1)
})

test('a recording whose output was changed by one unit is told apart, with the line', async () => {
  const { lines } = paperRun(1)
  const at = lines.findIndex(line => line.includes('"order.filled"'))
  const forged = lines.map((line, i) => (i === at ? line.replace('"quantity":', '"quantity":1') : line))
  const result = await replay(from(forged), TEST_STRATEGIES)
  expect(result.difference?.line).toBe(at + 1)
})

test('a damaged line is named', async () => {
  const { lines } = paperRun(1)
  await expect(replay(from([...lines.slice(0, 10), '{"input":']), TEST_STRATEGIES)).rejects.toThrow('line 11')
})

test.each([1, 2])(
  'a paper run and a backtest of its recorded market give the same orders and fills (seed %i)',
  async seed => {
    const { lines, facts } = paperRun(seed)
    const { id, instrument, interval, strategy, parameters, allocation, paper } = testSetup(seed)
    const backtest = new Backtest({
      instrument,
      interval,
      strategy: TEST_STRATEGIES(strategy)!,
      parameters,
      allocation,
      paper: paper!,
      seed: String(seed),
      run: id,
    })
    for await (const input of marketOf(from(lines))) backtest.feed(input)
    const result = backtest.result()
    const fills = facts.flatMap(fact =>
      fact.kind === 'persist' && (fact.event.type === 'order.filled' || fact.event.type === 'order.partially_filled')
        ? [{ order: fact.order.request.id, ...fact.event.fill, at: fact.event.at }]
        : [],
    )
    expect(fills.length).toBeGreaterThan(2)
    expect(result.fills.map(({ side: _, instrument: __, ...fill }) => fill)).toEqual(
      fills.map(fill => expect.objectContaining(fill)),
    )
    expect(result.orders.placed).toBe(
      facts.filter(fact => fact.kind === 'persist' && fact.event.type === 'order.initialized').length,
    )
  },
)
