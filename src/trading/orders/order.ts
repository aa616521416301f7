import {
  assert,
  type Decider,
  type Decision,
  type Lots,
  type Micros,
  type OrderRequest,
  type OrderState,
  refuse,
  type Ticks,
  type VenueFill,
  type VenueReport,
} from '../../kernel/index.ts'

/** Fills of one order; a venue that reports more is broken, and the order is refused further ones. */
const FILLS_PER_ORDER_MAX = 10_000

/** What is known of one order. `state` follows {@link TRANSITIONS}; `before` is what a failed amend or cancel restores. */
export interface Order {
  readonly request: OrderRequest
  readonly state: OrderState
  readonly before: OrderState
  readonly venueOrderId: string | null
  readonly filled: Lots
  /** Sum of price × quantity over the fills, in tick·lots. */
  readonly filledCost: bigint
  /** In units of 10^-notionalScale of the quote asset. */
  readonly fees: bigint
  readonly fillIds: readonly string[]
  /** Events so far: the sequence of its stream. */
  readonly sequence: number
  /** Why it was placed, or why it ended. */
  readonly reason: string | null
  readonly createdAt: Micros
  readonly updatedAt: Micros
}

/** Facts of an order's life; `at` is the time of the input that led to it. */
export type OrderEvent =
  | {
      readonly type: 'order.initialized'
      readonly at: Micros
      readonly request: OrderRequest
      readonly reason: string | null
    }
  | {
      readonly type: 'order.denied'
      readonly at: Micros
      readonly code: string
      readonly details: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'order.submitted'; readonly at: Micros }
  | { readonly type: 'order.unresolved'; readonly at: Micros; readonly reason: string }
  | { readonly type: 'order.accepted'; readonly at: Micros; readonly venueOrderId: string }
  | { readonly type: 'order.rejected'; readonly at: Micros; readonly reason: string }
  | { readonly type: 'order.triggered'; readonly at: Micros }
  | { readonly type: 'order.update_requested'; readonly at: Micros; readonly quantity: Lots; readonly price?: Ticks }
  | { readonly type: 'order.updated'; readonly at: Micros; readonly quantity: Lots; readonly price?: Ticks }
  | { readonly type: 'order.update_rejected'; readonly at: Micros; readonly reason: string }
  | { readonly type: 'order.cancel_requested'; readonly at: Micros }
  | { readonly type: 'order.cancel_rejected'; readonly at: Micros; readonly reason: string }
  | { readonly type: 'order.canceled'; readonly at: Micros; readonly reason: string }
  | { readonly type: 'order.expired'; readonly at: Micros }
  | { readonly type: 'order.partially_filled'; readonly at: Micros; readonly fill: VenueFill }
  | { readonly type: 'order.filled'; readonly at: Micros; readonly fill: VenueFill }

export type OrderCommand =
  | { readonly type: 'initialize'; readonly at: Micros; readonly request: OrderRequest; readonly reason: string | null }
  | {
      readonly type: 'deny'
      readonly at: Micros
      readonly code: string
      readonly details: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'submit'; readonly at: Micros }
  /** The answer to a send is missing or unreadable: nothing is proven. */
  | { readonly type: 'lose_sight'; readonly at: Micros; readonly reason: string }
  | { readonly type: 'request_update'; readonly at: Micros; readonly quantity: Lots; readonly price?: Ticks }
  | { readonly type: 'request_cancel'; readonly at: Micros }
  | { readonly type: 'report'; readonly at: Micros; readonly report: VenueReport }

const PENDING: readonly OrderState[] = [
  'accepted',
  'rejected',
  'canceled',
  'expired',
  'triggered',
  'partially_filled',
  'filled',
]

/**
 * Every legal change of state. After NautilusTrader's published table, with *unknown* instead of its rejection after
 * unanswered retries. A canceled or expired order can still fill: the fill was on its way. Anything else is refused.
 */
export const TRANSITIONS: Readonly<Record<OrderState, readonly OrderState[]>> = {
  initialized: ['denied', 'submitted'],
  denied: [],
  submitted: [
    'unknown',
    'pending_update',
    'pending_cancel',
    'rejected',
    'canceled',
    'accepted',
    'expired',
    'triggered',
    'partially_filled',
    'filled',
  ],
  unknown: ['pending_cancel', ...PENDING],
  accepted: [
    'rejected',
    'pending_update',
    'pending_cancel',
    'canceled',
    'triggered',
    'expired',
    'partially_filled',
    'filled',
  ],
  rejected: [],
  triggered: ['rejected', 'pending_update', 'pending_cancel', 'canceled', 'expired', 'partially_filled', 'filled'],
  pending_update: ['pending_cancel', 'unknown', ...PENDING],
  pending_cancel: ['pending_update', 'unknown', ...PENDING],
  partially_filled: ['pending_update', 'pending_cancel', 'canceled', 'expired', 'partially_filled', 'filled'],
  filled: [],
  canceled: ['partially_filled', 'filled'],
  expired: ['partially_filled', 'filled'],
}

/** No further report is expected, though a late fill may still come for some. */
export const isClosed = (state: OrderState): boolean =>
  state === 'denied' || state === 'rejected' || state === 'filled' || state === 'canceled' || state === 'expired'

export const remainingOf = (order: Order): Lots => order.request.quantity - order.filled

/** The venue is known to have the order, or to have had it, and no answer of ours is awaited. */
const isProven = (state: OrderState): boolean =>
  state === 'accepted' ||
  state === 'triggered' ||
  state === 'partially_filled' ||
  state === 'filled' ||
  state === 'canceled' ||
  state === 'expired'

/** That it triggered is known, or follows from what is known. */
const hasTriggered = ({ state, before }: Order): boolean =>
  state === 'triggered' ||
  (isProven(state) && state !== 'accepted') ||
  ((state === 'pending_update' || state === 'pending_cancel') && before === 'triggered')

const may = (from: OrderState, to: OrderState): boolean => TRANSITIONS[from].includes(to)

const illegal = (order: Order, wish: string): Decision<OrderEvent> =>
  refuse('order.transition_invalid', { state: order.state, wish })

function decide(order: Order | null, command: OrderCommand): Decision<OrderEvent> {
  if (command.type === 'initialize')
    return order === null
      ? [{ type: 'order.initialized', at: command.at, request: command.request, reason: command.reason }]
      : refuse('order.exists', { state: order.state })
  if (order === null) return refuse('order.unknown')
  const { at } = command
  switch (command.type) {
    case 'deny':
      return may(order.state, 'denied')
        ? [{ type: 'order.denied', at, code: command.code, details: command.details }]
        : illegal(order, 'deny')
    case 'submit':
      return order.state === 'initialized' ? [{ type: 'order.submitted', at }] : illegal(order, 'submit')
    case 'lose_sight':
      // A report has proven more than the missing answer could have.
      if (order.state === 'unknown' || isProven(order.state)) return []
      return may(order.state, 'unknown')
        ? [{ type: 'order.unresolved', at, reason: command.reason }]
        : illegal(order, 'lose sight of')
    case 'request_update':
      if (!may(order.state, 'pending_update')) return illegal(order, 'update')
      if (command.quantity <= order.filled)
        return refuse('order.quantity_too_small', { filled: order.filled, quantity: command.quantity })
      return [{ type: 'order.update_requested', at, quantity: command.quantity, price: command.price }]
    case 'request_cancel':
      if (order.state === 'pending_cancel') return []
      return may(order.state, 'pending_cancel') ? [{ type: 'order.cancel_requested', at }] : illegal(order, 'cancel')
    case 'report':
      return decideReport(order, command.report, at)
  }
}

/** A report that says what is known already is harmless: it decides nothing. */
function decideReport(order: Order, report: VenueReport, at: Micros): Decision<OrderEvent> {
  switch (report.type) {
    case 'accepted':
      if (order.venueOrderId !== null) return []
      if (order.state === 'initialized' || order.state === 'denied' || order.state === 'rejected')
        return illegal(order, 'accept')
      return [{ type: 'order.accepted', at, venueOrderId: report.venueOrderId }]
    case 'rejected':
      if (order.state === 'rejected') return []
      return may(order.state, 'rejected')
        ? [{ type: 'order.rejected', at, reason: report.reason }]
        : illegal(order, 'reject')
    case 'triggered':
      if (hasTriggered(order)) return []
      return may(order.state, 'triggered') ? [{ type: 'order.triggered', at }] : illegal(order, 'trigger')
    case 'canceled':
      if (isClosed(order.state)) return []
      return may(order.state, 'canceled')
        ? [{ type: 'order.canceled', at, reason: report.reason }]
        : illegal(order, 'cancel')
    case 'expired':
      if (isClosed(order.state)) return []
      return may(order.state, 'expired') ? [{ type: 'order.expired', at }] : illegal(order, 'expire')
    case 'cancel_rejected':
      return order.state === 'pending_cancel' ? [{ type: 'order.cancel_rejected', at, reason: report.reason }] : []
    case 'updated':
      return decideUpdated(order, report, at)
    case 'update_rejected':
      return order.state === 'pending_update' ? [{ type: 'order.update_rejected', at, reason: report.reason }] : []
    case 'filled':
      return decideFill(order, report.fill, at)
  }
}

function decideUpdated(
  order: Order,
  { quantity, price }: Extract<VenueReport, { type: 'updated' }>,
  at: Micros,
): Decision<OrderEvent> {
  if (order.state === 'initialized') return illegal(order, 'update')
  if (isClosed(order.state)) return []
  const { request } = order
  const isKnown = quantity === request.quantity && (price ?? request.price) === request.price
  if (isKnown && isProven(order.state)) return []
  if (quantity <= 0 || quantity < order.filled)
    return refuse('order.quantity_too_small', { filled: order.filled, quantity })
  return [{ type: 'order.updated', at, quantity, price }]
}

function decideFill(order: Order, fill: VenueFill, at: Micros): Decision<OrderEvent> {
  if (order.fillIds.includes(fill.id)) return []
  const filled = order.filled + fill.quantity
  if (fill.quantity <= 0 || filled > order.request.quantity || order.fillIds.length >= FILLS_PER_ORDER_MAX)
    return refuse('order.overfilled', { filled: order.filled, fill: fill.quantity, quantity: order.request.quantity })
  const complete = filled === order.request.quantity
  if (!may(order.state, complete ? 'filled' : 'partially_filled')) return illegal(order, 'fill')
  return [{ type: complete ? 'order.filled' : 'order.partially_filled', at, fill }]
}

function evolve(order: Order | null, event: OrderEvent): Order {
  if (event.type === 'order.initialized')
    return {
      request: event.request,
      state: 'initialized',
      before: 'initialized',
      venueOrderId: null,
      filled: 0,
      filledCost: 0n,
      fees: 0n,
      fillIds: [],
      sequence: 1,
      reason: event.reason,
      createdAt: event.at,
      updatedAt: event.at,
    }
  assert(order !== null, `${event.type} before order.initialized`)
  switch (event.type) {
    case 'order.denied':
      return moved(order, 'denied', event.at, event.code)
    case 'order.submitted':
      return moved(order, 'submitted', event.at)
    case 'order.unresolved':
      return moved(order, 'unknown', event.at, event.reason)
    case 'order.accepted':
      // An acknowledgement that arrives after a fill or a cancel request says nothing new about the state, but a failed
      // amend or cancel now goes back to accepted.
      return {
        ...moved(order, settles(order.state) ? 'accepted' : order.state, event.at),
        before: settles(order.before) ? 'accepted' : order.before,
        venueOrderId: event.venueOrderId,
      }
    case 'order.rejected':
      return moved(order, 'rejected', event.at, event.reason)
    case 'order.triggered':
      return moved(order, 'triggered', event.at)
    case 'order.update_requested':
      return { ...moved(order, 'pending_update', event.at), before: resting(order) }
    case 'order.updated':
      return {
        ...moved(order, updated(order), event.at),
        request: { ...order.request, quantity: event.quantity, price: event.price ?? order.request.price },
      }
    case 'order.update_rejected':
    case 'order.cancel_rejected':
      return moved(order, order.before, event.at)
    case 'order.cancel_requested':
      return { ...moved(order, 'pending_cancel', event.at), before: resting(order) }
    case 'order.canceled':
      return moved(order, 'canceled', event.at, event.reason)
    case 'order.expired':
      return moved(order, 'expired', event.at)
    case 'order.partially_filled':
      return filled(order, event.fill, isClosed(order.state) ? order.state : 'partially_filled', event.at)
    case 'order.filled':
      return filled(order, event.fill, 'filled', event.at)
  }
}

const settles = (state: OrderState): boolean => state === 'submitted' || state === 'unknown'

/** The state after an amend went through, which also proves that the venue has the order. */
const updated = ({ state, before }: Order): OrderState => {
  if (state === 'pending_update') return settles(before) ? 'accepted' : before
  return settles(state) ? 'accepted' : state
}

/** The state that a failed amend or cancel goes back to, also when both are pending one after the other. */
const resting = (order: Order): OrderState =>
  order.state === 'pending_update' || order.state === 'pending_cancel' ? order.before : order.state

const moved = (order: Order, state: OrderState, at: Micros, reason: string | null = order.reason): Order => ({
  request: order.request,
  state,
  before: order.before,
  venueOrderId: order.venueOrderId,
  filled: order.filled,
  filledCost: order.filledCost,
  fees: order.fees,
  fillIds: order.fillIds,
  sequence: order.sequence + 1,
  reason,
  createdAt: order.createdAt,
  updatedAt: at,
})

const filled = (order: Order, fill: VenueFill, state: OrderState, at: Micros): Order => ({
  request: order.request,
  state,
  before: order.before,
  venueOrderId: order.venueOrderId,
  filled: order.filled + fill.quantity,
  filledCost: order.filledCost + BigInt(fill.price) * BigInt(fill.quantity),
  fees: order.fees + fill.fee,
  fillIds: order.fillIds.length === 0 ? [fill.id] : [...order.fillIds, fill.id],
  sequence: order.sequence + 1,
  reason: order.reason,
  createdAt: order.createdAt,
  updatedAt: at,
})

/** The life of an order: `decide(order, command) → events | refusal`, `evolve(order, event) → order`. */
export const orderDecider: Decider<Order | null, OrderCommand, OrderEvent> = { initial: null, decide, evolve }
