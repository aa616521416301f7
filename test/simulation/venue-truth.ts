import { decimalOf, unitsOf, type VenueSimulator } from '../../simulators/venues/index.ts'
import { type OrderId, quantityText, type VenueFill } from '../../src/kernel/index.ts'
import { VENUES, type VenueName } from '../../src/venues/index.ts'
import type { Disk } from './memory-journals.ts'

/** What was committed about an order: it as it was then, and the event. */
export interface Fact {
  readonly order: Pick<Disk['facts'][number]['order'], 'request' | 'state' | 'filled'>
  readonly event: {
    readonly type: string
    readonly fill?: Pick<VenueFill, 'id' | 'price' | 'quantity' | 'fee' | 'feeIn'>
  }
}
type Facts = readonly Fact[]

/** What differs between our books of a venue, as its facts tell them, and the venue's own; nothing if all is well. */
export const differencesAt = (
  name: VenueName,
  simulator: VenueSimulator,
  all: Facts,
  begin: ReadonlyMap<string, bigint>,
): string[] => {
  const facts = all.filter(({ order }) => order.request.instrument.startsWith(`${name}:`))
  return [
    ...orders(name, simulator, facts),
    ...fills(name, simulator, facts),
    ...balances(name, simulator, facts, begin),
  ]
}

function orders(name: VenueName, { exchange, accounts }: VenueSimulator, facts: Facts): string[] {
  const found: string[] = []
  const clientId = VENUES[name]!.rest.clientId
  const ours = new Map(facts.map(({ order }) => [order.request.id, order]))
  const byClient = new Map([...ours.values()].map(order => [clientId(order.request.id), order]))
  const seen = new Set<OrderId>()
  for (const order of exchange.ordersOf(accounts[0]!)) {
    const known = byClient.get(order.clientId ?? '')
    if (known === undefined) {
      found.push(`${name} has order ${order.id} that we know nothing of`)
      continue
    }
    const { id } = known.request
    if (seen.has(id)) found.push(`${name} has ${id} twice`)
    seen.add(id)
    if (known.filled !== order.filled)
      found.push(`${id} (${known.state}) filled ${known.filled} here, ${order.filled} at ${name} (${order.state})`)
    if (order.state === 'open') found.push(`${id} is ${known.state} here and open at ${name}`)
  }
  for (const { request, state, filled } of ours.values()) {
    if (seen.has(request.id)) continue
    if (filled > 0) found.push(`${request.id} filled here and is unknown at ${name}`)
    if (state !== 'rejected' && state !== 'denied')
      found.push(`${request.id} is ${state} here and was never at ${name}`)
  }
  return found
}

const fillsIn = (facts: Facts) =>
  facts.flatMap(({ order, event }) => (event.fill === undefined ? [] : [{ order, fill: event.fill }]))

function fills(name: VenueName, { exchange, accounts }: VenueSimulator, facts: Facts): string[] {
  const found: string[] = []
  const booked = new Set<string>()
  for (const { fill } of fillsIn(facts)) {
    if (booked.has(fill.id)) found.push(`fill ${fill.id} of ${name} was booked twice`)
    booked.add(fill.id)
  }
  for (const { id } of exchange.fillsOf(accounts[0]!))
    if (!booked.has(id)) found.push(`fill ${id} of ${name} is not booked`)
  return found
}

/** Balances as our own facts tell them, beside the venue's. */
function balances(
  name: VenueName,
  simulator: VenueSimulator,
  facts: Facts,
  begin: ReadonlyMap<string, bigint>,
): string[] {
  const expected = new Map(begin)
  const add = (asset: string, units: bigint) => expected.set(asset, (expected.get(asset) ?? 0n) + units)
  for (const { order, fill } of fillsIn(facts)) {
    const { instrument: id, side } = order.request
    const { instrument } = simulator.exchange.market.instruments.find(one => one.instrument.id === id)!
    const sign = side === 'buy' ? 1n : -1n
    const quantity = unitsOf(quantityText(instrument, fill.quantity))
    const price = BigInt(fill.price) * BigInt(instrument.tickSize)
    add(instrument.base, sign * quantity)
    add(instrument.quote, (-sign * quantity * price) / 10n ** BigInt(instrument.priceScale))
    if (fill.feeIn !== undefined) add(fill.feeIn.asset, -unitsOf(fill.feeIn.amount))
    else add(instrument.quote, -fill.fee * 10n ** BigInt(18 - instrument.priceScale - instrument.quantityScale))
  }
  return [...expected].flatMap(([asset, units]) => {
    const there = simulator.accounts[0]!.total(asset)
    return there === units ? [] : [`${name} holds ${decimalOf(there)} ${asset}, our books say ${decimalOf(units)}`]
  })
}
