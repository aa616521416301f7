import { expect } from 'vitest'
import type { OrderId, VenueReport } from '../../src/kernel/index.ts'
import type { SimulatedStage } from './stage.ts'

/** What no fault may make untrue: an order is one order, and nothing is told that did not happen. */
export function assertSound(stage: SimulatedStage): void {
  const { exchange } = stage.simulator
  const orders = exchange.ordersOf(stage.account).filter(({ clientId }) => clientId !== null)
  const ids = orders.map(({ clientId }) => clientId)
  expect(ids, 'two orders of one client id').toEqual([...new Set(ids)])
  const truthOf = (id: OrderId) => orders.find(({ clientId }) => clientId === stage.clientId(id))
  for (const report of stage.heard.reports) {
    const truth = truthOf(report.order)
    if (truth === undefined) throw new Error(`${report.type} is told of an order that the venue does not have`)
    if (isOver(report)) expect(truth.state, `told as ${report.type}`).not.toBe('open')
    if (report.type !== 'filled') continue
    const { id, price, quantity } = report.fill
    const fills = exchange.fills.filter(({ order }) => order === truth)
    expect(fills.map(fill => [fill.id, fill.price, fill.quantity])).toContainEqual([id, price, quantity])
  }
}

const isOver = ({ type }: VenueReport) => type === 'canceled' || type === 'expired'
