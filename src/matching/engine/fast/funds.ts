import { assert } from '../../../kernel/index.ts'
import type { AccountBalance } from '../engine.ts'
import { grown } from './arrays.ts'

/** What every account has of every asset, in safe integers: a row an account, a column an asset. */
export class Funds {
  available: Float64Array
  held: Float64Array
  readonly #assetsMax: number

  constructor(assetsMax: number) {
    this.#assetsMax = assetsMax
    this.available = new Float64Array(assetsMax * 16)
    this.held = new Float64Array(assetsMax * 16)
  }

  /** Where an account's balance of an asset is. */
  at(account: number, asset: number): number {
    return account * this.#assetsMax + asset
  }

  /** Makes room for an account. */
  reach(account: number): void {
    const length = (account + 1) * this.#assetsMax
    if (length <= this.held.length) return
    this.available = grown(this.available, length * 2)
    this.held = grown(this.held, length * 2)
  }

  /** Holds `change` more, or less. */
  move(at: number, change: number): void {
    this.available[at]! -= change
    this.held[at]! += change
    assert(this.available[at]! >= 0 && this.held[at]! >= 0, 'an account never has less than nothing')
  }

  balances(account: number): AccountBalance[] {
    const balances: AccountBalance[] = []
    for (let asset = 0; asset < this.#assetsMax; asset++) {
      const at = this.at(account, asset)
      const [available, held] = [this.available[at]!, this.held[at]!]
      if (available > 0 || held > 0) balances.push({ asset, available, held })
    }
    return balances
  }
}
