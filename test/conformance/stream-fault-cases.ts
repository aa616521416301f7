import { expect } from 'vitest'
import { accepted, bid, bookIsTrue, resting, watched } from './acts.ts'
import type { Case } from './case.ts'
import { orderOf, type Stage } from './stage.ts'

type Rule = Parameters<Stage['simulator']['faults']['add']>[0]

const fault = ({ simulator }: Stage, kind: Rule['kind'], on: NonNullable<Rule['on']>[number], count = 1) =>
  simulator.faults.add({ kind, on: [on], count, ms: 0, probability: 1, part: 0.5 })

/** The book is said to be stale, then good again, and is the book. */
async function staleAndBack(stage: Stage): Promise<void> {
  const before = stage.heard.stale.length
  const told = () => stage.heard.stale.slice(before).map(({ reason }) => reason)
  for (let i = 0; i < 20 && told().length === 0; i++) await bid(stage)
  await stage.until(() => told().length > 0 && told().at(-1) === null, 'the book was stale and is good again')
  expect(told()[0]).not.toBeNull()
  await bookIsTrue(stage)
}

const isTold = (stage: Stage, request: ReturnType<typeof orderOf>, type: string) =>
  stage.heard.of(request.id).some(report => report.type === type)

const CASES: readonly Case[] = [
  {
    id: 'STR-4',
    title: 'a lost book update is noticed, and the book is the book again',
    async run(stage) {
      await watched(stage)
      await bid(stage)
      fault(stage, 'gap', 'book')
      await staleAndBack(stage)
    },
  },
  {
    id: 'STR-5',
    title: 'a book whose checksum is wrong is not trusted until it is sent anew',
    needs: 'checksum',
    async run(stage) {
      await watched(stage)
      fault(stage, 'bad_checksum', 'book')
      await staleAndBack(stage)
    },
  },
  {
    id: 'STR-6',
    title: 'when the market’s connection breaks the book is stale, and comes back with the next',
    async run(stage) {
      await watched(stage)
      fault(stage, 'disconnect', 'book')
      await staleAndBack(stage)
    },
  },
  {
    id: 'STR-7',
    title: 'when the account’s connection breaks it is made again, and says from when on it is whole',
    async run(stage) {
      await watched(stage)
      const before = stage.heard.ready.length
      fault(stage, 'disconnect', 'orders')
      await accepted(stage, resting(stage))
      await stage.until(() => stage.heard.ready.length > before, 'the account is ready again')
      const request = resting(stage)
      const { venueOrderId } = await accepted(stage, request)
      await stage.settle(stage.connector.cancel({ order: request.id, instrument: request.instrument, venueOrderId }))
      await stage.until(() => isTold(stage, request, 'canceled'), 'the cancel is told')
    },
  },
  ...(['duplicate_report', 'reorder_reports'] as const).map(
    (kind): Case => ({
      id: `STR-8-${kind}`,
      title: `${kind}: every fill is told, and none that was not`,
      async run(stage) {
        await watched(stage)
        fault(stage, kind, 'orders', 3)
        const request = orderOf(stage.XRP, { type: 'market', side: 'sell' })
        await accepted(stage, request)
        const truth = stage.truth.fills()
        const told = () =>
          new Map(
            stage.heard
              .of(request.id)
              .flatMap(report => (report.type === 'filled' ? [[report.fill.id, report.fill]] : [])),
          )
        await stage.until(() => told().size >= truth.length, 'the fills are told')
        await stage.time.advance(5_000)
        expect(stage.simulator.faults.fired.length).toBeGreaterThan(0)
        expect([...told().values()].map(({ id, price, quantity }) => [id, price, quantity]).sort()).toEqual(
          truth.map(({ id, price, quantity }) => [id, price, quantity]).sort(),
        )
      },
    }),
  ),
]

export const STREAM_FAULT_CASES = CASES.map((one): Case => ({ ...one, setsFaults: true }))
