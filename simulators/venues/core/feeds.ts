import type { Level, Micros } from '../../../src/kernel/index.ts'
import type { SimulatedInstrument, SimulatedMarket } from './market.ts'

/** What a book looked like at a sequence. */
export interface BookPicture {
  /** From 1, without gaps, for each instrument and depth. */
  readonly sequence: number
  readonly at: Micros
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** Book levels that a change sets; zero quantity removes. `picture` is what the book looks like with it. */
export interface BookChange extends BookPicture {
  readonly instrument: SimulatedInstrument
  readonly picture: BookPicture
}

type Shown = BookPicture & { readonly version: number }
/** Below every version of a book. */
const NEVER_SEEN = -1

/** What was last shown of each book; JSON. */
export type FeedState = readonly (readonly [instrument: string, picture: BookPicture])[]

/** The books of a market as a venue publishes them: the best levels, what has changed since the last look, and numbers. */
export class BookFeed {
  readonly #market: SimulatedMarket
  readonly #depth: number
  readonly #shown = new Map<SimulatedInstrument, Shown>()
  readonly #listeners = new Map<SimulatedInstrument, Set<(change: BookChange) => void>>()

  constructor(market: SimulatedMarket, depth: number) {
    this.#market = market
    this.#depth = depth
  }

  /** As it was last told: a snapshot that the next change follows. */
  picture(instrument: SimulatedInstrument): BookPicture {
    return this.#shown.get(instrument) ?? this.#look(instrument, this.#market.now, 1)
  }

  listen(instrument: SimulatedInstrument, listener: (change: BookChange) => void): () => void {
    this.picture(instrument)
    const listeners = this.#listeners.get(instrument) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(instrument, listeners)
    return () => listeners.delete(listener)
  }

  snapshot(): FeedState {
    return [...this.#shown].map(([{ instrument }, { version: _, ...picture }]) => [instrument.id, picture])
  }

  /** Looks at every book anew, and goes on counting. */
  restore(state: FeedState): void {
    for (const [id, picture] of state) {
      const instrument = this.#market.instruments.find(({ instrument }) => instrument.id === id)
      if (instrument !== undefined) this.#shown.set(instrument, { ...picture, version: NEVER_SEEN })
    }
  }

  /** Tells what has changed. */
  publish(at: Micros): void {
    for (const [instrument, before] of this.#shown) {
      if (before.version === this.#market.version(instrument)) continue
      const levels = this.#market.levels(instrument, this.#depth)
      const bids = changes(before.bids, levels.bids)
      const asks = changes(before.asks, levels.asks)
      if (bids.length === 0 && asks.length === 0) {
        this.#shown.set(instrument, { ...before, version: this.#market.version(instrument) })
        continue
      }
      const picture = this.#look(instrument, at, before.sequence + 1)
      const change: BookChange = { instrument, sequence: picture.sequence, at, bids, asks, picture }
      for (const listener of this.#listeners.get(instrument) ?? []) listener(change)
    }
  }

  #look(instrument: SimulatedInstrument, at: Micros, sequence: number): Shown {
    const shown = {
      ...this.#market.levels(instrument, this.#depth),
      sequence,
      at,
      version: this.#market.version(instrument),
    }
    this.#shown.set(instrument, shown)
    return shown
  }
}

function changes(before: readonly Level[], after: readonly Level[]): Level[] {
  const now = new Map(after)
  const then = new Map(before)
  const changed: Level[] = []
  for (const [price] of before) if (!now.has(price)) changed.push([price, 0])
  for (const [price, quantity] of after) if (then.get(price) !== quantity) changed.push([price, quantity])
  return changed
}
