import type { OrderId, RunId, Timers } from '../../src/kernel/index.ts'
import type {
  Batch,
  DiscrepancyView,
  ReconciliationJournal,
  ReconciliationView,
  TradingJournal,
} from '../../src/trading/index.ts'

type Persisted = Extract<Batch['effects'][number], { kind: 'persist' }>
type SavedRun = Awaited<ReturnType<TradingJournal['load']>>[number]

/** What is durable in a simulation: it outlives every life of the process, and takes its time. */
export class Disk {
  readonly runs = new Map<RunId, SavedRun>()
  /** Every fact about orders, in the order in which it was committed. */
  readonly facts: Persisted[] = []
  readonly discrepancies = new Map<string, DiscrepancyView>()
  readonly reconciliations: ReconciliationView[] = []
  readonly baselines = new Map<string, string>()
  commits = 0
}

/** The trader's journal on a disk. `onCommit` is told before and after each commit: a crash may come there. */
export function diskJournal(
  disk: Disk,
  timers: Timers,
  commitMs: () => number,
  onCommit: (when: 'before' | 'after') => void,
): TradingJournal {
  return {
    load: async () => [...disk.runs.values()],
    async order(id: OrderId) {
      const last = disk.facts.findLast(({ order }) => order.request.id === id)
      return last === undefined ? null : { run: last.run, order: last.order }
    },
    async commit(batch) {
      onCommit('before')
      await new Promise<void>(resolve => timers.after(commitMs(), resolve))
      for (const effect of batch.effects) if (effect.kind === 'persist') disk.facts.push(effect)
      for (const run of batch.runs) disk.runs.set(run.setup.id, { snapshot: run.snapshot, life: run.life })
      disk.commits += 1
      onCommit('after')
    },
  }
}

export function diskReconciliation(disk: Disk): ReconciliationJournal {
  const booked = () =>
    disk.facts.flatMap(({ order, event }) =>
      event.type === 'order.filled' || event.type === 'order.partially_filled' ? [{ order, fill: event.fill }] : [],
    )
  return {
    lastComplete: async venue =>
      disk.reconciliations.findLast(one => one.venue === venue && one.error === null)?.startedAt ?? null,
    known: async fills => ({
      booked: new Set(booked().map(({ order, fill }) => `${order.request.instrument} ${fill.id}`)),
      orders: new Map(
        disk.facts.flatMap(({ order }) =>
          order.venueOrderId !== null && fills.some(fill => fill.venueOrderId === order.venueOrderId)
            ? [[`${order.request.instrument} ${order.venueOrderId}`, order.request.id] as const]
            : [],
        ),
      ),
    }),
    async found(discrepancies) {
      const fresh = discrepancies.filter(({ id }) => !disk.discrepancies.has(id))
      for (const one of fresh) disk.discrepancies.set(one.id, one)
      return fresh
    },
    finished: async view => void disk.reconciliations.push(view),
    // Balances are compared with the simulator's own by the simulation itself.
    expected: async () => new Map(),
    async accept() {},
  }
}
