import { formatDecimal, type Micros, parseDecimal, scaleOf } from '../../kernel/index.ts'
import type { BalanceChange } from '../../venues/index.ts'
import type { HouseBalanceView } from '../views.ts'

/** Tells the balances of an account that have changed. */
export class BalanceWatch {
  readonly #read: () => readonly HouseBalanceView[]
  readonly #tell: (change: BalanceChange, at: Micros) => void
  #told: ReadonlyMap<string, HouseBalanceView>

  constructor(read: () => readonly HouseBalanceView[], tell: (change: BalanceChange, at: Micros) => void) {
    this.#read = read
    this.#tell = tell
    this.#told = this.#now()
  }

  look(at: Micros): void {
    const before = this.#told
    this.#told = this.#now()
    for (const [asset, { available, held }] of this.#told) {
      const known = before.get(asset)
      if (known?.available === available && known.held === held) continue
      this.#tell({ asset, total: sum(available, held), free: available }, at)
    }
  }

  #now(): ReadonlyMap<string, HouseBalanceView> {
    return new Map(this.#read().map(balance => [balance.asset, balance]))
  }
}

function sum(one: string, other: string): string {
  const scale = Math.max(scaleOf(one), scaleOf(other))
  return formatDecimal(parseDecimal(one, scale) + parseDecimal(other, scale), scale)
}
