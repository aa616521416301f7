import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createLivingMarket,
  type LivingMarket,
  type LivingMarketState,
  restoreLivingMarket,
} from '../../simulators/market/index.ts'
import {
  type Clock,
  type MarketInput,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  type Micros,
  priceFloat,
  type Timer,
  type Timers,
} from '../kernel/index.ts'
import { createHistoryStore, DEMO_INSTRUMENTS, type HistoryStore, type MarketDisplay } from '../market/index.ts'
import type { Log } from '../platform/index.ts'

/** Simulated past before the market opens: charts have a shape and strategies are warm from the first minute. */
const PAST: Micros = 3 * MICROS_PER_HOUR
/** A longer pause than this is not simulated through: the market opens anew at its last prices. */
const PAUSE_MAX: Micros = 3 * MICROS_PER_HOUR
const SLICE: Micros = MICROS_PER_MINUTE
const TICK_MS = 50
const SHOW_FORMING_MS = 250
const SAVE_MS = 60_000

export interface LivingFeedOptions {
  readonly seed: string
  readonly dataDir: string
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  readonly display: MarketDisplay
}

/** The simulated market at work in real time: it goes on where it stood when the process ended. */
export class LivingFeed {
  readonly #options: LivingFeedOptions
  readonly #history: HistoryStore
  readonly #statePath: string
  readonly #ticking: Timer[] = []
  #market: LivingMarket | null = null
  #isStopped = false

  constructor(options: LivingFeedOptions) {
    this.#options = options
    this.#history = createHistoryStore(join(options.dataDir, 'history'))
    this.#statePath = join(options.dataDir, 'market.json')
  }

  /** Brings the market to the present, in slices that leave room for requests; its past is shown and not traded. */
  async prepare(): Promise<void> {
    const { clock, timers, display, log } = this.#options
    const started = clock.now()
    const state = await this.#savedState()
    await this.#loadHistory()
    this.#market = this.#open(state, started)
    while (!this.#isStopped && clock.now() - this.#market.now > SLICE) {
      for (const input of this.#market.advance(this.#market.now + SLICE)) display.onInput(input)
      await new Promise<void>(resolve => timers.after(0, resolve))
    }
    log.info({ tookMs: Math.round((clock.now() - started) / 1_000) }, 'the simulated market is at the present')
  }

  /** Opens the market: from now on every input goes to `listener` too. */
  open(listener: (input: MarketInput) => void): void {
    const { clock, timers, display, log } = this.#options
    this.#ticking.push(
      timers.every(TICK_MS, () => {
        const market = this.#market!
        for (const input of market.advance(Math.max(market.now, Math.min(clock.now(), market.now + MICROS_PER_HOUR)))) {
          display.onInput(input)
          listener(input)
        }
      }),
      timers.every(SHOW_FORMING_MS, () => display.publishForming()),
      timers.every(SAVE_MS, () => this.#save().catch(error => log.warn({ error }, 'the market could not be saved'))),
    )
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const timer of this.#ticking) timer.cancel()
    if (this.#market !== null) await this.#save()
  }

  #open(state: LivingMarketState | null, now: Micros): LivingMarket {
    const { seed } = this.#options
    if (state !== null && state.at <= now && now - state.at <= PAUSE_MAX) return restoreLivingMarket(state)
    const prices = Object.fromEntries(
      DEMO_INSTRUMENTS.flatMap(instrument => {
        const mark = this.#options.display.mark(instrument.id)
        return mark === null ? [] : [[instrument.pair, priceFloat(instrument, mark.price)]]
      }),
    )
    return createLivingMarket({ seed: `${seed}/${state === null ? 0 : state.at}`, start: now - PAST, prices })
  }

  async #savedState(): Promise<LivingMarketState | null> {
    try {
      return JSON.parse(await readFile(this.#statePath, 'utf8')) as LivingMarketState
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#options.log.warn({ error }, 'the saved market cannot be read; a new one opens')
      return null
    }
  }

  async #loadHistory(): Promise<void> {
    const { display, clock } = this.#options
    const from = clock.now() - 26 * MICROS_PER_HOUR
    const there = new Set((await this.#history.coverage()).map(({ instrument }) => instrument.id))
    for (const instrument of DEMO_INSTRUMENTS) {
      if (!there.has(instrument.id)) continue
      display.preload(instrument.id, await this.#history.candles(instrument, MICROS_PER_MINUTE, from))
    }
  }

  async #save(): Promise<void> {
    const state = JSON.stringify(this.#market!.snapshot())
    for (const { instrument, interval, candles } of this.#options.display.takeUnsaved())
      if (candles.length > 0) await this.#history.save(instrument, interval, candles)
    await mkdir(this.#options.dataDir, { recursive: true })
    await writeFile(`${this.#statePath}.new`, state)
    await rename(`${this.#statePath}.new`, this.#statePath)
  }
}
