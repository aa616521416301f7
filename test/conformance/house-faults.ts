import type { FaultKind, FaultRule } from '../../simulators/venues/index.ts'
import type { HouseVenueOptions, Shards } from '../../src/exchange/testing.ts'
import { AppError } from '../../src/kernel/index.ts'
import type { ManualTime } from '../../src/platform/testing.ts'

type Service = HouseVenueOptions['exchange']
/** Ends the connection: resolves once that is known, and gives when it is there again. */
type Cut = () => Promise<{ readonly again: Promise<unknown> }>
type Feed = Shards['parts'][number]['feed']

/**
 * What may go wrong between the house exchange and its venue. A connection that breaks is the one with the database, which the
 * shard's owner holds its lease by: it is truly cut. The others are set where their errors would arrive.
 */
export class HouseFaults {
  readonly fired: { readonly kind: FaultKind; readonly on: string }[] = []
  #rules: { readonly rule: FaultRule; left: number }[] = []
  readonly #cut: Cut
  readonly #time: ManualTime
  #mending: Promise<unknown> = Promise.resolve()

  constructor(options: {
    readonly cut: Cut
    readonly time: ManualTime
  }) {
    this.#cut = options.cut
    this.#time = options.time
  }

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.count ?? Number.POSITIVE_INFINITY })
  }

  clear(): void {
    this.#rules = []
  }

  /** Whatever was cut is whole again. */
  mended(): Promise<unknown> {
    return this.#mending
  }

  /** Something has been told on this channel: a connection that is to break breaks now. */
  told(channel: 'book' | 'orders'): void {
    if (this.#take(channel, 'disconnect') !== null) this.#mending = this.#cut().then(({ again }) => again)
  }

  service(exchange: Service): Service {
    return {
      place: async (...given) => {
        const ack = await this.#around('place', () => exchange.place(...given))
        this.told('orders')
        return ack
      },
      amend: (...given) => this.#around('amend', () => exchange.amend(...given)),
      cancel: (...given) => this.#around('cancel', () => exchange.cancel(...given)),
      cancelByClientId: (...given) => this.#around('cancel', () => exchange.cancelByClientId(...given)),
      cancelAll: (...given) => this.#around('cancel', () => exchange.cancelAll(...given)),
      orders: (...given) => exchange.orders(...given),
      trades: (...given) => exchange.trades(...given),
      balances: owner => exchange.balances(owner),
      book: instrument => exchange.book(instrument),
      history: read => exchange.history(read),
      caughtUp: instrument => exchange.caughtUp(instrument),
    }
  }

  /** Whoever follows this feed from now on meets the faults of the book. */
  between(feed: Feed): void {
    const follow = feed.follow.bind(feed)
    feed.follow = listener =>
      follow({
        ...listener,
        onL2: (market, change) => {
          if (this.#take('book', 'gap') !== null) return
          const isWrong = this.#take('book', 'bad_checksum') !== null
          listener.onL2(market, isWrong ? { ...change, checksum: change.checksum ^ 1 } : change)
        },
      })
  }

  async #around<T>(on: 'place' | 'amend' | 'cancel', send: () => Promise<T>): Promise<T> {
    const rule = this.#take(on)
    if (rule === null) return send()
    switch (rule.kind) {
      case 'refuse':
        throw new AppError('exchange.refused', { reason: 'phase' })
      case 'rate_limit':
        throw new AppError('exchange.busy', { rule: 'so many commands wait already' })
      case 'unavailable':
        throw new AppError('exchange.unavailable')
      case 'disconnect':
        this.#mending = (await this.#cut()).again
        return send()
      case 'lose_ack':
        await send()
        throw new AppError('exchange.unavailable', { outcome: 'unknown' })
      case 'delay': {
        const answer = await send()
        await this.#time.advance(rule.ms)
        return answer
      }
      default:
        throw new Error(`the house exchange has no fault ${rule.kind} on ${on}`)
    }
  }

  #take(on: string, kind?: FaultKind): FaultRule | null {
    const found = this.#rules.find(
      ({ rule, left }) => left > 0 && rule.on?.includes(on as never) === true && (kind ?? rule.kind) === rule.kind,
    )
    if (found === undefined) return null
    found.left -= 1
    this.fired.push({ kind: found.rule.kind, on })
    return found.rule
  }
}
