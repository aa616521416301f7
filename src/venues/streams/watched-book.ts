import {
  type Instrument,
  type Lots,
  type Micros,
  readSteps,
  readStepsDown,
  readStepsOfNumber,
  readStepsOfNumberDown,
  type Side,
  type Ticks,
} from '../../kernel/index.ts'
import type { L2Book } from '../../market/index.ts'

/** A level as a venue writes it: price, quantity and whatever else, as decimals in text. */
export type TextLevel = readonly [price: string, quantity: string, ...unknown[]]

/** An instrument that a session watches: its book, its name at the venue, and how to read its decimals. */
export class WatchedBook {
  readonly instrument: Instrument
  readonly symbol: string
  readonly book: L2Book
  /** When it was last asked for and has not come since; null once it is there. */
  askedAt: Micros | null = null
  /** When it was asked for anew, within the window that counts. */
  readonly resubscribedAt: Micros[] = []
  hasBeenGood = false

  constructor(instrument: Instrument, symbol: string, book: L2Book) {
    this.instrument = instrument
    this.symbol = symbol
    this.book = book
  }

  /** NaN when it is not whole ticks. */
  ticks(price: string): Ticks {
    return readSteps(price, this.instrument.priceScale, this.instrument.tickSize)
  }

  /**
   * Whole lots. A rest of less than a lot, which is left behind where the venue made the lot coarser or an order was
   * placed by value, can be traded by nobody and is left out.
   */
  lots(quantity: string): Lots {
    return readStepsDown(quantity, this.instrument.quantityScale, this.instrument.lotSize)
  }

  ticksOfNumber(price: number): Ticks {
    return readStepsOfNumber(price, this.instrument.priceScale, this.instrument.tickSize)
  }

  /** NaN when it is not whole lots: for books whose checksum is of the exact quantity. */
  exactLotsOfNumber(quantity: number): Lots {
    return readStepsOfNumber(quantity, this.instrument.quantityScale, this.instrument.lotSize)
  }

  /** As {@link lots}. */
  lotsOfNumber(quantity: number): Lots {
    return readStepsOfNumberDown(quantity, this.instrument.quantityScale, this.instrument.lotSize)
  }

  /** Writes levels; the book's `commit` is the caller's. */
  write(side: Side, levels: readonly TextLevel[]): void {
    const { priceScale, tickSize, quantityScale, lotSize } = this.instrument
    for (let i = 0; i < levels.length; i++) {
      const level = levels[i]!
      this.book.set(side, readSteps(level[0], priceScale, tickSize), readStepsDown(level[1], quantityScale, lotSize))
    }
  }

  /** The same for venues that write numbers. */
  writeNumbers(side: Side, levels: readonly (readonly [price: number, quantity: number])[]): void {
    for (let i = 0; i < levels.length; i++) {
      const level = levels[i]!
      this.book.set(side, this.ticksOfNumber(level[0]), this.lotsOfNumber(level[1]))
    }
  }
}
