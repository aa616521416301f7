import type { Micros } from '../../../src/kernel/index.ts'
import type { Account } from './accounts.ts'

/** When all orders of an account are canceled unless it asks for more time. Kept with the orders: a restart disarms none. */
export class Switches extends Map<Account, Micros> {
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    super()
    this.#onChange = onChange
  }

  /** The accounts whose time has come, each once. */
  takeDue(at: Micros): Account[] {
    const due = [...this].filter(([, until]) => at >= until).map(([account]) => account)
    for (const account of due) this.delete(account)
    return due
  }

  override set(account: Account, due: Micros): this {
    this.#onChange()
    return super.set(account, due)
  }

  override delete(account: Account): boolean {
    this.#onChange()
    return super.delete(account)
  }
}
