import { seededRandom } from '../src/kernel/index.ts'
import { createFastEngine } from '../src/matching/index.ts'
import { ConsensusFeed, type ConsensusMessages } from '../src/matching/testing.ts'

/**
 * A million operations from a seed: 45 % limit, 10 % immediate-or-cancel, 10 % market-like (immediate, at any price), 35 % cancel
 * of an order that rests. About 20,000 orders rest all the time, opened by as many limit orders.
 */
const OPERATIONS = 1_000_000
const OPENING = 20_000
const MIDDLE = 100_000
/** Mean distance of a limit order from the middle, in ticks: some 27 orders a level, as in the static consensus messages. */
const SPREAD = 80
/** The most lots of an order. With these as many orders are filled and canceled as come to rest. */
const LIMIT_LOTS = 100
const TAKER_LOTS = 86

export function mixedMessages(): ConsensusMessages {
  const random = seededRandom('mixed')
  const length = OPENING + OPERATIONS
  const [types, sides, iocs] = [new Uint8Array(length), new Uint8Array(length), new Uint8Array(length)]
  const [quantities, ids, prices] = [new Int32Array(length), new Int32Array(length), new Int32Array(length)]
  for (let i = 0; i < length; i++) ids[i] = i
  const messages = { length, types, sides, iocs, quantities, ids, prices }

  const resting = new Resting(length)
  const feed = new ConsensusFeed(createFastEngine, messages, { report: line => resting.learn(line) })
  for (let i = 0; i < length; i++) {
    const draw = i < OPENING ? 0 : random.below(100)
    const isBuy = random.below(2) === 0
    sides[i] = isBuy ? 0 : 1
    quantities[i] = 1 + random.below(draw < 45 ? LIMIT_LOTS : TAKER_LOTS)
    if (draw < 45) prices[i] = MIDDLE + (isBuy ? -1 : 1) * Math.floor(random.exponential() * SPREAD - 1)
    else if (draw < 65) {
      iocs[i] = 1
      prices[i] = draw < 55 ? MIDDLE + (isBuy ? 3 : -3) : isBuy ? MIDDLE * 2 : 1
    } else {
      types[i] = 1
      ids[i] = resting.any(random.below(resting.count))
    }
    feed.apply(i)
  }
  return messages
}

/** Which orders rest, by the lines of the reports. */
class Resting {
  count = 0
  readonly #orders: Int32Array
  readonly #places: Int32Array
  readonly #open: Int32Array

  constructor(length: number) {
    this.#orders = new Int32Array(length)
    this.#places = new Int32Array(length)
    this.#open = new Int32Array(length)
  }

  any(place: number): number {
    return this.#orders[place]!
  }

  learn(line: string): void {
    const [kind, , a, b, c, d] = line.split(',').map(Number) as [number, number, number, number, number, number]
    if (kind === 0) this.#add(b, d)
    else if (kind === 1) for (const order of [c, d]) this.#fill(order, b)
    else if (kind === 2) this.#fill(b, this.#open[b]!)
    else throw new Error(`the order ${a} does not rest`)
  }

  #add(order: number, open: number): void {
    this.#open[order] = open
    this.#places[order] = this.count
    this.#orders[this.count++] = order
  }

  #fill(order: number, lots: number): void {
    this.#open[order]! -= lots
    if (this.#open[order] !== 0) return
    const last = this.#orders[--this.count]!
    const place = this.#places[order]!
    this.#orders[place] = last
    this.#places[last] = place
  }
}
