import { AppError, type Clock, type InstrumentId, type TenantId, type Timer, type Timers } from '../kernel/index.ts'
import type { EngineLimits, EngineState } from '../matching/index.ts'
import type { Database, Log } from '../platform/index.ts'
import { ShardFeed } from './feed/shard-feed.ts'
import { type HistoryMaker, Projector } from './history/projector.ts'
import { type HouseMarket, marketOf } from './listing.ts'
import { refused } from './refusals.ts'
import { Sessions } from './sessions.ts'
import type { NewCommand } from './shard/command.ts'
import type { ShardName } from './shard/journal.ts'
import type { Done } from './shard/owner.ts'
import type { EngineMaker, Replica } from './shard/replica.ts'
import { refusalOf } from './shard/report.ts'
import { Shard } from './shard/shard.ts'
import type { SnapshotEvery, Snapshots } from './shard/snapshots.ts'

/** How often time alone is told to the engines: orders expire, phases end and references follow the market with it. */
const TICK_MS = 1_000
/** How long a question about orders waits for what was acknowledged to be written. */
const HISTORY_WAIT_MS = 2_000

export interface ExchangeOptions {
  /** The operator, in whose books the participants are. */
  readonly tenant: TenantId
  readonly shards: number
  readonly maker: EngineMaker
  readonly limits: EngineLimits
  readonly db: Database
  readonly url: string
  readonly owner: string
  readonly history: HistoryMaker
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  /** See `ShardOptions`. */
  readonly snapshots?: (name: ShardName) => Snapshots
  readonly snapshotEvery?: SnapshotEvery
}

/**
 * Who goes along with the shards of a process. What is submitted while it is told, and not later, comes first in the journal: of a
 * batch before all that is done by those who are answered, of a turn before all that anybody does in it.
 */
export interface ShardFollower {
  /** What was committed, in order, here or by the owner that is followed; here, before anybody who waits is answered. */
  onBatch(part: Part, batch: readonly Done[]): void
  /** A state was loaded: what happened between the last batch and it is told in no other way. */
  onLoad(part: Part, state: EngineState): void
  /** It is owned here from now on, or no more. */
  onTurn(part: Part, isOwned: boolean): void
}

/** One shard with what is made from it: its feed and its history. */
export interface Part {
  readonly shard: Shard
  readonly feed: ShardFeed
  readonly projector: Projector
  /** Its markets by their number. */
  readonly markets: HouseMarket[]
  /** One account at a time is opened, since each takes the next number. */
  opening: Promise<unknown>
}

/**
 * The shards of the exchange, and which market is on which. Everything that is written goes through {@link submit}; questions
 * about history wait until what was acknowledged is written.
 */
export class Shards {
  readonly #options: ExchangeOptions
  readonly parts: readonly Part[]
  readonly sessions: Sessions
  readonly #markets = new Map<InstrumentId, { part: Part; market: HouseMarket }>()
  readonly #followers = new Set<ShardFollower>()
  #watchers: (() => void)[] = []
  #ticking: Timer | null = null

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.sessions = new Sessions(options.clock, options.log)
    this.follow(this.sessions)
    this.parts = Array.from({ length: options.shards }, (_, number) => this.#partOf(number))
  }

  /** Loads every shard and begins to wait for its lease. */
  async start(): Promise<void> {
    for (const { projector } of this.parts) projector.prepare()
    for (const { shard } of this.parts) await shard.start()
    this.#ticking = this.#options.timers.every(TICK_MS, () => this.#tick())
  }

  /** Resolves once this process owns all of them, and their histories are at work. */
  async opened(): Promise<void> {
    while (!this.parts.every(({ shard }) => shard.state === 'owning'))
      await new Promise<void>(resolve => this.#watchers.push(resolve))
    await Promise.all(this.parts.map(({ projector }) => projector.ready))
  }

  async stop(): Promise<void> {
    this.#ticking?.cancel()
    for (const { shard, projector } of this.parts) {
      await shard.stop()
      await projector.stop()
    }
  }

  /** Until what it gives is called. */
  follow(follower: ShardFollower): () => void {
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  markets(): readonly { part: Part; market: HouseMarket }[] {
    return [...this.#markets.values()]
  }

  /** A tick that cannot be written now is left out: the next one does its work. */
  async #tick(): Promise<void> {
    const owned = this.parts.filter(({ shard }) => shard.state === 'owning')
    await Promise.allSettled(owned.map(({ shard }) => shard.submit({ kind: 'tick' })))
  }

  #partOf(number: number): Part {
    const { tenant, history, ...rest } = this.#options
    const name = { tenant, shard: number }
    const feed = new ShardFeed()
    const markets: HouseMarket[] = []
    const projector = new Projector({ name, db: rest.db, history })
    const shard: Shard = new Shard({
      ...rest,
      name,
      onLoad: replica => {
        this.#listMarkets(part, replica)
        const state = replica.engine.state()
        feed.load(replica, markets, state)
        for (const follower of this.#followers) follower.onLoad(part, state)
      },
      onBatch: batch => {
        if (batch.some(({ command }) => command.kind === 'add_instrument')) this.#listMarkets(part, part.shard.replica)
        feed.onBatch(batch)
        projector.follow(part.shard.replica.sequence)
        for (const follower of this.#followers) follower.onBatch(part, batch)
      },
      onOwn: replica => {
        projector.start(replica.sequence)
        for (const follower of this.#followers) follower.onTurn(part, true)
        for (const resolve of this.#watchers.splice(0)) resolve()
      },
      onLost: () => {
        void projector.stop()
        for (const follower of this.#followers) follower.onTurn(part, false)
      },
    })
    const part: Part = { shard, feed, projector, markets, opening: Promise.resolve() }
    return part
  }

  #listMarkets(part: Part, { instruments, assets }: Replica): void {
    instruments.forEach((listed, number) => {
      const market = marketOf(listed, number, assets)
      part.markets[number] = market
      this.#markets.set(market.instrument.id, { part, market })
    })
  }

  /** @throws AppError `instrument.unknown` */
  marketOf(instrument: string): { part: Part; market: HouseMarket } {
    const known = this.#markets.get(instrument as InstrumentId)
    if (known === undefined) throw new AppError('instrument.unknown', { field: 'instrument', rule: 'is listed here' })
    return known
  }

  /** @throws AppError `exchange.refused`, `order.unknown`, `exchange.unavailable`, `exchange.busy` */
  async submit(part: Part, command: NewCommand): Promise<Done> {
    const done = await part.shard.submit(command)
    const reason = refusalOf(done.reports)
    if (reason !== null) throw refused(reason)
    return done
  }

  /** The owner's account on a shard, opened when it is new. */
  async accountOn(part: Part, owner: string): Promise<number> {
    const known = part.shard.replica.accountOf(owner)
    if (known !== undefined) return known
    const opened = part.opening.then(async () => {
      const { replica } = part.shard
      if (replica.accountOf(owner) === undefined)
        await this.submit(part, { kind: 'add_account', account: replica.owners.length, owner })
      return replica.accountOf(owner)!
    })
    part.opening = opened.catch(() => {})
    return opened
  }

  /** What a command did is written. @throws AppError `exchange.busy` when that takes too long */
  settled(part: Part, { command }: Done): Promise<void> {
    return this.#within(part.projector.reached(command.sequence))
  }

  /** All that was acknowledged so far is written. @throws AppError `exchange.busy` when that takes too long */
  async written(): Promise<void> {
    await this.#within(
      Promise.all(this.parts.map(({ shard, projector }) => projector.reached(shard.replica.sequence))).then(() => {}),
    )
  }

  async #within(written: Promise<void>): Promise<void> {
    const { timers } = this.#options
    let isLate = false
    let stop: () => void = () => {}
    const late = new Promise<void>(resolve => {
      const timer = timers.after(HISTORY_WAIT_MS, () => {
        isLate = true
        resolve()
      })
      stop = () => timer.cancel()
    })
    await Promise.race([written, late]).finally(stop)
    if (isLate) throw new AppError('exchange.busy', { rule: 'the history of orders is behind; ask again' })
  }
}
