import { join } from 'node:path'
import {
  type Clock,
  type Instrument,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  type Micros,
  type Timer,
  type Timers,
} from '../kernel/index.ts'
import { ColumnsBuilder, createHistoryStore, type HistoryStore, type MarketDisplay } from '../market/index.ts'
import type { Log } from '../platform/index.ts'
import type { VenueAtWork } from '../venues/index.ts'

/** What is asked of a venue at the start: as much as the smallest page of candles that a venue gives. */
const BACKFILL: Micros = 290 * MICROS_PER_MINUTE
const BACKFILL_CANDLES = 300
const BACKFILL_TRADES = 1_000
const KEPT: Micros = 26 * MICROS_PER_HOUR
const SHOW_FORMING_MS = 250
const SAVE_MS = 60_000

export interface VenueMarketOptions {
  readonly dataDir: string
  readonly venues: readonly VenueAtWork[]
  readonly instruments: readonly Instrument[]
  readonly display: MarketDisplay
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
}

/** The past of what is shown: from our own history and, where that ends, from the venues; and its keeping from now on. */
export class VenueMarket {
  readonly #options: VenueMarketOptions
  readonly #history: HistoryStore
  readonly #ticking: Timer[] = []

  constructor(options: VenueMarketOptions) {
    this.#options = options
    this.#history = createHistoryStore(join(options.dataDir, 'history'))
  }

  /** Charts have a shape and strategies are warm from the first minute, as far as the past is known. */
  async prepare(): Promise<void> {
    const { instruments, log } = this.#options
    const there = new Set((await this.#history.coverage()).map(({ instrument }) => instrument.id))
    await Promise.all(
      instruments.map(async instrument => {
        try {
          await this.#load(instrument, there.has(instrument.id))
        } catch (error) {
          log.warn({ error, instrument: instrument.id }, 'the past of an instrument could not be read')
        }
      }),
    )
  }

  open(): void {
    const { timers, display, log } = this.#options
    this.#ticking.push(
      timers.every(SHOW_FORMING_MS, () => display.publishForming()),
      timers.every(SAVE_MS, () => this.#save().catch(error => log.warn({ error }, 'the market could not be saved'))),
    )
  }

  async stop(): Promise<void> {
    for (const timer of this.#ticking) timer.cancel()
    await this.#save()
  }

  async #load(instrument: Instrument, isKept: boolean): Promise<void> {
    const { venues, display, clock } = this.#options
    const now = clock.now()
    const minutes = new ColumnsBuilder(BACKFILL_CANDLES)
    let last = 0
    if (isKept) {
      const kept = await this.#history.candles(instrument, MICROS_PER_MINUTE, now - KEPT)
      for (let i = 0; i < kept.length; i++) {
        last = kept.openAt[i]!
        minutes.add(last, kept.open[i]!, kept.high[i]!, kept.low[i]!, kept.close[i]!, kept.volume[i]!)
      }
    }
    // What is kept of the minutes that trades will tell again is not shown twice.
    const venue = venues.find(({ name }) => name === instrument.venue)?.venue
    const from = Math.max(last + MICROS_PER_MINUTE, now - BACKFILL)
    const missing = (await venue?.candles(instrument.id, MICROS_PER_MINUTE, from, BACKFILL_CANDLES)) ?? []
    const trades = (await venue?.trades(instrument.id, BACKFILL_TRADES)) ?? []
    // The last minutes are told by their trades, which make the short candles too; from the first whole one on.
    const told = trades.length === 0 ? now : Math.ceil(trades[0]!.at / MICROS_PER_MINUTE) * MICROS_PER_MINUTE
    const fresh = new ColumnsBuilder(BACKFILL_CANDLES)
    for (const { openAt, open, high, low, close, volume } of missing) {
      if (openAt <= last || openAt >= told) continue
      minutes.add(openAt, open, high, low, close, volume)
      fresh.add(openAt, open, high, low, close, volume)
    }
    display.preload(instrument.id, minutes.columns())
    for (const data of trades)
      if (data.at >= told) display.onInput({ kind: 'trade', instrument: instrument.id, at: data.at, data })
    if (fresh.length > 0) await this.#history.save(instrument, MICROS_PER_MINUTE, fresh.columns())
  }

  async #save(): Promise<void> {
    for (const { instrument, interval, candles } of this.#options.display.takeUnsaved())
      if (candles.length > 0) await this.#history.save(instrument, interval, candles)
  }
}
