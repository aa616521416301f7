import {
  formatDecimal,
  type Instrument,
  type InstrumentId,
  notionalScale,
  type OrderId,
  priceText,
  quantityText,
  type RunId,
  type Timers,
} from '../../src/kernel/index.ts'
import {
  type Batch,
  type DiscrepancyView,
  type ReconciliationJournal,
  type ReconciliationView,
  type SeenFees,
  seeFees,
  type TradingJournal,
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
  readonly instruments = new Map<InstrumentId, Instrument>()
  readonly fees = new Map<string, SeenFees>()
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
      for (const { setup } of batch.runs) disk.instruments.set(setup.instrument.id, setup.instrument)
      for (const run of batch.runs) disk.runs.set(run.setup.id, { snapshot: run.snapshot, life: run.life })
      disk.commits += 1
      onCommit('after')
    },
  }
}

const feesOf = (disk: Disk, venue: string) =>
  [...disk.fees.values()].filter(one => one.instrument.startsWith(`${venue}:`))

export function diskReconciliation(disk: Disk): ReconciliationJournal {
  const booked = () =>
    disk.facts.flatMap(({ order, event }) =>
      event.type === 'order.filled' || event.type === 'order.partially_filled'
        ? [{ order, fill: event.fill, at: event.at }]
        : [],
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
    fees: async venue => feesOf(disk, venue),
    async seeFees(venue, schedule) {
      const { changed, confirmed } = seeFees(feesOf(disk, venue), schedule)
      for (const one of [...changed, ...confirmed]) disk.fees.set(`${one.instrument} ${one.from}`, one)
      return feesOf(disk, venue)
    },
    bookedFees: async (venue, since) =>
      booked().flatMap(({ order, fill, at }) => {
        const instrument = disk.instruments.get(order.request.instrument)!
        if (instrument.venue !== venue || at < since) return []
        const fee = fill.feeIn?.amount ?? formatDecimal(fill.fee, notionalScale(instrument))
        return [
          {
            instrument: instrument.id,
            fill: fill.id,
            price: priceText(instrument, fill.price),
            quantity: quantityText(instrument, fill.quantity),
            fee,
            feeAsset: fill.feeIn?.asset ?? instrument.quote,
            liquidity: fill.liquidity,
            at,
          },
        ]
      }),
  }
}
