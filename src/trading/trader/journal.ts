import {
  type Fill,
  fold,
  type IdSource,
  type Instrument,
  type NewEvent,
  type OrderId,
  type RunId,
  type TenantId,
} from '../../kernel/index.ts'
import { intervalName } from '../../market/index.ts'
import { appendEvents, type Database, type EventTypes, readStream, streamHead } from '../../platform/index.ts'
import { orderEventData, orderEventOf } from '../events.ts'
import type { Effect, RunSetup, RunSnapshotText } from '../node/input.ts'
import { type Order, orderDecider } from '../orders/order.ts'
import { orderOwner, type RunLife, type RunRecord, runsOf, saveFills, saveOrders, saveRun } from '../store.ts'

/** A fact about the kill switch that is not yet committed. */
export interface SwitchFact {
  readonly type: 'kill_switch.pulled' | 'kill_switch.lifted'
  readonly at: number
  readonly data: Record<string, unknown>
}

/** What one commit makes durable, all or nothing. Runs are recorded as they stood at its start. */
export interface Batch {
  readonly runs: readonly RunRecord[]
  readonly effects: readonly Effect[]
  readonly switchFacts: readonly SwitchFact[]
}

export interface SavedRun {
  readonly snapshot: RunSnapshotText
  readonly life: RunLife
}

/** Where the trader keeps its facts: PostgreSQL, or a fake in tests of the loop alone. */
export interface TradingJournal {
  load(): Promise<readonly SavedRun[]>
  commit(batch: Batch): Promise<void>
  /** An order as it was made durable, and whose it is; null when it is none of this tenant's runs'. */
  order(id: OrderId, instrumentOf: (run: RunId) => Instrument | undefined): Promise<{ run: RunId; order: Order } | null>
}

const runSubject = (run: RunId): string => `run/${run}`
const orderSubject = (order: string): string => `order/${order}`
/** Events that go to the log in one call. */
const EVENTS_PER_CALL_MAX = 10_000
const SWITCH_SUBJECT = 'kill-switch'

/** The journal in PostgreSQL: events and projections of a batch in one transaction. */
export function databaseJournal(options: {
  db: Database
  tenant: TenantId
  ids: IdSource
  types: EventTypes
}): TradingJournal {
  const { db, tenant, ids, types } = options
  return {
    load: () =>
      db.tenant(tenant, async tx =>
        (await runsOf(tx)).map(row => ({
          snapshot: row.snapshot,
          life: { sequence: row.sequence, startedAt: row.started_at, stoppedAt: row.stopped_at },
        })),
      ),
    order: (id, instrumentOf) =>
      db.tenant(tenant, async tx => {
        const owner = await orderOwner(tx, id)
        const instrument = owner === null ? undefined : instrumentOf(owner.run)
        if (owner === null || instrument === undefined) return null
        const events = await readStream(tx, orderSubject(id))
        const order = fold(
          orderDecider,
          events.map(event => orderEventOf(instrument, id, event)),
        )
        return order === null ? null : { run: owner.run, order }
      }),
    commit: batch =>
      db.tenant(tenant, async tx => {
        const switched = batch.switchFacts.length === 0 ? 0 : await streamHead(tx, SWITCH_SUBJECT)
        const events = [
          ...batch.switchFacts.map(
            ({ type, at, data }, i): NewEvent => ({
              type,
              version: 1,
              tenant,
              subject: SWITCH_SUBJECT,
              sequence: switched + i + 1,
              at,
              data,
            }),
          ),
          ...eventsOf(batch, tenant),
        ]
        // An order waits for this: the statements go out together, and the connection keeps their order.
        const writes: Promise<unknown>[] = []
        for (let i = 0; i < events.length; i += EVENTS_PER_CALL_MAX)
          writes.push(appendEvents(tx, events.slice(i, i + EVENTS_PER_CALL_MAX), { ids, types, isTrusted: true }))
        for (const run of batch.runs) {
          const { orders, fills } = recordsOf(run, batch.effects)
          writes.push(
            saveRun(tx, run),
            saveOrders(tx, run.setup.id, run.setup.instrument, orders),
            saveFills(tx, run.setup.id, run.setup.instrument, fills),
          )
        }
        await Promise.all(writes)
      }),
  }
}

/** The events of a batch, in the order in which the node gave them. */
function eventsOf(batch: Batch, tenant: TenantId): NewEvent[] {
  const runs = new Map(batch.runs.map(run => [run.setup.id, run]))
  const events: NewEvent[] = []
  for (const effect of batch.effects) {
    const run = 'run' in effect ? runs.get(effect.run) : undefined
    if (run === undefined) continue
    if (effect.kind === 'persist') {
      const { order, event } = effect
      const data = orderEventData(run.setup.instrument, run.setup.id, event)
      const subject = orderSubject(order.request.id)
      events.push({ type: event.type, version: 1, tenant, subject, sequence: order.sequence, at: event.at, data })
    } else if (effect.kind === 'run') {
      const data = runEventData(run.setup, effect)
      const subject = runSubject(run.setup.id)
      events.push({
        type: `run.${effect.type}`,
        version: 1,
        tenant,
        subject,
        sequence: effect.sequence,
        at: effect.at,
        data,
      })
    }
  }
  return events
}

function runEventData(setup: RunSetup, effect: Extract<Effect, { kind: 'run' }>): Record<string, unknown> {
  switch (effect.type) {
    case 'started':
      return startedData(setup)
    case 'configured':
      return { parameters: setup.parameters }
    case 'failed':
      return { reason: effect.reason ?? '' }
    case 'stopped':
      return {}
  }
}

const startedData = (setup: RunSetup) => ({
  name: setup.name,
  strategy: setup.strategy,
  instrument: setup.instrument.id,
  interval: intervalName(setup.interval),
  parameters: setup.parameters,
  allocation: setup.allocation,
  mode: setup.mode ?? 'paper',
})

/** The last state of every order of the run in the batch, and its fills. */
function recordsOf(run: RunRecord, effects: readonly Effect[]): { orders: Order[]; fills: Fill[] } {
  const orders = new Map<string, Order>()
  const fills: Fill[] = []
  for (const effect of effects) {
    if (effect.kind !== 'persist' || effect.run !== run.setup.id) continue
    const { order, event } = effect
    orders.set(order.request.id, order)
    if (event.type !== 'order.filled' && event.type !== 'order.partially_filled') continue
    const { id, instrument, side } = order.request
    fills.push({ ...event.fill, order: id, instrument, side, at: event.at })
  }
  return { orders: [...orders.values()], fills }
}
