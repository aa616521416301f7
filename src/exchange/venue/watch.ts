import type { Clock, InstrumentId } from '../../kernel/index.ts'
import type { OrdersKnown, VenueListener } from '../../venues/index.ts'
import type { Part } from '../shards.ts'
import { AccountWatch } from './account-watch.ts'
import { BalanceWatch } from './balances.ts'
import { MarketWatch } from './market-watch.ts'
import type { HouseService, HouseShards } from './source.ts'

export interface HouseWatchOptions {
  readonly exchange: HouseService
  readonly shards: HouseShards
  readonly owner: string
  readonly instruments: readonly InstrumentId[]
  readonly orders: OrdersKnown
  readonly listener: VenueListener
  readonly clock: Clock
}

interface Watched {
  readonly account: AccountWatch
  readonly markets: readonly MarketWatch[]
  isOwned: boolean
}

/** A participant's markets and account for as long as they are watched, over all shards. */
export class HouseWatch {
  readonly #options: HouseWatchOptions
  readonly #watched = new Map<Part, Watched>()
  #unfollow: () => void = () => {}
  #isClosed = false

  /** @throws AppError `instrument.unknown` */
  constructor(options: HouseWatchOptions) {
    this.#options = options
    for (const id of options.instruments) options.shards.marketOf(id)
    // As with every venue, nothing is told before `watch` has returned.
    queueMicrotask(() => this.#open())
  }

  close(): void {
    this.#isClosed = true
    this.#unfollow()
    for (const { markets } of this.#watched.values()) for (const market of markets) market.close()
  }

  /** In one go: between what is at work now and what is told from now on nothing lies. */
  #open(): void {
    if (this.#isClosed) return
    const { exchange, shards, owner, instruments, orders, listener, clock } = this.#options
    const balances = new BalanceWatch(
      () => exchange.balances(owner),
      (change, at) => listener.onBalance(change, at),
    )
    const markets = instruments.map(id => shards.marketOf(id))
    shards.parts.forEach((part, shard) => {
      const isOwned = part.shard.state === 'owning'
      const account = new AccountWatch({ part, shard, owner, orders, listener, onTouched: at => balances.look(at) })
      const own = markets
        .filter(one => one.part === part)
        .map(({ market }) => new MarketWatch({ part, market, isOwned, listener, now: () => clock.now() }))
      this.#watched.set(part, { account, markets: own, isOwned })
    })
    this.#unfollow = shards.follow({
      onBatch: (part, batch) => this.#watched.get(part)?.account.onBatch(batch),
      onLoad: part => this.#onLoad(part),
      onTurn: (part, isOwned) => this.#onTurn(part, isOwned),
    })
    this.#tellReady()
  }

  #onLoad(part: Part): void {
    const watched = this.#watched.get(part)
    watched?.account.restart()
    for (const market of watched?.markets ?? []) market.restart()
  }

  #onTurn(part: Part, isOwned: boolean): void {
    const watched = this.#watched.get(part)
    if (watched === undefined) return
    watched.isOwned = isOwned
    for (const market of watched.markets) market.onTurn(isOwned)
    if (isOwned) this.#tellReady()
  }

  /** While another process has a shard its reports come late, and what is lost with a state that is loaded anew never. */
  #tellReady(): void {
    const { listener, clock } = this.#options
    if ([...this.#watched.values()].every(({ isOwned }) => isOwned)) listener.onPrivateReady(clock.now())
  }
}
