import {
  type Candle,
  type Instrument,
  type Lots,
  type Micros,
  notionalScale,
  type OrderId,
  type Random,
  type Refusal,
  type Ticks,
  toFloat,
} from '../../kernel/index.ts'
import type { Order } from '../orders/order.ts'
import type { Run } from './run.ts'
import type { Context, Json, NewOrder } from './strategy.ts'

/** The one context of a run: a window on it, made once and handed to every hook. */
export class RunContext implements Context<unknown, unknown, Json> {
  readonly #run: Run
  readonly #scale: number
  readonly parameters: unknown
  state: Json

  constructor(run: Run, parameters: unknown, state: Json) {
    this.#run = run
    this.#scale = notionalScale(run.setup.instrument)
    this.parameters = parameters
    this.state = state
  }

  get now(): Micros {
    return this.#run.now
  }
  get instrument(): Instrument {
    return this.#run.instrument
  }
  get indicators(): unknown {
    return this.#run.indicators.indicators
  }
  get isWarm(): boolean {
    return this.#run.indicators.isWarm
  }
  get position(): Lots {
    return this.#run.holding.quantity
  }
  get equity(): number {
    return toFloat(this.#run.equity, this.#scale)
  }
  get cash(): number {
    return toFloat(this.#run.cash, this.#scale)
  }
  get lastPrice(): Ticks | null {
    return this.#run.lastPrice
  }
  get openOrders(): readonly Order[] {
    return this.#run.openOrders
  }
  get random(): Random {
    return this.#run.random
  }
  history(count: number): readonly Candle[] {
    return this.#run.indicators.history(count)
  }
  place(order: NewOrder): OrderId | Refusal {
    return this.#run.place(order)
  }
  cancel(order: OrderId): boolean {
    return this.#run.cancel(order)
  }
  setTimer(name: string, at: Micros): void {
    this.#run.setTimer(name, at)
  }
}
