import { AppError, type Clock, type Timers } from '../../kernel/index.ts'
import type { Outcome } from '../../venues/index.ts'
import { HOUSE } from '../listing.ts'

/** Nothing of these was carried out, whatever else is known. */
const REFUSED = new Set(['exchange.refused', 'request.invalid', 'order.unknown', 'instrument.unknown'])

/**
 * Sends an order, an amend or a cancel and says what is known of it; never throws. `send` gives the order's id where it has one.
 * Of what is not answered in time no more is known than that it was sent: a commit hangs for as long as its database does.
 */
export async function outcomeOf(
  send: () => Promise<string | null>,
  { clock, timers, timeoutMs }: { readonly clock: Clock; readonly timers: Timers; readonly timeoutMs: number },
): Promise<Outcome> {
  let stop: () => void = () => {}
  const late = new Promise<Outcome>(resolve => {
    const reason = `no answer within ${timeoutMs / 1_000} s`
    const timer = timers.after(timeoutMs, () => resolve({ type: 'unknown', reason, at: clock.now() }))
    stop = () => timer.cancel()
  })
  const answered = Promise.resolve()
    .then(send)
    .then(
      (venueOrderId): Outcome => ({ type: 'accepted', venueOrderId, at: clock.now() }),
      (error): Outcome => failureOf(error, clock.now()),
    )
  const outcome = await Promise.race([answered, late])
  stop()
  return outcome
}

function failureOf(error: unknown, at: number): Outcome {
  const reason = reasonOf(error)
  if (!(error instanceof AppError) || error.details.outcome === 'unknown') return { type: 'unknown', reason, at }
  if (REFUSED.has(error.code)) return { type: 'rejected', reason, at }
  // The shard's queue is full, or a breaker is open: the command was never taken into it.
  if (error.code === 'exchange.busy' || error.code === 'venue.breaker_open')
    return { type: 'rejected', reason: `not sent: ${reason}`, at }
  return { type: 'unknown', reason, at }
}

/** The engine's own word for a refusal, else what the error says. */
function reasonOf(error: unknown): string {
  if (error instanceof AppError && typeof error.details.reason === 'string') return error.details.reason
  return error instanceof Error ? error.message : String(error)
}

/** A question's answer. @throws AppError `venue.unavailable`, `venue.refused`, `instrument.unknown` */
export async function answerOf<T>(ask: () => Promise<T> | T): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'instrument.unknown' || error.code.startsWith('venue.'))
      throw error
    const code = error.status >= 500 ? 'venue.unavailable' : 'venue.refused'
    throw new AppError(code, { venue: HOUSE, reason: reasonOf(error) }, { cause: error })
  }
}
