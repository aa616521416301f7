import type { Instrument, InstrumentId, Micros, OrderId, VenueReport } from '../../kernel/index.ts'
import { priceText, quantityText } from '../../kernel/index.ts'
import type { VenueExecution, VenueOrder } from '../../venues/index.ts'
import { isClosed, type Order } from '../orders/order.ts'

/** What is ours of one venue, as it stood when the venue was asked. */
export interface OurSide {
  readonly orders: readonly Order[]
  /** Fills that are booked, as `<instrument> <fill id>`. */
  readonly booked: ReadonlySet<string>
  /** Which of our orders, open or closed, a venue's order is. */
  orderOf(instrument: InstrumentId, venueOrderId: string, clientId: string | null): OrderId | null
}

/** What the venue said. */
export interface TheirSide {
  /** Every order of ours that was asked about by name, and every open one. Null: the venue says that it has none such. */
  readonly orders: ReadonlyMap<OrderId, VenueOrder | null>
  /** Open orders that are not ours. */
  readonly foreign: readonly VenueOrder[]
  readonly fills: readonly VenueExecution[]
}

export type Classification =
  | 'acknowledgement_lost'
  | 'never_arrived'
  | 'end_missed'
  | 'cancel_lost'
  | 'amend_settled'
  | 'fill_missed'
  | 'order_vanished'
  | 'quantity_differs'
  | 'external_order'
  | 'external_fill'
  | 'balance_differs'
  | 'fee_differs'

/** One difference between our books and the venue's, and what follows from it. */
export interface Finding {
  readonly kind: 'order' | 'fill' | 'balance'
  readonly classification: Classification
  /** `corrected`: by the reports; `noted`: it is nobody's fault; `escalated`: a person must look. */
  readonly action: 'corrected' | 'noted' | 'escalated'
  readonly subject: string
  readonly ours: string
  readonly theirs: string
  readonly explanation: string
  /** What the node is told: the same as if the venue had said it by stream. */
  readonly reports: readonly VenueReport[]
}

export interface CompareRules {
  readonly now: Micros
  /** A request that stayed unanswered for longer than this can no longer be accepted. */
  readonly requestValid: Micros
  readonly instrument: (id: InstrumentId) => Instrument
  readonly fillReport: (order: OrderId, fill: VenueExecution) => VenueReport
}

export const fillKey = (instrument: string, fill: string): string => `${instrument} ${fill}`

/**
 * Compares our books with a venue's. Pure: the same sides give the same findings, in an order in which their reports can
 * be applied: acknowledgements, then fills, then ends.
 */
export function compare(ours: OurSide, theirs: TheirSide, rules: CompareRules): Finding[] {
  const begins: Finding[] = []
  const ends: Finding[] = []
  for (const order of ours.orders) {
    const found = theirs.orders.get(order.request.id)
    if (found === undefined) continue
    const finding = found === null ? missing(order, rules) : differing(order, found, rules)
    begins.push(...finding.filter(one => one.classification === 'acknowledgement_lost'))
    ends.push(...finding.filter(one => one.classification !== 'acknowledgement_lost'))
  }
  const fills = theirs.fills.flatMap(fill => unbooked(ours, fill, rules))
  const foreign = theirs.foreign.map(order => external(order, rules))
  return [...begins, ...fills, ...ends, ...foreign]
}

/** The venue has no such order. That is an end only where it can have none any more. */
function missing(order: Order, { now, requestValid }: CompareRules): Finding[] {
  const { id } = order.request
  if (order.venueOrderId !== null)
    return [
      {
        kind: 'order',
        classification: 'order_vanished',
        action: 'escalated',
        subject: id,
        ours: order.state,
        theirs: 'no such order',
        explanation: 'The venue acknowledged this order and now says that it has none such.',
        reports: [],
      },
    ]
  if (now - order.createdAt <= requestValid) return []
  const reason = 'never arrived: the venue has no such order, and takes no request that old'
  return [
    {
      kind: 'order',
      classification: 'never_arrived',
      action: 'corrected',
      subject: id,
      ours: order.state,
      theirs: 'no such order',
      explanation: 'The order was sent or meant to be sent, and the venue has never had it: it is over.',
      reports: [{ type: 'rejected', order: id, reason, at: now }],
    },
  ]
}

function differing(order: Order, found: VenueOrder, rules: CompareRules): Finding[] {
  const { id, quantity } = order.request
  const findings: Finding[] = []
  const instrument = rules.instrument(order.request.instrument)
  const theirs = `${found.state}, ${quantityText(instrument, found.filled)} of ${quantityText(instrument, found.quantity)} filled`
  const base = { kind: 'order' as const, subject: id, ours: order.state, theirs }
  if (order.venueOrderId === null && found.state !== 'rejected')
    findings.push({
      ...base,
      classification: 'acknowledgement_lost',
      action: 'corrected',
      explanation: 'The venue has the order; its acknowledgement did not reach us.',
      reports: [{ type: 'accepted', order: id, venueOrderId: found.venueOrderId, at: found.at }],
    })
  const end = endOf(order, found)
  if (end !== null)
    findings.push({
      ...base,
      classification: 'end_missed',
      action: 'corrected',
      explanation: 'The order is over at the venue; the news of it did not reach us.',
      reports: [end],
    })
  const isLate = rules.now - order.updatedAt > rules.requestValid
  if (found.state === 'open' && isLate && order.state === 'pending_cancel')
    findings.push({
      ...base,
      classification: 'cancel_lost',
      action: 'corrected',
      explanation: 'The order still works at the venue: the wish to cancel it never arrived.',
      reports: [{ type: 'cancel_rejected', order: id, reason: 'the cancel never arrived', at: rules.now }],
    })
  if (found.state === 'open' && isLate && order.state === 'pending_update')
    findings.push({
      ...base,
      classification: 'amend_settled',
      action: 'corrected',
      explanation: 'What became of an amend was not told: the order is as it stands at the venue.',
      reports: [
        { type: 'updated', order: id, quantity: found.quantity, price: found.price ?? undefined, at: rules.now },
      ],
    })
  if (found.state === 'open' && found.quantity !== quantity && order.state !== 'pending_update')
    findings.push({
      ...base,
      classification: 'quantity_differs',
      action: 'escalated',
      explanation: 'The order stands at the venue with another quantity than we know.',
      reports: [],
    })
  return findings
}

/** What ended an order that is open here; one that is filled is told by its fills. */
function endOf(order: Order, found: VenueOrder): VenueReport | null {
  if (isClosed(order.state)) return null
  const { id } = order.request
  const reason = found.reason ?? found.state
  if (found.state === 'canceled') return { type: 'canceled', order: id, reason, at: found.at }
  if (found.state === 'expired') return { type: 'expired', order: id, at: found.at }
  if (found.state === 'rejected') return { type: 'rejected', order: id, reason, at: found.at }
  return null
}

function unbooked(ours: OurSide, fill: VenueExecution, rules: CompareRules): Finding[] {
  if (ours.booked.has(fillKey(fill.instrument, fill.id))) return []
  const order = ours.orderOf(fill.instrument, fill.venueOrderId, fill.clientId)
  const instrument = rules.instrument(fill.instrument)
  const theirs = `${fill.side} ${quantityText(instrument, fill.quantity)} at ${priceText(instrument, fill.price)}`
  const base = { kind: 'fill' as const, subject: `${fill.instrument}/${fill.id}`, ours: 'nothing', theirs }
  if (order === null)
    return [
      {
        ...base,
        classification: 'external_fill',
        action: 'noted',
        explanation: 'A fill of an order that was not placed here: by hand, or by another program on the same account.',
        reports: [],
      },
    ]
  return [
    {
      ...base,
      classification: 'fill_missed',
      action: 'corrected',
      explanation: 'The venue filled our order; the news of it did not reach us.',
      reports: [rules.fillReport(order, fill)],
    },
  ]
}

function external(order: VenueOrder, rules: CompareRules): Finding {
  const instrument = rules.instrument(order.instrument)
  const price = order.price === null ? 'the market' : priceText(instrument, order.price)
  return {
    kind: 'order',
    classification: 'external_order',
    action: 'noted',
    subject: `${order.instrument}/${order.venueOrderId}`,
    ours: 'nothing',
    theirs: `${order.side} ${quantityText(instrument, order.quantity)} at ${price}`,
    explanation: 'An open order that was not placed here. It is left alone.',
    reports: [],
  }
}
