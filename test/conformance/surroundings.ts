import type { FaultKind, FaultRule, SimulatedInstrument } from '../../simulators/venues/index.ts'
import type { BookSnapshot, Lots, Micros, OrderType, Side, Ticks, TimeInForce, Trade } from '../../src/kernel/index.ts'

/** What is around the venue under test, as far as cases touch it: its market, those who trade on it, and what may go wrong. */
export interface Surroundings {
  readonly exchange: {
    readonly market: {
      readonly instruments: readonly Listed[]
      levels(listed: Listed, depth: number): Pick<BookSnapshot, 'bids' | 'asks'>
      best(listed: Listed, side: Side): Ticks | null | undefined
    }
    /** An order of the account by another client of it; gives why it is refused. */
    place(account: Holdings, order: OthersOrder, at: Micros): MaybeLater<{ readonly id: string } | string>
  }
  readonly tape: { trades(listed: Listed): readonly Trade[] }
  /** Somebody else's order, to rest or to take what is there. */
  house(order: {
    readonly instrument: Listed
    readonly side: Side
    readonly price: Ticks | undefined
    readonly quantity: Lots
    readonly isTaking: boolean
  }): MaybeLater<unknown>
  readonly faults: {
    add(rule: FaultRule): unknown
    clear(): void
    readonly fired: readonly { readonly kind: FaultKind; readonly on: string }[]
  }
}

type MaybeLater<T> = T | Promise<T>
export type Listed = Pick<SimulatedInstrument, 'instrument' | 'makerPpm' | 'takerPpm'>

export interface OthersOrder {
  readonly clientId: string | null
  readonly instrument: Listed
  readonly side: Side
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly price: Ticks | null
  readonly quantity: Lots
}

/** What the account has, in units of 10^-18. */
export interface Holdings {
  free(asset: string): bigint
  held(asset: string): bigint
}
