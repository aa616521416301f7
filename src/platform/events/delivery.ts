import { AppError, type Clock, type Timers } from '../../kernel/index.ts'
import type { Database } from '../database/database.ts'
import type { TenantTx } from '../database/schema.ts'
import type { Log } from '../log/log.ts'
import type { Checkpoint, LogReader } from './log-reader.ts'
import { type HandlerSubscription, isFeed, type Subscription } from './subscription.ts'
import type { StoredEvent } from './types.ts'

/** Rows that a subscription reads at once. */
const PAGE_ROWS_MAX = 1_000
/** Events of one tenant handled in one transaction. */
const GROUP_EVENTS_MAX = 100
const ERROR_LENGTH_MAX = 2_000
/** Events searched without a match after which the checkpoint is written all the same. */
const SEARCHED_PERSIST = 1_000

export interface DeliveryPorts {
  readonly db: Database
  readonly reader: LogReader
  readonly timers: Timers
  readonly clock: Clock
  readonly log: Log
  readonly attemptsMax: number
  backoffMs(attempt: number): number
  /** For counting. */
  delivered(subscription: string, count: number): void
}

/** Another process has moved the checkpoint: our place is out of date, its work is done. */
class Superseded extends Error {}

/** One subscription's way through the log. */
export class Delivery {
  readonly subscription: Subscription
  readonly #ports: DeliveryPorts
  readonly #isLive: boolean
  #place: Checkpoint | undefined
  #persisted: Checkpoint | undefined
  #isStopping = false
  #wake: (() => void) | undefined
  dispatched = 0
  deadLettered = 0
  /** Positions between the last one dealt with and the end of the log, when it is behind; else 0. */
  lag = 0

  constructor(subscription: Subscription, ports: DeliveryPorts) {
    this.subscription = subscription
    this.#ports = ports
    this.#isLive = isFeed(subscription) && subscription.live === true
  }

  /** Settles where it starts. A live feed starts at the end as of now. */
  async open(): Promise<void> {
    await this.#placeNow()
  }

  stop(): void {
    this.#isStopping = true
    this.#wake?.()
  }

  /** Goes on from another place: after a rewind. */
  forgetPlace(): void {
    this.#place = undefined
  }

  /** Delivers all there is now; gives how many events were delivered. Fails only when the database does. */
  async drain(): Promise<number> {
    const before = this.dispatched
    while (!this.#isStopping) {
      const place = await this.#placeNow()
      const types = this.subscription.types ?? null
      const page = await this.#ports.reader.page(place, types, PAGE_ROWS_MAX)
      this.lag = page.isFull ? (await this.#ports.reader.lastPosition()) - page.searchedTo.position : 0
      try {
        await this.#deliver(page.events)
        if (this.#isStopping) break
        await this.#advance(page.searchedTo, page.isFull)
      } catch (error) {
        if (!(error instanceof Superseded)) throw error
        this.#place = undefined
        continue
      }
      if (!page.isFull) break
    }
    return this.dispatched - before
  }

  async #placeNow(): Promise<Checkpoint> {
    if (this.#place) return this.#place
    const { reader } = this.#ports
    this.#place = this.#isLive ? await reader.end() : await reader.checkpoint(this.subscription.name)
    this.#persisted = this.#place
    return this.#place
  }

  async #deliver(events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return
    const groups = isFeed(this.subscription) ? [events] : groupsOf(events)
    for (const group of groups) {
      if (this.#isStopping) return
      if (await this.#succeeds(group)) continue
      // One of them fails: singly, so that it alone is set aside.
      for (const event of group) if (!this.#isStopping) await this.#deliverOne(event)
    }
  }

  async #succeeds(group: readonly StoredEvent[]): Promise<boolean> {
    try {
      await this.#handle(group)
      return true
    } catch (error) {
      if (error instanceof Superseded || isOutage(error)) throw error
      return false
    }
  }

  async #deliverOne(event: StoredEvent): Promise<void> {
    for (let attempt = 1; !this.#isStopping; attempt++) {
      try {
        await this.#handle([event])
        return
      } catch (error) {
        if (error instanceof Superseded || isOutage(error)) throw error
        this.#ports.log.warn(
          { subscription: this.subscription.name, event: event.id, attempt, error },
          'an event was not handled',
        )
        if (attempt >= this.#ports.attemptsMax) {
          await this.#setAside(event, attempt, error)
          return
        }
        await this.#pause(this.#ports.backoffMs(attempt))
      }
    }
  }

  async #handle(group: readonly StoredEvent[]): Promise<void> {
    const { subscription } = this
    const last = group.at(-1)!
    if (isFeed(subscription)) {
      await subscription.feed(group)
      this.#place = { xid: last.xid, position: last.position }
    } else await this.#inTransaction(last, tx => handleAll(subscription, group, tx))
    this.dispatched += group.length
    this.#ports.delivered(subscription.name, group.length)
  }

  /** The tenant's work and the step of the checkpoint, both or neither. */
  async #inTransaction(last: StoredEvent, work: (tx: TenantTx) => Promise<void>): Promise<void> {
    const from = this.#persisted!
    const to = { xid: last.xid, position: last.position }
    await this.#ports.db.tenant(last.tenant, async tx => {
      const moved = await tx
        .updateTable('subscription_checkpoint')
        .set(to)
        .where('name', '=', this.subscription.name)
        .where('xid', '=', from.xid)
        .where('position', '=', from.position)
        .executeTakeFirst()
      if (moved.numUpdatedRows !== 1n) throw new Superseded()
      await work(tx)
    })
    this.#place = to
    this.#persisted = to
  }

  async #setAside(event: StoredEvent, attempts: number, error: unknown): Promise<void> {
    const row = deadLetterOf(this.subscription.name, event, attempts, error, this.#ports.clock.now())
    this.#ports.log.error({ subscription: row.subscription, event: event.id, error }, 'an event was dead-lettered')
    this.deadLettered++
    if (this.#isLive) {
      this.#place = { xid: event.xid, position: event.position }
      return
    }
    await this.#inTransaction(event, async tx => {
      await tx
        .insertInto('dead_letter')
        .values(row)
        .onConflict(conflict =>
          conflict.columns(['subscription', 'position']).doUpdateSet({ attempts, error: row.error }),
        )
        .execute()
    })
  }

  /** To the end of the searched page. Written for a feed once a batch; for rare types only now and then. */
  async #advance(to: Checkpoint, isFull: boolean): Promise<void> {
    this.#place = to
    if (this.#isLive) return
    const from = this.#persisted!
    const isDue = isFeed(this.subscription) || isFull || to.position - from.position >= SEARCHED_PERSIST
    if (!isDue || (to.xid === from.xid && to.position === from.position)) return
    if (!(await this.#ports.reader.move(this.subscription.name, from, to))) throw new Superseded()
    this.#persisted = to
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = this.#ports.timers.after(ms, resolve)
      this.#wake = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}

const isOutage = (error: unknown) => error instanceof AppError && error.code === 'database.unavailable'

async function handleAll(
  subscription: HandlerSubscription,
  group: readonly StoredEvent[],
  tx: TenantTx,
): Promise<void> {
  for (const event of group) await subscription.handle(event, tx)
}

/** Runs of the same tenant, in order. */
function groupsOf(events: readonly StoredEvent[]): StoredEvent[][] {
  const groups: StoredEvent[][] = []
  for (const event of events) {
    const group = groups.at(-1)
    if (group && group[0]!.tenant === event.tenant && group.length < GROUP_EVENTS_MAX) group.push(event)
    else groups.push([event])
  }
  return groups
}

const deadLetterOf = (subscription: string, event: StoredEvent, attempts: number, error: unknown, at: number) => ({
  subscription,
  xid: event.xid,
  position: event.position,
  tenant_id: event.tenant,
  event_id: event.id,
  type: event.type,
  attempts,
  error: (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, ERROR_LENGTH_MAX),
  at,
})
