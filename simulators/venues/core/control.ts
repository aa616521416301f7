import { z } from 'zod'
import { AppError, lotsOf, priceText, quantityText, ticksOf } from '../../../src/kernel/index.ts'
import { type Account, decimalOf } from './accounts.ts'
import { FaultRule } from './faults.ts'
import { json, type SimulatedAnswer, type SimulatedRequest } from './protocol.ts'
import type { VenueSimulator } from './simulator.ts'

/**
 * The control endpoint under `/@control`, for tests and people: GET, POST and DELETE `/faults`, GET `/fired`, GET `/truth`,
 * POST `/rest` and `/take` (somebody else's order in a book), POST `/disconnect`.
 */

const HouseOrder = z.strictObject({
  pair: z.string().max(30),
  side: z.enum(['buy', 'sell']),
  price: z.string().max(40).optional(),
  quantity: z.string().max(40),
})

export function answerControl(simulator: VenueSimulator, request: SimulatedRequest): SimulatedAnswer {
  try {
    return answer(simulator, request)
  } catch (error) {
    if (error instanceof AppError) return json({ error: error.message }, error.status)
    if (error instanceof z.ZodError) {
      const [issue] = error.issues
      return json({ error: `${issue!.path.join('.') || 'body'}: ${issue!.message}` }, 400)
    }
    if (error instanceof SyntaxError) return json({ error: 'body: is JSON' }, 400)
    throw error
  }
}

function answer(simulator: VenueSimulator, { method, path, body }: SimulatedRequest): SimulatedAnswer {
  const { faults } = simulator
  switch (`${method} ${path}`) {
    case 'GET /faults':
      return json(faults.rules)
    case 'POST /faults':
      faults.add(FaultRule.parse(JSON.parse(body)))
      return json(faults.rules, 201)
    case 'DELETE /faults':
      faults.clear()
      return json([])
    case 'GET /fired':
      return json(faults.fired)
    case 'GET /truth':
      return json(simulator.accounts.map(account => truthOf(simulator, account)))
    case 'POST /rest':
    case 'POST /take':
      return json({ id: simulator.house(houseOrder(simulator, body, path === '/take')) }, 201)
    case 'POST /disconnect':
      simulator.disconnectAll('control')
      return json({})
  }
  return json({ error: 'there is nothing here by that name' }, 404)
}

function houseOrder(simulator: VenueSimulator, body: string, isTaking: boolean) {
  const wish = HouseOrder.parse(JSON.parse(body))
  const listed = simulator.exchange.market.instruments.find(({ instrument }) => instrument.pair === wish.pair)
  if (listed === undefined)
    throw new AppError('instrument.unknown', { field: 'pair', rule: 'is listed', value: wish.pair })
  if (!isTaking && wish.price === undefined)
    throw new AppError('request.invalid', { field: 'price', rule: 'is needed by an order that rests' })
  return {
    instrument: listed,
    side: wish.side,
    price: wish.price === undefined ? undefined : ticksOf(listed.instrument, wish.price),
    quantity: lotsOf(listed.instrument, wish.quantity),
    isTaking,
  }
}

/** What is so at the venue, in plain words: for comparing with what a client believes. */
export const truthOf = ({ exchange }: VenueSimulator, account: Account) => ({
  apiKey: account.apiKey,
  balances: Object.fromEntries(
    account.assets.map(asset => [
      asset,
      { free: decimalOf(account.free(asset)), held: decimalOf(account.held(asset)) },
    ]),
  ),
  orders: exchange.ordersOf(account).map(order => ({
    id: order.id,
    clientId: order.clientId,
    pair: order.instrument.instrument.pair,
    side: order.side,
    type: order.type,
    price: order.price === null ? null : priceText(order.instrument.instrument, order.price),
    quantity: quantityText(order.instrument.instrument, order.quantity),
    filled: quantityText(order.instrument.instrument, order.filled),
    state: order.state,
  })),
  fills: exchange.fillsOf(account).map(fill => ({
    id: fill.id,
    order: fill.order.id,
    price: priceText(fill.order.instrument.instrument, fill.price),
    quantity: quantityText(fill.order.instrument.instrument, fill.quantity),
    liquidity: fill.liquidity,
    fee: decimalOf(fill.fee),
    feeAsset: fill.feeAsset,
  })),
})
