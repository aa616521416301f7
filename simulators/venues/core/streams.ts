import type { Micros } from '../../../src/kernel/index.ts'
import type { SimulatedInstrument } from './market.ts'
import type { VenueContext } from './protocol.ts'
import type { NumberedTrade } from './tape.ts'

/** Something that a socket tells: how it ends, and what it does as time passes. */
export interface Subscription {
  readonly end: () => void
  readonly onTick?: (at: Micros) => void
}

/** What one socket tells, by the venue's name of it. */
export class Subscriptions<Name = string> {
  readonly #open = new Map<Name, Subscription>()

  get size(): number {
    return this.#open.size
  }

  has(name: Name): boolean {
    return this.#open.has(name)
  }

  names(): Name[] {
    return [...this.#open.keys()]
  }

  add(name: Name, subscription: Subscription): void {
    this.#open.set(name, subscription)
  }

  end(name: Name): void {
    this.#open.get(name)?.end()
    this.#open.delete(name)
  }

  endAll(): void {
    for (const { end } of this.#open.values()) end()
    this.#open.clear()
  }

  onTick(at: Micros): void {
    for (const { onTick } of this.#open.values()) onTick?.(at)
  }
}

/** What is to be told at the next tick: once, however often it has become due. */
export class NextTick<Name> extends Map<Name, () => void> {
  tellAll(): void {
    for (const [name, tell] of [...this]) {
      this.delete(name)
      tell()
    }
  }
}

/** Tells each trade of one instrument; gives how that ends. */
export const listenToTrades = (
  { exchange }: VenueContext,
  listed: SimulatedInstrument,
  tell: (trade: NumberedTrade) => void,
): (() => void) =>
  exchange.listen({
    onTrade(traded, trade) {
      if (traded === listed) tell(trade)
    },
  })

/** Tells at the first tick after each interval. */
export function every(interval: Micros, tell: () => void): Required<Subscription> {
  let toldAt: Micros = 0
  return {
    onTick(at) {
      if (at - toldAt < interval) return
      toldAt = at
      tell()
    },
    end() {},
  }
}
