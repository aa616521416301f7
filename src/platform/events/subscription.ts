import type { TenantTx } from '../database/schema.ts'
import type { StoredEvent } from './types.ts'

/**
 * Work done once for each event, in a transaction of the event's tenant that also moves the checkpoint: what it writes is
 * written exactly once. What it does outside that transaction can happen again.
 */
export interface HandlerSubscription {
  /** Stable: the checkpoint is kept under it. */
  readonly name: string
  /** Types of event that come; all when absent. */
  readonly types?: readonly string[]
  handle(event: StoredEvent, tx: TenantTx): Promise<void>
}

/**
 * A quick reader without work in the database, given whole batches; delivered at least once, its checkpoint moves once a batch.
 * A `live` feed starts at the end of the log each time and keeps no checkpoint: sockets, caches.
 */
export interface FeedSubscription {
  readonly name: string
  readonly types?: readonly string[]
  readonly live?: boolean
  feed(events: readonly StoredEvent[]): void | Promise<void>
}

export type Subscription = HandlerSubscription | FeedSubscription

export const isFeed = (subscription: Subscription): subscription is FeedSubscription => 'feed' in subscription
