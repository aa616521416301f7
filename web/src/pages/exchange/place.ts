import type { AckView, HouseOrderView, Items, NewOrder } from '../../contract.ts'
import { call, get } from '../../session/api.ts'
import type { Problem } from '../../session/problem.ts'

/** What is known of an order that was sent. `missing`: no answer came, and the exchange has no such order. */
export type Outcome =
  | { readonly kind: 'taken'; readonly order: Pick<AckView, 'id' | 'state' | 'filled' | 'quantity' | 'reason'> }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'missing' }

const TRIES = 8
const BETWEEN_MS = 1_500

const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
/** It may have arrived all the same. */
const isUnanswered = ({ status }: Problem): boolean => status === 0 || status >= 500

/**
 * Sends an order once. Its client id says which it is: when no answer comes, the exchange is asked what became of it, and
 * sending the same again is never a second order.
 */
export async function place(order: NewOrder & { clientId: string }, onUnanswered: () => void): Promise<Outcome> {
  try {
    return { kind: 'taken', order: await call<AckView>('POST', '/v1/exchange/orders', order) }
  } catch (error) {
    const problem = error as Problem
    if (!isUnanswered(problem)) return { kind: 'refused', problem }
  }
  onUnanswered()
  for (let tried = 0; tried < TRIES; tried++) {
    await wait(BETWEEN_MS)
    const { instrument, clientId } = order
    const found = await get<Items<HouseOrderView>>('/v1/exchange/orders', { instrument, clientId, state: 'all' }).catch(
      () => undefined,
    )
    if (!found) continue
    const [known] = found.items
    return known ? { kind: 'taken', order: known } : { kind: 'missing' }
  }
  return { kind: 'missing' }
}
