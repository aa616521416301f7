import type { Lots, Ticks } from '../../../kernel/index.ts'
import { holdOf, isOutside } from '../amounts.ts'
import type { AmendOrder, CancelAll, CancelOrder } from '../command.ts'
import type { Refusal } from '../report.ts'
import { amountRefusal, boundsRefusal, isAmendValid } from '../rules.ts'
import { NONE } from './arrays.ts'
import { cancel, canHold, hold, leave, needOf, shrink, trimHold } from './booking.ts'
import { against, type Core, crosses, type Market } from './core.ts'
import { isPostOnlyIn, SIDES, STOP, sideIn, typeIn } from './shape.ts'
import { work } from './taking.ts'

/** The slot of the open order that a command names, of its account, or NONE. */
function namedBy(core: Core, { account, order, clientId }: CancelOrder | AmendOrder): number {
  let id = order
  if (id === 0) {
    const name = clientId === '' ? NONE : core.names.find(account, clientId)
    if (name === NONE) return NONE
    id = core.names.orderOf(name)
  }
  const slot = core.orders.slotOf(id)
  return slot !== NONE && core.orders.account[slot] === account ? slot : NONE
}

export function cancelNamed(core: Core, command: CancelOrder): Refusal {
  if (core.accounts[command.account] === undefined) return 'unknown_account'
  const slot = namedBy(core, command)
  if (slot === NONE) return 'unknown_order'
  cancel(core, slot, 'requested')
  return undefined
}

/** The oldest first. */
export function cancelAll(core: Core, { account: number, instrument, session }: CancelAll): Refusal {
  const { orders } = core
  const account = core.accounts[number]
  if (account === undefined) return 'unknown_account'
  if (instrument !== -1 && core.markets[instrument] === undefined) return 'unknown_instrument'
  for (let slot = account.oldest; slot !== NONE; ) {
    const next = orders.newer[slot]!
    const isMeant =
      (instrument === -1 || orders.market[slot] === instrument) && (session === 0 || orders.session[slot] === session)
    if (isMeant) cancel(core, slot, session === 0 ? 'requested' : 'disconnected')
    slot = next
  }
  return undefined
}

export function amend(core: Core, command: AmendOrder): Refusal {
  const { orders } = core
  const account = core.accounts[command.account]
  if (account === undefined) return 'unknown_account'
  const slot = namedBy(core, command)
  if (slot === NONE) return 'unknown_order'
  const market = core.markets[orders.market[slot]!]!
  const isPlainStop = typeIn(orders.shape[slot]!) === STOP
  if (!isAmendValid(command, !isPlainStop)) return 'invalid'
  if (market.phase === 'halted' || market.phase === 'closed') return 'phase'
  const [wasPrice, wasQuantity, wasOpen] = [orders.price[slot]!, orders.quantity[slot]!, orders.open[slot]!]
  const price = command.price === 0 ? wasPrice : command.price
  const quantity = command.quantity === 0 ? wasQuantity : command.quantity
  const open = quantity - (wasQuantity - wasOpen)
  if (open <= 0) {
    cancel(core, slot, 'requested')
    return undefined
  }

  const keepsPriority = price === wasPrice && quantity <= wasQuantity
  const feePpm = keepsPriority ? orders.feePpm[slot]! : account.takerPpm
  const reason =
    boundsRefusal(market.rules, price, orders.trigger[slot]!, quantity) ??
    amountRefusal(market.rules, price, quantity, feePpm) ??
    (keepsPriority ? undefined : changeRefusal(core, market, slot, price, open, feePpm))
  if (reason !== undefined) return reason

  const isWaiting = orders.isWaiting[slot] === 1
  if (!keepsPriority && !isWaiting) leave(core, market, slot)
  orders.price[slot] = price
  orders.quantity[slot] = quantity
  orders.open[slot] = open
  orders.feePpm[slot] = feePpm
  if (keepsPriority) trimHold(core, market, slot)
  else hold(core, slot, needOf(core, market, slot))
  const [id, number] = [orders.id[slot]!, market.number]
  core.sink.amended(id, command.account, number, isPlainStop ? 0 : price, open, keepsPriority)
  if (isWaiting) return undefined
  if (keepsPriority) shrink(core, market, slot, wasOpen - open)
  else {
    core.sink.shown(id, number, SIDES[sideIn(orders.shape[slot]!)]!, wasPrice, 0, false)
    work(core, market, slot)
  }
  return undefined
}

/** What an amend must hold for that loses priority: it is as if the order were placed now. */
function changeRefusal(core: Core, market: Market, slot: number, price: Ticks, open: Lots, feePpm: number): Refusal {
  const { orders } = core
  const shape = orders.shape[slot]!
  const side = sideIn(shape)
  const isWaiting = orders.isWaiting[slot] === 1
  if (!isWaiting && isOutside(market.reference, market.rules.bandPpm, price)) return 'price_band'
  if (!canHold(core, slot, holdOf(market.rules, SIDES[side]!, price, open, feePpm))) return 'insufficient_funds'
  if (isWaiting || !isPostOnlyIn(shape)) return undefined
  if (market.phase === 'auction') return 'phase'
  const best = against(market, side).bestPrice
  return best > 0 && crosses(side, price, best) ? 'would_cross' : undefined
}
