import type { Candle } from '../../kernel/index.ts'
import type { AnyStrategy } from './strategy.ts'

/** A candle without names, for snapshots: openAt, open, high, low, close, volume. */
type PackedCandle = readonly [number, number, number, number, number, number]

/** JSON of an indicator set: the candles that its indicators are built from, and how many were seen in all. */
export interface IndicatorSetState {
  readonly seen: number
  readonly window: readonly PackedCandle[]
}

/** Epochs are this many warm-ups long: building anew costs a quarter at most, and a snapshot holds five warm-ups at most. */
const EPOCH_WARMUPS = 4

/**
 * A strategy's indicators and the candles behind them. The objects of `trading-signals` keep private state that cannot
 * be saved. So what they are is defined by candles alone: at the start of every epoch they are built anew from the last
 * `warmup` candles, and a restart builds them from the same candles. Restarted or not, the values are the same to the bit.
 */
export class IndicatorSet {
  readonly #strategy: AnyStrategy
  readonly #parameters: unknown
  readonly #warmup: number
  readonly #epoch: number
  #indicators: unknown
  /** What the indicators have been fed: this epoch's candles and the warm-up before them. */
  #window: Candle[] = []
  #seen = 0
  #untilRenewal: number

  constructor(strategy: AnyStrategy, parameters: unknown, state?: IndicatorSetState) {
    this.#strategy = strategy
    this.#parameters = parameters
    this.#warmup = Math.max(1, strategy.warmup(parameters))
    this.#epoch = this.#warmup * EPOCH_WARMUPS
    this.#untilRenewal = this.#epoch
    this.#indicators = strategy.indicators(parameters)
    if (state === undefined) return
    this.#seen = state.seen
    this.#untilRenewal = this.#epoch - (state.seen === 0 ? 0 : ((state.seen - 1) % this.#epoch) + 1)
    this.#window = state.window.map(unpack)
    for (const candle of this.#window) strategy.feed(this.#indicators, candle)
  }

  get indicators(): unknown {
    return this.#indicators
  }

  get isWarm(): boolean {
    return this.#seen >= this.#warmup
  }

  add(candle: Candle): void {
    if (this.#untilRenewal === 0) this.#renew()
    this.#untilRenewal -= 1
    this.#seen += 1
    this.#window.push(candle)
    this.#strategy.feed(this.#indicators, candle)
  }

  /** The last `count` candles, oldest first; never more than `warmup`, which is all that survives a restart. */
  history(count: number): readonly Candle[] {
    const wanted = Math.min(count, this.#warmup)
    return wanted <= 0 ? [] : this.#window.slice(-wanted)
  }

  snapshot(): IndicatorSetState {
    return { seen: this.#seen, window: this.#window.map(pack) }
  }

  #renew(): void {
    this.#untilRenewal = this.#epoch
    this.#window = this.#window.slice(-this.#warmup)
    this.#indicators = this.#strategy.indicators(this.#parameters)
    for (const candle of this.#window) this.#strategy.feed(this.#indicators, candle)
  }
}

const pack = (c: Candle): PackedCandle => [c.openAt, c.open, c.high, c.low, c.close, c.volume]

const unpack = ([openAt, open, high, low, close, volume]: PackedCandle): Candle => ({
  openAt,
  open,
  high,
  low,
  close,
  volume,
})
