import { expect, test } from 'vitest'
import { encodeJson, seededRandom } from '../../src/kernel/index.ts'
import { type Effect, TradingNode } from '../../src/trading/index.ts'
import { livingInputs, TEST_STRATEGIES, testSetup } from './market-fixture.ts'

const seeds = [1, 2, 3]

/** All effects of a node over the inputs, as text; restarted from its own snapshot before each of the given inputs. */
function effectsOf(seed: number, restartsAt: ReadonlySet<number>): string[] {
  const inputs = livingInputs(seed)
  const setup = testSetup(seed)
  let node = new TradingNode({ strategies: TEST_STRATEGIES })
  const lines: string[] = []
  const note = (effects: readonly Effect[]) => {
    for (const effect of effects) lines.push(encodeJson(effect))
  }
  note(node.handle({ kind: 'command', at: inputs[0]!.at, data: { type: 'start_run', setup } }))
  inputs.forEach((input, i) => {
    if (restartsAt.has(i)) {
      const resume = node.runs.get(setup.id)!.snapshotText()
      node = new TradingNode({ strategies: TEST_STRATEGIES, position: node.position - 1 })
      note(node.handle({ kind: 'command', at: 0, data: { type: 'start_run', setup, resume } }))
    }
    note(node.handle(input))
  })
  return lines
}

test.each(seeds)('a run restarted from its snapshot at any point goes on to the byte (seed %i)', seed => {
  const whole = effectsOf(seed, new Set())
  expect(whole.filter(line => line.includes('"order.filled"')).length).toBeGreaterThan(4)
  const random = seededRandom(`restarts/${seed}`)
  const points = Array.from({ length: 40 }, () => random.below(livingInputs(seed).length))
  expect(effectsOf(seed, new Set(points))).toEqual(whole)
})
