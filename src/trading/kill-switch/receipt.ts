import { MICROS_PER_SECOND, type Micros, type OrderId, quantityText } from '../../kernel/index.ts'
import type { Run } from '../node/run.ts'
import { isClosed, type Order, remainingOf } from '../orders/order.ts'
import type { KillOutcome } from '../views.ts'

/** An order that no report has settled by then is shown as unknown; a later report still settles it. */
const PENDING_MAX: Micros = 10 * MICROS_PER_SECOND

interface Line {
  readonly run: Run
  order: Order
  readonly filledBefore: number
}

/** What became of each order that was open when the kill switch was pulled. */
export class KillReceipt {
  readonly #lines = new Map<OrderId, Line>()
  #since: Micros = 0

  open(orders: readonly { run: Run; order: Order }[], since: Micros): void {
    this.#lines.clear()
    this.#since = since
    for (const { run, order } of orders) this.#lines.set(order.request.id, { run, order, filledBefore: order.filled })
  }

  onOrder(order: Order): void {
    const line = this.#lines.get(order.request.id)
    if (line !== undefined) line.order = order
  }

  lines(now: Micros): KillOutcome[] {
    return [...this.#lines.values()].map(line => ({
      order: line.order.request.id,
      run: line.run.setup.id,
      instrument: line.run.setup.instrument.id,
      side: line.order.request.side,
      remaining: quantityText(line.run.setup.instrument, remainingOf(line.order)),
      outcome: this.#outcome(line, now),
    }))
  }

  #outcome({ order, filledBefore }: Line, now: Micros): KillOutcome['outcome'] {
    if (order.filled > filledBefore && isClosed(order.state)) return 'filled_meanwhile'
    if (isClosed(order.state)) return 'confirmed'
    if (order.state === 'unknown') return 'unknown'
    return now - this.#since > PENDING_MAX ? 'unknown' : 'pending'
  }
}
