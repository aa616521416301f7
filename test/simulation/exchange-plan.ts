import type { MarketSpec, NewOrder } from '../../src/exchange/testing.ts'
import { type Micros, seededRandom, type TenantId } from '../../src/kernel/index.ts'
import type { EngineLimits } from '../../src/matching/index.ts'

/** What a process with an exchange is told, and what it tells: see `exchange-child.ts`. */
export interface ExchangePlan {
  /** URL of the role `bourse_app`. */
  readonly database: string
  readonly tenant: TenantId
  readonly seed: string
  /** Which process of the test this is; names of orders begin with it. */
  readonly life: number
  /** When the test began. */
  readonly since: Micros
  readonly death: Death | null
  /** Where the sources of the exchange are, for its threads. */
  readonly sources: string
  /** Orders of earlier lives that nobody was answered about: they are sent again. */
  readonly doubtful: readonly string[]
}

/**
 * Where it kills itself, at the `count`th time: after an acknowledgement, when a trade is committed and nobody knows yet, or
 * while its money is written.
 */
export interface Death {
  readonly point: 'acknowledged' | 'committed' | 'posting'
  readonly count: number
}

/** One line of the child's output; `t` is in milliseconds of the wall clock. */
export type Told =
  | { readonly what: 'sent' | 'refused'; readonly client: string }
  | {
      readonly what: 'acknowledged'
      readonly client: string
      readonly id: string
      readonly filled: string
      readonly t: number
    }
  | { readonly what: 'canceled'; readonly id: string; readonly t: number }
  | {
      readonly what: 'moved'
      readonly owner: string
      readonly asset: string
      readonly amount: number
      readonly transfer: number
    }
  | { readonly what: 'following' }
  /** The first command of its own was acknowledged. */
  | { readonly what: 'owning'; readonly t: number }
  | { readonly what: 'stopping'; readonly t: number }

export const PARTICIPANTS = ['alice', 'bob', 'carol', 'dave'] as const
/** Commands between two snapshots, so that every life makes some. */
export const CRASH_SNAPSHOT_EVERY = 200
/** Orders that each of them has under way at a time. */
export const STREAMS = 3

export const CRASH_LIMITS: EngineLimits = {
  ordersMax: 2_000,
  accountsMax: 100,
  instrumentsMax: 4,
  assetsMax: 4,
  // More than are ever closed here: a doubtful order may be sent again many thousand orders later.
  clientIdsMax: 1_000_000,
  makerPpm: 1_000,
  takerPpm: 2_000,
}

export const CRASH_MARKET: MarketSpec = {
  pair: 'ABC/USD',
  tick: '0.01',
  lot: '0.001',
  quantityMin: '0.001',
  quantityMax: '1000',
  priceMax: '100000',
  notionalMin: '0.1',
  bandPpm: 200_000,
  haltPpm: 0,
  haltMicros: 0,
  protectionPpm: 50_000,
}
export const CRASH_SCALES = { base: 8, quote: 6 }
export const CRASH_INSTRUMENT = 'house:ABC/USD'

/** The name of an order: `alice.3.2.17` is the 17th of the second stream of alice's in the third life. */
export const clientId = (owner: string, life: number, stream: number, n: number) => `${owner}.${life}.${stream}.${n}`
export const ownerOf = (client: string): string => client.slice(0, client.indexOf('.'))

/** The order of a name: the same however often it is asked for. */
export function orderNamed({ seed, since }: Pick<ExchangePlan, 'seed' | 'since'>, client: string): NewOrder {
  const random = seededRandom(`${seed}/order/${client}`)
  const side = random.below(2) === 0 ? 'buy' : 'sell'
  const cents = (from: number, to: number) => ((10_000 + from + random.below(to - from + 1)) / 100).toFixed(2)
  const lots = (max: number) => ((1 + random.below(max)) / 1_000).toFixed(3)
  const base = { instrument: CRASH_INSTRUMENT, side, quantity: lots(5_000), clientId: client } as const
  const near = side === 'buy' ? cents(-60, 20) : cents(-20, 60)
  switch (random.below(12)) {
    case 0:
      return { ...base, type: 'market' }
    case 1:
      return { ...base, type: 'limit', timeInForce: 'ioc', price: near }
    case 2:
      return { ...base, type: 'limit', timeInForce: 'fok', price: near }
    case 3:
      return {
        ...base,
        type: 'limit',
        timeInForce: 'gtd',
        price: near,
        expireAt: since + (1 + random.below(60)) * 2_000_000,
      }
    case 4:
      return { ...base, type: 'limit', price: near, postOnly: true }
    case 5:
      return { ...base, type: 'limit', price: near, quantity: '6.000', displayQuantity: '1.500' }
    case 6:
      return { ...base, type: 'stop', triggerPrice: side === 'buy' ? cents(0, 40) : cents(-40, 0) }
    case 7: {
      const triggerPrice = side === 'buy' ? cents(0, 30) : cents(-30, 0)
      return { ...base, type: 'stop_limit', triggerPrice, price: near, timeInForce: 'gtc' }
    }
    default:
      return {
        ...base,
        type: 'limit',
        price: near,
        selfTradePrevention: (['cancel_newest', 'cancel_oldest', 'cancel_both', 'decrement'] as const)[random.below(4)],
      }
  }
}
