import { assert, formatDecimal, parseDecimal, trimDecimal } from '../../../src/kernel/index.ts'

/** Balances are whole units of 10^-18 of their asset: finer than any venue's. */
export const ASSET_SCALE = 18

export const unitsOf = (decimal: string): bigint => parseDecimal(decimal, ASSET_SCALE)
export const decimalOf = (units: bigint): string => trimDecimal(formatDecimal(units, ASSET_SCALE))

interface Holding {
  free: bigint
  held: bigint
}

/** One account's money. Nothing is ever negative: what cannot be held is refused before. */
export class Account {
  readonly apiKey: string
  readonly secret: string
  readonly passphrase: string
  readonly permissions: { readonly read: boolean; readonly trade: boolean; readonly withdraw: boolean }
  readonly #holdings = new Map<string, Holding>()

  constructor(credentials: SimulatedCredentials, balances: Readonly<Record<string, string>>) {
    this.apiKey = credentials.apiKey
    this.secret = credentials.secret
    this.passphrase = credentials.passphrase ?? ''
    this.permissions = { read: true, trade: true, withdraw: false, ...credentials.permissions }
    for (const [asset, amount] of Object.entries(balances)) this.#of(asset).free = unitsOf(amount)
  }

  get assets(): readonly string[] {
    return [...this.#holdings.keys()]
  }

  snapshot(): [asset: string, free: bigint, held: bigint][] {
    return this.assets.map(asset => [asset, this.free(asset), this.held(asset)])
  }

  restore(holdings: ReturnType<Account['snapshot']>): void {
    this.#holdings.clear()
    for (const [asset, free, held] of holdings) this.#holdings.set(asset, { free, held })
  }

  free(asset: string): bigint {
    return this.#holdings.get(asset)?.free ?? 0n
  }

  held(asset: string): bigint {
    return this.#holdings.get(asset)?.held ?? 0n
  }

  total(asset: string): bigint {
    return this.free(asset) + this.held(asset)
  }

  hold(asset: string, units: bigint): boolean {
    const holding = this.#of(asset)
    if (holding.free < units) return false
    holding.free -= units
    holding.held += units
    return true
  }

  release(asset: string, units: bigint): void {
    const holding = this.#of(asset)
    assert(holding.held >= units, `more ${asset} is released than is held`)
    holding.held -= units
    holding.free += units
  }

  /** Pays from what is held. */
  pay(asset: string, units: bigint): void {
    const holding = this.#of(asset)
    assert(holding.held >= units, `more ${asset} is paid than is held`)
    holding.held -= units
  }

  receive(asset: string, units: bigint): void {
    const holding = this.#of(asset)
    holding.free += units
    assert(holding.free >= 0n, `${asset} would be negative`)
  }

  #of(asset: string): Holding {
    let holding = this.#holdings.get(asset)
    if (holding === undefined) {
      holding = { free: 0n, held: 0n }
      this.#holdings.set(asset, holding)
    }
    return holding
  }
}

export interface SimulatedCredentials {
  readonly apiKey: string
  readonly secret: string
  readonly passphrase?: string
  readonly permissions?: { readonly trade?: boolean; readonly withdraw?: boolean }
}
