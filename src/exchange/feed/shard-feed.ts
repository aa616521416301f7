import type { Lots, Micros, Ticks, Trade } from '../../kernel/index.ts'
import type { EngineState, Phase } from '../../matching/index.ts'
import type { HouseMarket } from '../listing.ts'
import type { Done } from '../shard/owner.ts'
import type { Replica } from '../shard/replica.ts'
import type { Report } from '../shard/report.ts'
import { BookFeed, type L2Change, type L3Update } from './book-feed.ts'

/** Who wants to know what the markets of a shard do. */
export interface FeedListener {
  onL2(market: HouseMarket, change: L2Change): void
  onL3(market: HouseMarket, update: L3Update): void
  onTrade(market: HouseMarket, trade: Trade): void
  onPhase(market: HouseMarket): void
}

/** How a market stands. */
export interface Standing {
  readonly phase: Phase
  readonly until: Micros
  readonly indicative: { readonly price: Ticks; readonly quantity: Lots } | null
}

interface MarketFeed {
  market: HouseMarket
  readonly book: BookFeed
  standing: Standing
}

const CLOSED: Standing = { phase: 'closed', until: 0, indicative: null }

/**
 * The public side of a shard: books by level and by order, trades and phases, from what the engine reports. Books are told in
 * one change for all that happened since the last {@link flush}; trades at once.
 */
export class ShardFeed {
  readonly #markets: MarketFeed[] = []
  listener: FeedListener | null = null
  readonly #followers = new Set<FeedListener>()
  #listed: readonly HouseMarket[] = []

  /** Begins anew from a state that was loaded; `listed` are its markets, and stay so. */
  load(replica: Replica, listed: readonly HouseMarket[], state: EngineState): void {
    this.#listed = listed
    this.#markets.length = 0
    const engine = state as unknown as {
      markets: readonly {
        phase: Phase
        until: Micros
        bids: readonly SavedShown[]
        asks: readonly SavedShown[]
      }[]
    }
    engine.markets.forEach(({ phase, until, bids, asks }, number) => {
      const feed = this.#feedOf(number)
      feed.standing = { phase, until, indicative: null }
      for (const { id, side, price, visible } of [...bids, ...asks]) feed.book.show(id, side, price, visible, true)
      feed.book.flush(replica.at)
    })
  }

  /** Tells one more of what the markets do, until what it gives is called. */
  follow(listener: FeedListener): () => void {
    this.#followers.add(listener)
    return () => this.#followers.delete(listener)
  }

  onBatch(batch: readonly Done[]): void {
    for (const { command, reports } of batch) {
      if (command.kind === 'add_instrument') this.#relist(command.instrument)
      for (const report of reports) this.#onReport(report, command.at)
    }
  }

  /** Tells what changed in the books since the last time. */
  flush(at: Micros): void {
    for (const { market, book } of this.#markets) {
      const change = book.flush(at)
      if (change === null) continue
      this.#tell(listener => {
        listener.onL2(market, change.l2)
        listener.onL3(market, change.l3)
      })
    }
  }

  book(instrument: number): BookFeed {
    return this.#feedOf(instrument).book
  }

  standing(instrument: number): Standing {
    return this.#markets[instrument]?.standing ?? CLOSED
  }

  #tell(tell: (listener: FeedListener) => void): void {
    if (this.listener !== null) tell(this.listener)
    for (const follower of this.#followers) tell(follower)
  }

  #onReport(report: Report, at: Micros): void {
    switch (report.type) {
      case 'shown':
        this.#feedOf(report.instrument).book.show(report.order, report.side, report.price, report.visible, report.isNew)
        break
      case 'traded': {
        const { market } = this.#feedOf(report.instrument)
        const { price, quantity, side } = report
        const trade = { at, price, quantity, side }
        this.#tell(listener => listener.onTrade(market, trade))
        break
      }
      case 'phased':
      case 'indicated': {
        const feed = this.#feedOf(report.instrument)
        feed.standing =
          report.type === 'phased'
            ? { phase: report.phase, until: report.until, indicative: null }
            : {
                ...feed.standing,
                indicative: report.quantity === 0 ? null : { price: report.price, quantity: report.quantity },
              }
        this.#tell(listener => listener.onPhase(feed.market))
        break
      }
    }
  }

  #feedOf(number: number): MarketFeed {
    let feed = this.#markets[number]
    if (feed === undefined) {
      const market = this.#listed[number]!
      feed = { market, book: new BookFeed(market), standing: CLOSED }
      this.#markets[number] = feed
    }
    return feed
  }

  #relist(number: number): void {
    this.#feedOf(number).market = this.#listed[number]!
  }
}

interface SavedShown {
  readonly id: number
  readonly side: 'buy' | 'sell'
  readonly price: Ticks
  readonly visible: Lots
}
