import { expect } from 'vitest'
import type { BookSnapshot, Instrument, OrderRequest, VenueFill } from '../../src/kernel/index.ts'
import type { OrderRef, Outcome } from '../../src/venues/index.ts'
import { orderOf, type Stage } from './stage.ts'

/** What the cases do on a stage, and what they hold it against. */

export const best = (stage: Stage, side: 'buy' | 'sell', instrument = stage.XRP): number =>
  stage.simulator.exchange.market.best(listed(stage, instrument), side)!

export const listed = (stage: Stage, instrument: Instrument) =>
  stage.simulator.exchange.market.instruments.find(one => one.instrument.pair === instrument.pair)!

export const refOf = (request: OrderRequest, venueOrderId: string | null = null): OrderRef => ({
  order: request.id,
  instrument: request.instrument,
  venueOrderId,
})

/** What the venue itself knows of an order. */
export const truthOf = (stage: Stage, request: OrderRequest) => stage.truth.of(request)

export async function accepted(stage: Stage, request: OrderRequest): Promise<Extract<Outcome, { type: 'accepted' }>> {
  const outcome = await stage.settle(stage.connector.place(request))
  expect(outcome).toMatchObject({ type: 'accepted' })
  return outcome as Extract<Outcome, { type: 'accepted' }>
}

/** Watches the market and the account, unless they are watched already. */
export async function watched(stage: Stage): Promise<void> {
  if (!stage.heard.isOn) stage.connector.watch([stage.XRP.id], stage.heard.listener)
  stage.heard.isOn = true
  await stage.until(
    () => stage.heard.ready.length > 0 && stage.heard.staleness(stage.XRP.id) === null,
    'both streams are ready',
  )
}

export const resting = (stage: Stage, wish: Partial<OrderRequest> = {}): OrderRequest =>
  orderOf(stage.XRP, { price: Math.round(best(stage, 'buy') * 0.98), ...wish })

/** Orders of the account beyond a page of any venue, as another client of it may have placed them. */
export async function manyOpen(stage: Stage): Promise<string[]> {
  const price = Math.round(best(stage, 'buy') * 0.98)
  const ids: string[] = []
  for (let i = 0; i < 230; i++) {
    const order = await stage.simulator.exchange.place(
      stage.account,
      {
        clientId: null,
        instrument: listed(stage, stage.XRP),
        side: 'buy',
        type: 'limit',
        timeInForce: 'gtc',
        price: price - i,
        quantity: stage.lots(5),
      },
      stage.clock.now(),
    )
    if (typeof order === 'string') throw new Error(`order ${i} is refused: ${order}`)
    ids.push(order.id)
    await stage.time.advance(20)
  }
  return ids.sort()
}

/** Sells at the market and waits until all of it is told: the fills by their ids. */
export async function marketOrder(stage: Stage): Promise<ReadonlyMap<string, VenueFill>> {
  const request = orderOf(stage.XRP, { type: 'market', side: 'sell' })
  await accepted(stage, request)
  return toldFills(stage, request)
}

/** The fills of the one order that has any, by their ids, once all of them have been told. */
export async function toldFills(stage: Stage, request: OrderRequest): Promise<ReadonlyMap<string, VenueFill>> {
  const told = () =>
    new Map(
      stage.heard.of(request.id).flatMap(report => (report.type === 'filled' ? [[report.fill.id, report.fill]] : [])),
    )
  await stage.until(() => told().size > 0 && told().size === stage.truth.fills().length, 'the fills are told')
  return told()
}

/** Somebody improves the bid: a change of the book that every depth shows. */
export async function bid(stage: Stage): Promise<void> {
  await stage.simulator.house({
    instrument: listed(stage, stage.XRP),
    isTaking: false,
    quantity: stage.lots(50),
    side: 'buy',
    price: best(stage, 'buy') + 1,
  })
  await stage.time.advance(300)
}

export async function bookIsTrue(stage: Stage): Promise<void> {
  await bid(stage)
  // The change itself may have met a fault.
  await stage.until(() => stage.heard.staleness(stage.XRP.id) === null, 'the book is good')
  await stage.time.advance(100)
  const { bids, asks } = stage.heard.markets.findLast(input => input.kind === 'book')!.data as BookSnapshot
  const truth = stage.simulator.exchange.market.levels(listed(stage, stage.XRP), 10)
  expect([bids.slice(0, 10), asks.slice(0, 10)]).toEqual([truth.bids, truth.asks])
}
