import { expect } from 'vitest'
import { accepted, best, refOf, resting, truthOf, watched } from './acts.ts'
import type { Case } from './case.ts'
import { orderOf, type Stage } from './stage.ts'

/** What went wrong, what may be said of it, and whether the venue did as it was asked nevertheless. */
const FAULTS = [
  ['refuse', 'rejected', false],
  ['rate_limit', 'rejected', false],
  ['unavailable', 'unknown', false],
  ['disconnect', 'unknown', false],
  ['lose_ack', 'unknown', true],
  ['malformed_json', 'unknown', true],
  ['delay', 'unknown', true],
] as const

/** Longer than the connector waits for an answer. */
const LATE_MS = 8_000

const fault = ({ simulator }: Stage, kind: (typeof FAULTS)[number][0], on: 'place' | 'cancel' | 'query') =>
  simulator.faults.add({ kind, on: [on], count: 1, ms: LATE_MS, probability: 1, part: 0.5 })

const CASES: readonly Case[] = [
  ...FAULTS.map(
    ([kind, type, isDone]): Case => ({
      id: `FLT-1-${kind}`,
      title: `${kind} of an order: it is ${type}, and ${isDone ? 'is found' : 'never was'}`,
      async run(stage) {
        const request = resting(stage)
        fault(stage, kind, 'place')
        expect(await stage.settle(stage.connector.place(request))).toMatchObject({ type })
        expect(stage.simulator.faults.fired).toMatchObject([{ kind, on: 'place' }])
        expect(truthOf(stage, request)).toHaveLength(isDone ? 1 : 0)
        if (type === 'rejected') return
        const found = await stage.settle(stage.connector.order(refOf(request)))
        expect(found?.state ?? null).toBe(isDone ? 'open' : null)
      },
    }),
  ),
  ...FAULTS.map(
    ([kind, type, isDone]): Case => ({
      id: `FLT-2-${kind}`,
      title: `${kind} of a cancel: it is ${type}, and the order ${isDone ? 'is canceled' : 'stays open'}`,
      async run(stage) {
        const request = resting(stage)
        const { venueOrderId } = await accepted(stage, request)
        fault(stage, kind, 'cancel')
        expect(await stage.settle(stage.connector.cancel(refOf(request, venueOrderId)))).toMatchObject({ type })
        expect(stage.simulator.faults.fired).toMatchObject([{ kind, on: 'cancel' }])
        expect(truthOf(stage, request)[0]!.state).toBe(isDone ? 'canceled' : 'open')
      },
    }),
  ),
  {
    id: 'FLT-3',
    title: 'a refusal that cannot be read is unknown, and never accepted',
    async run(stage) {
      const tooMuch = orderOf(stage.XRP, { price: best(stage, 'buy') - 10, quantity: stage.lots(5_000_000) })
      fault(stage, 'malformed_json', 'place')
      expect(await stage.settle(stage.connector.place(tooMuch))).toMatchObject({ type: 'unknown' })
      expect(truthOf(stage, tooMuch)).toEqual([])
      const gone = resting(stage)
      const { venueOrderId } = await accepted(stage, gone)
      await stage.settle(stage.connector.cancel(refOf(gone, venueOrderId)))
      fault(stage, 'malformed_json', 'cancel')
      expect(await stage.settle(stage.connector.cancel(refOf(gone, venueOrderId)))).toMatchObject({ type: 'unknown' })
    },
  },
  {
    id: 'FLT-4',
    title: 'a question of which the answer was cut off is not answered: not by nothing, and not by half an order',
    async run(stage) {
      const request = resting(stage)
      const { venueOrderId } = await accepted(stage, request)
      const { connector } = stage
      const questions: readonly (() => Promise<unknown>)[] = [
        () => connector.openOrders(stage.XRP.id),
        () => connector.order(refOf(request, venueOrderId)),
        () => connector.order(refOf(request)),
        () => connector.fills(stage.XRP.id, stage.clock.now() - 1_000_000),
        () => connector.balances(),
      ]
      for (const ask of questions) {
        fault(stage, 'malformed_json', 'query')
        await expect(stage.settle(ask())).rejects.toMatchObject({ code: expect.stringMatching(/^venue\./) })
      }
      expect(stage.simulator.faults.fired).toHaveLength(questions.length)
    },
  },
  {
    id: 'FLT-5',
    title: 'a cancel of everything of which an answer was cut off is not accepted while something is open',
    async run(stage) {
      await watched(stage)
      const requests = [resting(stage), resting(stage)]
      for (const request of requests) await accepted(stage, request)
      for (const on of ['query', 'cancel'] as const) {
        fault(stage, 'malformed_json', on)
        const outcome = await stage.settle(stage.connector.cancelAll())
        const open = stage.truth.open()
        if (outcome.type === 'accepted') expect(open).toEqual([])
        stage.simulator.faults.clear()
      }
      expect(await stage.settle(stage.connector.cancelAll())).toMatchObject({ type: 'accepted' })
      expect(stage.truth.open()).toEqual([])
    },
  },
  {
    id: 'FLT-6',
    title: 'a question before the first order of which the answer was cut off spoils no later order',
    async run(stage) {
      fault(stage, 'malformed_json', 'query')
      const first = resting(stage)
      await stage.settle(stage.connector.place(first))
      expect(truthOf(stage, first).length).toBeLessThanOrEqual(1)
      await accepted(stage, resting(stage))
    },
  },
]

export const FAULT_CASES = CASES.map((one): Case => ({ ...one, setsFaults: true }))
