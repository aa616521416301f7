import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scenarios } from '../../kernel/fake.ts'
import {
  accepted,
  fold,
  type InstrumentId,
  isRefusal,
  ORDER_STATES,
  type OrderId,
  type OrderRequest,
  type OrderState,
  type VenueFill,
  type VenueReport,
} from '../../kernel/index.ts'
import { type Order, type OrderCommand, type OrderEvent, orderDecider, TRANSITIONS } from './order.ts'

const { given } = scenarios(orderDecider)

const id = 'run-1' as OrderId
const request: OrderRequest = {
  id,
  instrument: 'paper:XRP/USD' as InstrumentId,
  side: 'buy',
  type: 'stop_limit',
  timeInForce: 'gtc',
  quantity: 10,
  price: 105,
  triggerPrice: 100,
}
const fill = (name: string, quantity: number, fee = 3n): VenueFill => ({
  id: name,
  price: 101,
  quantity,
  liquidity: 'taker',
  fee,
})

// Events of a life, each at its own time so that a mix-up shows.
const initialized: OrderEvent = { type: 'order.initialized', at: 1, request, reason: 'why' }
const denied: OrderEvent = { type: 'order.denied', at: 2, code: 'risk.no_price', details: {} }
const submitted: OrderEvent = { type: 'order.submitted', at: 2 }
const lost: OrderEvent = { type: 'order.unresolved', at: 3, reason: 'timeout' }
const taken: OrderEvent = { type: 'order.accepted', at: 4, venueOrderId: 'V1' }
const rejected: OrderEvent = { type: 'order.rejected', at: 5, reason: 'no' }
const triggered: OrderEvent = { type: 'order.triggered', at: 5 }
const updateAsked: OrderEvent = { type: 'order.update_requested', at: 6, quantity: 8, price: 104 }
const cancelAsked: OrderEvent = { type: 'order.cancel_requested', at: 7 }
const partly: OrderEvent = { type: 'order.partially_filled', at: 8, fill: fill('f1', 4) }
const wholly: OrderEvent = { type: 'order.filled', at: 9, fill: fill('f9', 10) }
const canceled: OrderEvent = { type: 'order.canceled', at: 10, reason: 'requested' }
const expired: OrderEvent = { type: 'order.expired', at: 10 }

const live = [initialized, submitted, taken]
/** How every state is reached. */
const REACHED: Readonly<Record<OrderState, readonly OrderEvent[]>> = {
  initialized: [initialized],
  denied: [initialized, denied],
  submitted: [initialized, submitted],
  unknown: [initialized, submitted, lost],
  accepted: live,
  rejected: [initialized, submitted, rejected],
  triggered: [...live, triggered],
  pending_update: [...live, updateAsked],
  pending_cancel: [...live, cancelAsked],
  partially_filled: [...live, partly],
  filled: [...live, wholly],
  canceled: [...live, canceled],
  expired: [...live, expired],
}

const report = (data: VenueReport): OrderCommand => ({ type: 'report', at: 20, report: data })
const says = {
  accepted: report({ type: 'accepted', order: id, venueOrderId: 'V1', at: 20 }),
  rejected: report({ type: 'rejected', order: id, reason: 'no', at: 20 }),
  triggered: report({ type: 'triggered', order: id, at: 20 }),
  canceled: report({ type: 'canceled', order: id, reason: 'requested', at: 20 }),
  expired: report({ type: 'expired', order: id, at: 20 }),
  cancelRejected: report({ type: 'cancel_rejected', order: id, reason: 'too late', at: 20 }),
  updateRejected: report({ type: 'update_rejected', order: id, reason: 'too late', at: 20 }),
  updated: (quantity: number, price?: number) => report({ type: 'updated', order: id, quantity, price, at: 20 }),
  filled: (name: string, quantity: number, fee = 3n) =>
    report({ type: 'filled', order: id, fill: fill(name, quantity, fee), at: 20 }),
}
const asks = {
  deny: { type: 'deny', at: 20, code: 'risk.no_price', details: {} },
  submit: { type: 'submit', at: 20 },
  loseSight: { type: 'lose_sight', at: 20, reason: 'timeout' },
  update: { type: 'request_update', at: 20, quantity: 8, price: 104 },
  cancel: { type: 'request_cancel', at: 20 },
} as const satisfies Record<string, OrderCommand>

const stateOf = (events: readonly OrderEvent[]): Order => fold(orderDecider, events)!
const become = (events: readonly OrderEvent[], ...commands: readonly OrderCommand[]): Order =>
  commands.reduce((order, command) => {
    const decision = orderDecider.decide(order, command)
    return isRefusal(decision) ? order : fold(orderDecider, decision, order)!
  }, stateOf(events))

/**
 * The published table (NautilusTrader), with *unknown* in place of its rejection after unanswered retries. Written out
 * here by hand, not taken from the code.
 */
const LEGAL: Readonly<Record<OrderState, readonly OrderState[]>> = {
  initialized: ['denied', 'submitted'],
  denied: [],
  submitted: [
    ...(['unknown', 'pending_update', 'pending_cancel', 'rejected', 'canceled', 'accepted'] as const),
    ...(['expired', 'triggered', 'partially_filled', 'filled'] as const),
  ],
  unknown: [
    ...(['pending_cancel', 'accepted', 'rejected', 'canceled', 'expired', 'triggered'] as const),
    ...(['partially_filled', 'filled'] as const),
  ],
  accepted: [
    ...(['rejected', 'pending_update', 'pending_cancel', 'canceled', 'triggered', 'expired'] as const),
    ...(['partially_filled', 'filled'] as const),
  ],
  rejected: [],
  triggered: [
    ...(['rejected', 'pending_update', 'pending_cancel', 'canceled', 'expired'] as const),
    ...(['partially_filled', 'filled'] as const),
  ],
  pending_update: [
    ...(['unknown', 'pending_cancel', 'rejected', 'canceled', 'expired', 'triggered'] as const),
    ...(['accepted', 'partially_filled', 'filled'] as const),
  ],
  pending_cancel: [
    ...(['unknown', 'pending_update', 'rejected', 'canceled', 'expired', 'triggered'] as const),
    ...(['accepted', 'partially_filled', 'filled'] as const),
  ],
  partially_filled: ['pending_update', 'pending_cancel', 'canceled', 'expired', 'partially_filled', 'filled'],
  filled: [],
  canceled: ['partially_filled', 'filled'],
  expired: ['partially_filled', 'filled'],
}

/** What brings an order to a state. The rest of a partly filled order is 6. */
const toward = (to: OrderState, order: Order): OrderCommand => {
  switch (to) {
    case 'initialized':
      return { type: 'initialize', at: 20, request, reason: null }
    case 'denied':
      return asks.deny
    case 'submitted':
      return asks.submit
    case 'unknown':
      return asks.loseSight
    case 'pending_update':
      return asks.update
    case 'pending_cancel':
      return asks.cancel
    case 'partially_filled':
      return says.filled('f2', 2)
    case 'filled':
      return says.filled('f2', 10 - order.filled)
    default:
      return says[to]
  }
}

/** Where the state reached is not the one that was named, and why. */
const INSTEAD: Readonly<Record<string, OrderState>> = {
  'canceled → partially_filled': 'canceled', // a late part of a canceled order leaves it canceled
  'expired → partially_filled': 'expired',
}
/** What says nothing new is no refusal: it decides nothing. */
const HARMLESS = new Set([
  ...(['accepted', 'partially_filled', 'filled', 'canceled', 'expired'] as const).map(from => `${from} → accepted`),
  ...(['unknown', 'accepted', 'triggered', 'partially_filled', 'filled', 'canceled', 'expired'] as const).map(
    from => `${from} → unknown`,
  ),
  ...(['triggered', 'partially_filled', 'filled', 'canceled', 'expired'] as const).map(from => `${from} → triggered`),
  ...(['denied', 'rejected', 'filled', 'canceled', 'expired'] as const).flatMap(from => [
    `${from} → canceled`,
    `${from} → expired`,
  ]),
  'rejected → rejected',
  'triggered → accepted',
  'pending_update → accepted', // of the orders above: acknowledged already
  'pending_cancel → accepted',
  'pending_cancel → pending_cancel',
])

describe('every pair of states', () => {
  const pairs = ORDER_STATES.flatMap(from => ORDER_STATES.map(to => [from, to] as const))

  test.each(pairs)('%s → %s', (from, to) => {
    const order = stateOf(REACHED[from])
    expect(order.state).toBe(from)
    const decision = orderDecider.decide(order, toward(to, order))
    const pair = `${from} → ${to}`
    if (to === 'initialized') expect(decision).toMatchObject({ refused: 'order.exists' })
    else if (HARMLESS.has(pair)) expect(decision).toEqual([])
    else if (LEGAL[from].includes(to)) {
      const next = fold(orderDecider, accepted(decision), order)!
      expect(next.state).toBe(INSTEAD[pair] ?? to)
      expect(next.sequence).toBe(order.sequence + 1)
    } else if (to === 'partially_filled' || to === 'filled')
      expect(decision).toHaveProperty('refused', expect.stringMatching(/^order\.(transition_invalid|overfilled)$/))
    else expect(decision).toMatchObject({ refused: 'order.transition_invalid' })
  })

  test('the table in the code is the published one', () => {
    for (const from of ORDER_STATES)
      expect([from, [...TRANSITIONS[from]].sort()]).toEqual([from, [...LEGAL[from]].sort()])
  })

  test('nothing but a beginning can happen to an order that is not there', () => {
    given().when(asks.submit).thenRefused('order.unknown')
    given().when(says.filled('f1', 1)).thenRefused('order.unknown')
    given().when({ type: 'initialize', at: 1, request, reason: 'why' }).then(initialized)
  })
})

describe('unknown: a send without an answer proves nothing', () => {
  test('it is reached from a send and from a pending amend or cancel, and told once', () => {
    given(initialized, submitted).when(asks.loseSight).then({ type: 'order.unresolved', at: 20, reason: 'timeout' })
    given(...live, cancelAsked)
      .when(asks.loseSight)
      .then({ type: 'order.unresolved', at: 20, reason: 'timeout' })
    given(initialized, submitted, lost).when(asks.loseSight).then()
  })

  test('a time-out that comes after the venue reported changes nothing', () => {
    given(...live)
      .when(asks.loseSight)
      .then()
    given(...live, partly)
      .when(asks.loseSight)
      .then()
  })

  test('it is never sent again', () => {
    given(initialized, submitted, lost).when(asks.submit).thenRefused('order.transition_invalid')
  })

  test.each([
    ['accepted', says.accepted, 'accepted'],
    ['rejected', says.rejected, 'rejected'],
    ['triggered', says.triggered, 'triggered'],
    ['canceled', says.canceled, 'canceled'],
    ['expired', says.expired, 'expired'],
    ['a part filled', says.filled('f1', 4), 'partially_filled'],
    ['all filled', says.filled('f1', 10), 'filled'],
    ['updated: so it is there', says.updated(8), 'accepted'],
    ['a refused cancel proves nothing', says.cancelRejected, 'unknown'],
  ] as const)('a report settles it: %s', (_, command, state) => {
    expect(become(REACHED.unknown, command).state).toBe(state)
  })

  test('it may be canceled; when that fails it is unknown as before, unless it was acknowledged meanwhile', () => {
    expect(become(REACHED.unknown, asks.cancel, says.cancelRejected).state).toBe('unknown')
    expect(become(REACHED.unknown, asks.cancel, says.accepted, says.cancelRejected).state).toBe('accepted')
  })
})

describe('reports that come late, twice or out of order', () => {
  test('a second acknowledgement decides nothing', () => {
    given(...live)
      .when(says.accepted)
      .then()
  })

  test('a fill is booked once by its id', () => {
    given(...live, partly)
      .when(says.filled('f1', 4))
      .then()
    given(...live, partly, canceled)
      .when(says.filled('f1', 4))
      .then()
  })

  test('a fill may come before the acknowledgement, which then adds the venue’s id alone', () => {
    const order = become(REACHED.submitted, says.filled('f1', 4), says.accepted)
    expect([order.state, order.filled, order.venueOrderId]).toEqual(['partially_filled', 4, 'V1'])
    const whole = become(REACHED.submitted, says.filled('f1', 10), says.accepted)
    expect([whole.state, whole.filled, whole.venueOrderId]).toEqual(['filled', 10, 'V1'])
  })

  test('a late fill of a canceled or expired order is booked; a part leaves it closed, the whole fills it', () => {
    for (const [closed, state] of [
      [canceled, 'canceled'],
      [expired, 'expired'],
    ] as const) {
      const part = become([...live, partly, closed], says.filled('f2', 2))
      expect([part.state, part.filled, part.fees]).toEqual([state, 6, 6n])
      const whole = become([...live, partly, closed], says.filled('f2', 6))
      expect([whole.state, whole.filled, whole.fees]).toEqual(['filled', 10, 6n])
    }
  })

  test('a cancel that is reported after the order filled changes nothing', () => {
    given(...live, wholly)
      .when(says.canceled)
      .then()
    given(...live, cancelAsked, wholly)
      .when(says.cancelRejected)
      .then()
  })

  test('a rejection of an order that has been acknowledged as closed or partly filled contradicts', () => {
    given(...live, partly)
      .when(says.rejected)
      .thenRefused('order.transition_invalid')
    given(...live, canceled)
      .when(says.rejected)
      .thenRefused('order.transition_invalid')
  })

  test('a trigger told twice while a cancel is pending leaves the cancel pending', () => {
    expect(become([...live, triggered], asks.cancel, says.triggered).state).toBe('pending_cancel')
  })
})

describe('amending and canceling', () => {
  test.each(['accepted', 'triggered', 'partially_filled'] as const)('a failure restores %s', state => {
    expect(become(REACHED[state], asks.cancel, says.cancelRejected).state).toBe(state)
    expect(become(REACHED[state], asks.update, says.updateRejected).state).toBe(state)
  })

  test('also when both are pending: the second failure restores what was before the first', () => {
    expect(become(REACHED.triggered, asks.update, asks.cancel, says.cancelRejected).state).toBe('triggered')
    expect(become(REACHED.triggered, asks.cancel, asks.update, says.updateRejected).state).toBe('triggered')
  })

  test('a cancel that fails after the acknowledgement came leaves an accepted order, not a submitted one', () => {
    expect(become(REACHED.submitted, asks.cancel, says.cancelRejected).state).toBe('submitted')
    expect(become(REACHED.submitted, asks.cancel, says.accepted, says.cancelRejected).state).toBe('accepted')
    expect(become(REACHED.submitted, asks.update, says.accepted, says.updateRejected).state).toBe('accepted')
  })

  test('a failure that is told when nothing is pending is ignored', () => {
    given(...live)
      .when(says.cancelRejected)
      .then()
    given(...live)
      .when(says.updateRejected)
      .then()
  })

  test('an amend changes quantity and price, and goes back to the state before', () => {
    const order = become(REACHED.partially_filled, asks.update, says.updated(8, 104))
    expect([order.state, order.request.quantity, order.request.price]).toEqual(['partially_filled', 8, 104])
    expect(become(REACHED.submitted, asks.update, says.updated(8)).state).toBe('accepted')
  })

  test('the same amend told again decides nothing', () => {
    expect(
      orderDecider.decide(become(REACHED.accepted, asks.update, says.updated(8, 104)), says.updated(8, 104)),
    ).toEqual([])
    given(...live, canceled)
      .when(says.updated(8))
      .then()
  })

  test('no amend goes below what has filled', () => {
    given(...live, partly)
      .when({ ...asks.update, quantity: 4 })
      .thenRefused('order.quantity_too_small', { filled: 4, quantity: 4 })
    given(...live, partly)
      .when(says.updated(3))
      .thenRefused('order.quantity_too_small', { filled: 4, quantity: 3 })
  })
})

describe('fills', () => {
  test('a part and then the rest', () => {
    const order = become(live, says.filled('a', 4, 5n), says.filled('b', 6, 7n))
    expect([order.state, order.filled, order.fees, order.filledCost]).toEqual(['filled', 10, 12n, 1010n])
    expect(order.fillIds).toEqual(['a', 'b'])
  })

  test('more than was ordered is refused, with the numbers', () => {
    given(...live, partly)
      .when(says.filled('f2', 7))
      .thenRefused('order.overfilled', { filled: 4, fill: 7, quantity: 10 })
    given(...live)
      .when(says.filled('f2', 0))
      .thenRefused('order.overfilled')
    given(...live, wholly)
      .when(says.filled('f2', 1))
      .thenRefused('order.overfilled')
  })

  test('an order that was denied or rejected cannot fill', () => {
    given(initialized, denied).when(says.filled('f1', 1)).thenRefused('order.transition_invalid')
    given(initialized, submitted, rejected).when(says.filled('f1', 1)).thenRefused('order.transition_invalid')
  })
})

type Filled = { report: Extract<VenueReport, { type: 'filled' }> }

/** Any command after submission, with few fill ids so that duplicates happen. */
const anyCommand = fc.oneof(
  fc.constantFrom<OrderCommand>(
    says.accepted,
    says.triggered,
    says.canceled,
    says.expired,
    says.rejected,
    says.cancelRejected,
    says.updateRejected,
    asks.cancel,
    asks.update,
    asks.loseSight,
    asks.submit,
    asks.deny,
  ),
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 7 })).map(([n, q]) => says.filled(`f${n}`, q)),
  fc.integer({ min: 1, max: 14 }).map(quantity => says.updated(quantity)),
)

test('whatever is reported in whatever order, an order stays legal and never holds more than was ordered', () => {
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 40 }), commands => {
      let order = stateOf(REACHED.submitted)
      let events = 2
      let submissions = 0
      for (const command of commands) {
        const decision = orderDecider.decide(order, command)
        if (isRefusal(decision)) continue
        events += decision.length
        submissions += decision.filter(event => event.type === 'order.submitted').length
        const next = fold(orderDecider, decision, order)!
        if (next.state !== order.state && command.type !== 'report')
          expect(TRANSITIONS[order.state]).toContain(next.state)
        order = next
        expect(ORDER_STATES).toContain(order.state)
        expect(order.filled).toBeLessThanOrEqual(order.request.quantity)
        expect(order.sequence).toBe(events)
        expect(new Set(order.fillIds).size).toBe(order.fillIds.length)
        if (order.state === 'filled') expect(order.filled).toBe(order.request.quantity)
      }
      expect(submissions).toBe(0)
    }),
    { numRuns: 500 },
  )
})

test('the same reports in any order, with any duplicates, fill the order to the same quantity and fees', () => {
  const parts = fc
    .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 })
    .map(sizes => sizes.map((quantity, i) => says.filled(`f${i}`, quantity, BigInt(i * i + 1))))
  const noise = fc.array(fc.constantFrom(says.accepted, says.triggered, says.canceled, says.expired), { maxLength: 5 })
  fc.assert(
    fc.property(
      fc.tuple(parts, noise).chain(([fills, others]) => {
        const all = [...fills, ...others]
        return fc.tuple(fc.constant(fills), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }))
      }),
      ([fills, reports]) => {
        const sizes = fills.map(command => (command as Filled).report.fill)
        const quantity = sizes.reduce((sum, one) => sum + one.quantity, 0)
        const fees = sizes.reduce((sum, one) => sum + one.fee, 0n)
        const start: OrderEvent[] = [{ ...initialized, request: { ...request, quantity } }, submitted]
        const order = become(start, ...reports)
        expect([order.state, order.filled, order.fees]).toEqual(['filled', quantity, fees])
      },
    ),
    { numRuns: 300 },
  )
})
