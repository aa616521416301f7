import { AppError, type OrderId, type OrderRequest, type Timers } from '../../src/kernel/index.ts'
import { type Connector, fillReport, type OrderRef, type Outcome, type Venue } from '../../src/venues/index.ts'

/** How often anything is tried before its failure is believed: through the longest ban, which is Kraken's quarter of an hour. */
const ATTEMPTS_MAX = 80
const RETRY_MIN_MS = 1_500
const RETRY_MAX_MS = 30_000
/** On top of how long a venue takes a request: our clock and theirs differ. */
const VALID_MARGIN_MS = 5_000
/** Reports from before a private stream was complete are asked for this far back. */
const LOOKBACK_US = 600_000_000

export interface Patience {
  readonly connector: Connector
  readonly timers: Timers
  readonly now: () => number
  /** Whether a fault has happened since then, or may still be at work. */
  readonly isTroubled: (since: number) => boolean
}

const backoffMs = (attempt: number) => Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (attempt - 1))

/**
 * A venue as the platform uses it, which is what a fault has to be survived by: what was not answered is asked again; an
 * order of which nothing is known is asked for by its own id, and placed again once the venue can no longer accept the first
 * one; what a fault refused is tried again; and when the account's stream is back, what it missed is asked for.
 */
export function patient({ connector, timers, now, isTroubled }: Patience): Venue {
  const { requestValidForMs } = connector.capabilities
  const placed = new Map<OrderId, OrderRequest>()
  const wait = (ms: number) => new Promise<void>(resolve => timers.after(ms, resolve))

  async function ask<T>(question: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++)
      try {
        return await question()
      } catch (error) {
        if (!(error instanceof AppError) || !error.code.startsWith('venue.') || attempt >= ATTEMPTS_MAX) throw error
        await wait(backoffMs(attempt))
      }
  }

  /** `settle` finds out what became of an unknown one; null when nothing did. */
  async function change(run: () => Promise<Outcome>, settle: (sentAt: number) => Promise<Outcome | null>) {
    for (let attempt = 1; ; attempt++) {
      const sentAt = now()
      const outcome = await run()
      if (outcome.type === 'accepted' || attempt >= ATTEMPTS_MAX) return outcome
      // What our own limits held back was never asked of the venue.
      const isHeldBack = outcome.type === 'rejected' && outcome.reason.startsWith('not sent')
      if (outcome.type === 'rejected' && !isHeldBack && !isTroubled(sentAt)) return outcome
      const settled = outcome.type === 'unknown' ? await settle(sentAt) : null
      if (settled !== null) return settled
      await wait(backoffMs(attempt))
    }
  }

  const order = (ref: OrderRef) => ask(() => connector.order(ref))
  const accepted = (venueOrderId: string | null): Outcome => ({ type: 'accepted', venueOrderId, at: now() })

  /** The order may still be on its way as long as the venue would take it. */
  async function find(ref: OrderRef, sentAt: number): Promise<Outcome | null> {
    const found = await order(ref)
    if (found !== null) return accepted(found.venueOrderId)
    const validForMs = requestValidForMs + VALID_MARGIN_MS - (now() - sentAt) / 1_000
    if (validForMs > 0) await wait(validForMs)
    const late = validForMs > 0 ? await order(ref) : null
    return late === null ? null : accepted(late.venueOrderId)
  }

  /** What the account's stream has missed, told as reconciliation tells it. */
  async function catchUp(onReport: Parameters<Venue['watch']>[1]['onReport']): Promise<void> {
    const instruments = await ask(() => connector.instruments())
    for (const instrument of instruments.filter(({ id }) => [...placed.values()].some(one => one.instrument === id))) {
      const fills = await ask(() => connector.fills(instrument.id, now() - LOOKBACK_US))
      for (const fill of fills) {
        const whose = connector.whose(fill)
        if (whose !== null) onReport(fillReport(instrument, whose, fill))
      }
    }
    for (const request of placed.values()) {
      const found = await order({ order: request.id, instrument: request.instrument, venueOrderId: null })
      if (found?.state === 'canceled' || found?.state === 'expired')
        onReport({ type: 'canceled', order: request.id, reason: 'found', at: found.at })
    }
  }

  return {
    name: connector.name,
    capabilities: connector.capabilities,
    instruments: refresh => ask(() => connector.instruments(refresh)),
    fees: ids => ask(() => connector.fees(ids)),
    book: (id, depth) => ask(() => connector.book(id, depth)),
    trades: (id, limit) => ask(() => connector.trades(id, limit)),
    ticker: id => ask(() => connector.ticker(id)),
    candles: (...given) => ask(() => connector.candles(...given)),
    balances: () => ask(() => connector.balances()),
    permissions: () => ask(() => connector.permissions()),
    order,
    openOrders: id => ask(() => connector.openOrders(id)),
    fills: (id, since) => ask(() => connector.fills(id, since)),
    place(request) {
      placed.set(request.id, request)
      const ref = { order: request.id, instrument: request.instrument, venueOrderId: null }
      return change(
        () => connector.place(request),
        sentAt => find(ref, sentAt),
      )
    },
    amend: (ref, wish) =>
      change(
        () => connector.amend(ref, wish),
        async () => {
          const found = await order(ref)
          const isDone = found?.quantity === wish.quantity && found.price === (wish.price ?? found.price)
          return isDone ? accepted(found.venueOrderId) : null
        },
      ),
    cancel: ref =>
      change(
        () => connector.cancel(ref),
        async () => {
          const found = await order(ref)
          return found?.state === 'open' ? null : accepted(found?.venueOrderId ?? null)
        },
      ),
    cancelAll: id =>
      change(
        () => connector.cancelAll(id),
        async () => null,
      ),
    whose: what => connector.whose(what),
    adopt: requests => connector.adopt(requests),
    watch(instruments, listener) {
      let lives = 0
      connector.watch(instruments, {
        ...listener,
        onPrivateReady(at) {
          lives += 1
          listener.onPrivateReady(at)
          if (lives > 1) void catchUp(listener.onReport)
        },
      })
    },
    close: () => connector.close(),
  }
}
