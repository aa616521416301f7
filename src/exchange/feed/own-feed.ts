import type { Micros } from '../../kernel/index.ts'
import { orderIdText } from '../orders.ts'
import type { Exchange } from '../service.ts'
import type { Done } from '../shard/owner.ts'
import type { Report } from '../shard/report.ts'
import type { Part, ShardFollower } from '../shards.ts'
import type { HouseBalanceView, HouseFillView, HouseOrderView } from '../views.ts'

interface Tell {
  orders(owner: string, orders: readonly HouseOrderView[]): void
  fills(owner: string, fills: readonly HouseFillView[]): void
  balances(owner: string, balances: readonly HouseBalanceView[]): void
}

/** What has happened to an owner and has not been told yet. */
interface News {
  readonly orders: Set<string>
  /** The first of it, from which on fills are told. */
  since: Micros
}

/** The orders that a report is about, each with its account; nothing of an account alone is order 0. */
function touchedBy(report: Report): readonly (readonly [account: number, order: number])[] {
  switch (report.type) {
    case 'accepted':
    case 'canceled':
    case 'amended':
    case 'triggered':
      return [[report.account, report.order]]
    case 'traded':
      return [
        [report.makerAccount, report.maker],
        [report.takerAccount, report.taker],
      ]
    case 'moved':
      return [[report.account, 0]]
    default:
      return []
  }
}

/**
 * Tells owners of their own orders, fills and balances, once the history has them: they are read from there. Only those are told who have asked since
 * the start: for the others nothing is read.
 */
export class OwnFeed {
  readonly #exchange: Pick<Exchange, 'order' | 'fillsSince' | 'balances'>
  readonly #tell: Tell
  readonly #watched = new Set<string>()
  #news = new Map<string, News>()
  #isTelling = false

  constructor(exchange: Pick<Exchange, 'order' | 'fillsSince' | 'balances'>, tell: Tell) {
    this.#exchange = exchange
    this.#tell = tell
  }

  watch(owner: string): void {
    this.#watched.add(owner)
  }

  /** Goes along with what this process commits. */
  followerOf(parts: readonly Part[]): ShardFollower {
    return {
      onBatch: (part, batch) => {
        if (part.shard.state === 'owning') this.#take(parts.indexOf(part), part.shard.replica.owners, batch)
      },
      onLoad() {},
      onTurn() {},
    }
  }

  #take(shard: number, owners: readonly string[], batch: readonly Done[]): void {
    if (this.#watched.size === 0) return
    for (const { command, reports } of batch)
      for (const report of reports)
        for (const [account, order] of touchedBy(report)) {
          const owner = owners[account]!
          if (!this.#watched.has(owner)) continue
          const news = this.#news.get(owner) ?? { orders: new Set(), since: command.at }
          this.#news.set(owner, news)
          if (order > 0) news.orders.add(orderIdText(shard, order))
        }
  }

  /** Tells what has gathered; what cannot be read now is told the next time. */
  async flush(): Promise<void> {
    if (this.#isTelling || this.#news.size === 0) return
    this.#isTelling = true
    const gathered = this.#news
    this.#news = new Map()
    for (const [owner, news] of gathered) await this.#tellOne(owner, news).catch(() => this.#keep(owner, news))
    this.#isTelling = false
  }

  async #tellOne(owner: string, { orders, since }: News): Promise<void> {
    const [changed, fills] = await Promise.all([
      Promise.all([...orders].map(id => this.#exchange.order(owner, id))),
      orders.size === 0 ? [] : this.#exchange.fillsSince(owner, since),
    ])
    if (changed.length > 0) this.#tell.orders(owner, changed)
    if (fills.length > 0) this.#tell.fills(owner, fills)
    this.#tell.balances(owner, this.#exchange.balances(owner))
  }

  #keep(owner: string, news: News): void {
    const later = this.#news.get(owner)
    for (const id of later?.orders ?? []) news.orders.add(id)
    this.#news.set(owner, news)
  }
}
