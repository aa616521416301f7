import { AppError } from '../../kernel/index.ts'
import type { VenueFace } from '../../venues/index.ts'
import type { HouseService } from './source.ts'

type Monitor = VenueFace['monitor']
type Answer<T> =
  | { readonly result: 'answered'; readonly value: T }
  | { readonly result: 'refused'; readonly error: AppError }

/** The exchange's service with every call counted and timed: one that is refused is answered, one that cannot be is a failure. */
export function monitored(exchange: HouseService, monitor: Monitor): HouseService {
  async function call<T>(kind: Parameters<Monitor['call']>[0], send: () => Promise<T>): Promise<T> {
    const answer = await monitor.call(kind, async (): Promise<Answer<T>> => {
      try {
        return { result: 'answered', value: await send() }
      } catch (error) {
        if (error instanceof AppError && error.status < 500) return { result: 'refused', error }
        throw error
      }
    })
    if (answer.result === 'refused') throw answer.error
    return answer.value
  }
  return {
    place: (...given) => call('order', () => exchange.place(...given)),
    amend: (...given) => call('order', () => exchange.amend(...given)),
    cancel: (...given) => call('cancel', () => exchange.cancel(...given)),
    cancelByClientId: (...given) => call('cancel', () => exchange.cancelByClientId(...given)),
    cancelAll: (...given) => call('cancel', () => exchange.cancelAll(...given)),
    orders: (...given) => call('query', () => exchange.orders(...given)),
    trades: (...given) => call('query', () => exchange.trades(...given)),
    history: read => call('query', () => exchange.history(read)),
    caughtUp: instrument => call('query', () => exchange.caughtUp(instrument)),
    balances: owner => exchange.balances(owner),
    book: instrument => exchange.book(instrument),
  }
}
