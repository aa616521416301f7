import { AppError, type Clock, type Micros } from '../kernel/index.ts'
import type { EngineState } from '../matching/index.ts'
import type { Log } from '../platform/index.ts'
import type { NewCommand } from './shard/command.ts'
import type { Done } from './shard/owner.ts'
import type { Shard } from './shard/shard.ts'
import type { ShardFollower } from './shards.ts'

/** Cancels are tried again with a batch, and not sooner than this after the last time. Time alone makes a batch each second. */
const RETRY_AFTER: Micros = 500_000

/** A connection that orders die with. */
interface Session {
  readonly number: number
  readonly owner: string
  /** Where it has placed orders, and by which account. */
  readonly used: Map<Holder, number>
}

/** What of a shard is needed here. */
type Holder = { readonly shard: Pick<Shard, 'state' | 'submit' | 'replica'> }

interface Ending {
  readonly account: number
  readonly session: number
}

/** What is kept of a shard. */
interface Held {
  /** Sessions of which it may have orders, each with its account. */
  readonly resting: Map<number, number>
  /** Cancels that could not be taken when they were due. As many as connections at most. */
  late: Ending[]
  triedAt: Micros
}

/**
 * Cancels on disconnect: an order that was placed with the session of a connection is cancelled when that connection ends. The
 * cancels are commands of the journal as any other, so that a replay knows of no connections. Sessions live no longer than the
 * process: who begins to own a shard first cancels the orders there of every session that is not open here.
 */
export class Sessions implements ShardFollower {
  readonly #clock: Clock
  readonly #log: Log
  readonly #open = new Map<number, Session>()
  readonly #byReader = new Map<object, Session>()
  readonly #held = new Map<Holder, Held>()
  #last = 0

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /**
   * The session of a connection, begun when it asks for the first time. Its number is the time of that in microseconds, or the
   * next one that is free, so that the sessions of one process are not those of another.
   */
  begin(owner: string, reader: object): number {
    const known = this.#byReader.get(reader)
    if (known !== undefined) return known.number
    this.#last = Math.max(this.#last + 1, this.#clock.now())
    const session: Session = { number: this.#last, owner, used: new Map() }
    this.#open.set(session.number, session)
    this.#byReader.set(reader, session)
    return session.number
  }

  /**
   * To be called in the turn in which the order is handed to the shard: then either this refuses, or the cancel comes after it.
   * @throws AppError `request.invalid` unless the session is open and the owner's own
   */
  use(holder: Holder, owner: string, account: number, number: number): void {
    const session = this.#open.get(number)
    if (session === undefined || session.owner !== owner)
      throw new AppError('request.invalid', { field: 'session', rule: 'is an open session of this account' })
    session.used.set(holder, account)
  }

  /** The connection has ended. */
  end(reader: object): void {
    const session = this.#byReader.get(reader)
    if (session === undefined) return
    this.#byReader.delete(reader)
    this.#open.delete(session.number)
    for (const [holder, account] of session.used) this.#cancel(holder, { account, session: session.number })
  }

  onLoad(holder: Holder, state: EngineState): void {
    const resting = new Map<number, number>()
    const { markets } = state as unknown as { markets: readonly SavedMarket[] }
    for (const { bids, asks, buyStops, sellStops } of markets)
      for (const orders of [bids, asks, buyStops, sellStops])
        for (const { session, account } of orders) if (session > 0) resting.set(session, account)
    this.#held.set(holder, { resting, late: [], triedAt: 0 })
  }

  onBatch(holder: Holder, batch: readonly Done[]): void {
    const held = this.#held.get(holder)!
    const { resting } = held
    for (const { command } of batch) {
      if (command.kind === 'place' && command.session > 0) resting.set(command.session, command.account)
      else if (command.kind === 'cancel_all' && command.session > 0 && command.instrument < 0)
        resting.delete(command.session)
    }
    if (held.late.length > 0) this.#retry(holder, held)
  }

  /** Before anything else is done with the shard, orders of connections that are gone are cancelled. */
  onTurn(holder: Holder, isOwned: boolean): void {
    if (!isOwned) return
    const { owners } = holder.shard.replica
    for (const [session, account] of this.#held.get(holder)!.resting)
      if (this.#open.get(session)?.owner !== owners[account]) this.#cancel(holder, { account, session })
  }

  #retry(holder: Holder, held: Held): void {
    const now = this.#clock.now()
    if (now - held.triedAt < RETRY_AFTER) return
    const { late } = held
    held.late = []
    held.triedAt = now
    for (const ending of late) this.#cancel(holder, ending)
  }

  /** A shard that this process does not own is left to its next owner. */
  #cancel(holder: Holder, ending: Ending): void {
    const { account, session } = ending
    const { shard } = holder
    if (shard.state !== 'owning') return
    const command: NewCommand = { kind: 'cancel_all', account, instrument: -1, session }
    shard.submit(command).catch(error => {
      this.#log.warn({ error, session }, 'the orders of a connection that ended are not cancelled yet')
      this.#held.get(holder)!.late.push(ending)
    })
  }
}

type SavedMarket = Readonly<
  Record<'bids' | 'asks' | 'buyStops' | 'sellStops', readonly { session: number; account: number }[]>
>
