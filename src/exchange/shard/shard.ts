import { AppError, type Clock, type Timer, type Timers } from '../../kernel/index.ts'
import type { EngineLimits } from '../../matching/index.ts'
import {
  acquireLease,
  type Database,
  type DatabaseSession,
  type Lease,
  type Log,
  openSession,
} from '../../platform/index.ts'
import type { NewCommand, ShardCommand } from './command.ts'
import { appendBatch, leaseOf, readJournal, type ShardName } from './journal.ts'
import { type Done, ShardOwner } from './owner.ts'
import { type EngineMaker, Replica } from './replica.ts'
import { latestSnapshot, saveSnapshot } from './snapshot-store.ts'
import { SNAPSHOT_EVERY, type SnapshotEvery, type Snapshots } from './snapshots.ts'
import { checkedLines, hashOf } from './state-lines.ts'

/** How often a stand-by reads what the owner has written. */
const FOLLOW_MS = 100
const RETRY_MS = 250

export interface ShardOptions {
  readonly name: ShardName
  readonly maker: EngineMaker
  readonly limits: EngineLimits
  readonly db: Database
  /** URL of the role `bourse_app`, for the session that holds the lease and writes. */
  readonly url: string
  /** Who this is, for people: host and process. */
  readonly owner: string
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  /** Makes snapshots while the shard is owned; without it there is one at an orderly stop. */
  readonly snapshots?: (name: ShardName) => Snapshots
  readonly snapshotEvery?: SnapshotEvery
  /** A state was loaded; what happens from there on is told by `onBatch`. */
  readonly onLoad?: (replica: Replica) => void
  /** What was committed, here or by the owner that is followed; here, before anybody who waits is answered. */
  readonly onBatch?: (batch: readonly Done[]) => void
  /** It owns the shard from now on; the state is complete. */
  readonly onOwn?: (replica: Replica) => void
  /** It owns the shard no more, and why. */
  readonly onLost?: (reason: unknown) => void
}

export type ShardState = 'following' | 'owning' | 'stopped'

/**
 * One shard of the exchange in this process: a stand-by that follows the journal until the lease is free, then the owner,
 * and a stand-by again should it lose the lease. The first start, a take-over and a recovery are the same path: the newest
 * snapshot, and the journal after it.
 */
export class Shard {
  readonly #options: ShardOptions
  #state: ShardState = 'following'
  #replica: Replica
  #isSound = true
  readonly #snapshots: Snapshots | null
  /** Where the last snapshot was, or was wished for, and the rows of the journal since. */
  #snapshotAt = 0
  #rowsSince = 0
  #owner: ShardOwner | null = null
  #lease: Lease | null = null
  #session: DatabaseSession | null = null
  #life: Promise<void> | null = null
  #endOfTurn: (() => void) | null = null
  #waits: { timer: Timer; resolve: () => void } | null = null

  constructor(options: ShardOptions) {
    this.#options = options
    this.#replica = new Replica(options.maker, options.limits)
    this.#snapshots = options.snapshots?.(options.name) ?? null
  }

  get state(): ShardState {
    return this.#state
  }

  /** As far as this process has read; complete while it owns the shard. Not to be written to. */
  get replica(): Replica {
    return this.#replica
  }

  get epoch(): number | null {
    return this.#lease?.epoch ?? null
  }

  get waiting(): number {
    return this.#owner?.waiting ?? 0
  }

  /** Loads the newest snapshot and begins to follow. @throws AppError `database.unavailable`, `exchange.snapshot_damaged` */
  async start(): Promise<void> {
    await this.#load()
    await this.#follow()
    this.#life = this.#live()
  }

  /** @throws AppError see {@link ShardOwner.submit} */
  submit(command: NewCommand): Promise<Done> {
    if (this.#owner === null)
      return Promise.reject(new AppError('exchange.unavailable', { rule: 'another process owns this shard' }))
    return this.#owner.submit(command)
  }

  /** Answers what was taken, stores a snapshot and hands the shard on. Idempotent. */
  async stop(): Promise<void> {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    this.#waits?.timer.cancel()
    this.#waits?.resolve()
    const owner = this.#owner
    await owner?.close()
    this.#endOfTurn?.()
    await this.#life
    await this.#snapshots?.close()
    if (owner !== null) await this.#saveSnapshot()
  }

  async #live(): Promise<void> {
    while (this.#state !== 'stopped') {
      try {
        await this.#takeTurn()
      } catch (error) {
        this.#doubt(error)
        this.#options.log.warn({ error, shard: this.#options.name.shard }, 'a shard cannot be owned or followed now')
        await this.#session?.close()
        if ((this.#state as ShardState) !== 'stopped') await this.#wait(RETRY_MS)
      }
    }
  }

  /** Whatever is no failure of the database or the lease may have left a command half carried out. */
  #doubt(error: unknown): void {
    if (!(error instanceof AppError)) this.#isSound = false
  }

  async #load(): Promise<void> {
    this.#replica = await restore(this.#options)
    this.#isSound = true
    this.#snapshotAt = this.#replica.sequence
    this.#options.onLoad?.(this.#replica)
  }

  /** Follows until the lease is had, then owns until it is lost or given up. */
  async #takeTurn(): Promise<void> {
    const { url, name, owner, timers, log } = this.#options
    if (!this.#isSound) await this.#load()
    const session = await openSession({ url, tenant: name.tenant, name: leaseOf(name.shard), log })
    this.#session = session
    const isStopping = () => this.#state === 'stopped'
    const acquiring = acquireLease({
      session,
      tenant: name.tenant,
      name: leaseOf(name.shard),
      owner,
      timers,
      isStopping,
    })
    let lease: Lease | null | undefined
    acquiring.then(
      got => {
        lease = got
        this.#waits?.timer.cancel()
        this.#waits?.resolve()
      },
      () => {
        lease = null
      },
    )
    while (lease === undefined && !isStopping()) {
      await this.#follow()
      if (lease === undefined) await this.#wait(FOLLOW_MS)
    }
    lease = await acquiring
    if (lease !== null) await this.#own(session, lease)
    await session.close()
  }

  async #own(session: DatabaseSession, lease: Lease): Promise<void> {
    const { name, clock, log, onBatch = () => {}, onOwn, onLost } = this.#options
    const { shard } = name
    let lost: AppError | null = null
    lease.onLost = reason => {
      lost = new AppError('exchange.lease_lost', { shard, epoch: lease.epoch, rule: reason })
      this.#owner?.end(lost)
    }
    // Nobody can write with an older epoch any more: what is there now is all there is.
    await this.#follow()
    if (lost !== null) throw lost
    const ended = new Promise<void>(resolve => {
      this.#endOfTurn = resolve
    })
    const owner = new ShardOwner({
      replica: this.#replica,
      append: (commands: readonly ShardCommand[]) => appendBatch(session, name, lease.epoch, commands),
      clock,
      onBatch: batch => {
        onBatch(batch)
        this.#snapshotInTime()
      },
      onEnd: error => {
        this.#doubt(error)
        log.error({ error, shard, epoch: lease.epoch }, 'a shard is owned no more: nothing is written')
        onLost?.(error)
        this.#endOfTurn?.()
      },
    })
    this.#lease = lease
    this.#owner = owner
    if (this.#state !== 'stopped') {
      this.#state = 'owning'
      log.info({ shard, epoch: lease.epoch, sequence: this.#replica.sequence }, 'a shard is owned')
      onOwn?.(this.#replica)
      await ended
    }
    this.#owner = null
    this.#lease = null
    if ((this.#state as ShardState) === 'stopped') return lease.release()
    this.#state = 'following'
    // What is under way is cut off, and settled before anything is read again.
    await session.close()
    await owner.close()
  }

  async #follow(): Promise<void> {
    const { db, name, onBatch } = this.#options
    for await (const batch of readJournal(db, name, this.#replica.sequence)) {
      const done = batch.map((command): Done => ({ command, reports: this.#replica.apply(command) }))
      onBatch?.(done)
    }
  }

  #snapshotInTime(): void {
    const { snapshotEvery = SNAPSHOT_EVERY } = this.#options
    const { sequence } = this.#replica
    this.#rowsSince += 1
    if (this.#snapshots === null) return
    if (sequence - this.#snapshotAt < snapshotEvery.commands && this.#rowsSince < snapshotEvery.rows) return
    this.#snapshotAt = sequence
    this.#rowsSince = 0
    this.#snapshots.take()
  }

  async #saveSnapshot(): Promise<void> {
    const { db, name, clock, log } = this.#options
    const state = [...this.#replica.state()]
    try {
      await saveSnapshot(db, name, { sequence: this.#replica.sequence, hash: hashOf(state), state }, clock.now())
    } catch (error) {
      log.warn({ error, shard: name.shard }, 'no snapshot was stored; the next start replays more')
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = this.#options.timers.after(ms, resolve)
      this.#waits = { timer, resolve }
    })
  }
}

/** A replica as the newest snapshot has it. @throws AppError `exchange.snapshot_damaged`, `exchange.limits_changed`, `database.unavailable` */
export async function restore({
  db,
  name,
  maker,
  limits,
}: Pick<ShardOptions, 'db' | 'name' | 'maker' | 'limits'>): Promise<Replica> {
  const snapshot = await latestSnapshot(db, name)
  if (snapshot === null) return new Replica(maker, limits)
  return new Replica(maker, limits, checkedLines(snapshot.sequence, snapshot.state, snapshot.hash))
}
