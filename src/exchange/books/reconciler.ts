import { type Clock, formatDecimal, type Micros, type TenantId, type Timer, type Timers } from '../../kernel/index.ts'
import { accountsOf } from '../../ledger/index.ts'
import type { Log, TenantTx } from '../../platform/index.ts'
import type { Part, Shards } from '../shards.ts'

/** How often the exchange and the ledger are compared. */
const PERIOD_MS = 60_000
const ACCOUNTS_PER_PAGE = 500
/** Differences that are told of each comparison. */
const DIFFERENCES_MAX = 100

export interface Difference {
  readonly owner: string
  readonly asset: string
  /** What the exchange holds for the owner, and what the ledger says: decimals. */
  readonly exchange: string
  readonly ledger: string
}

/** How the trading accounts of a shard compared with the ledger, at one command of its journal. */
export interface Comparison {
  readonly shard: number
  readonly at: Micros
  readonly sequence: number
  readonly accounts: number
  /** At most a hundred of them. */
  readonly differences: Difference[]
  readonly differenceCount: number
}

export interface BooksReconcilerOptions {
  readonly tenant: TenantId
  readonly shards: Shards
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  readonly onCompared?: (comparison: Comparison) => void
}

/**
 * Compares what the engine holds for everybody with what the ledger says, each minute and on request: both as they are after the
 * same command, so that a difference is one, however busy the exchange is. It corrects nothing: either side is the proof
 * against the other.
 */
export class BooksReconciler {
  readonly #options: BooksReconcilerOptions
  readonly #last = new Map<number, Comparison>()
  #timer: Timer | null = null

  constructor(options: BooksReconcilerOptions) {
    this.#options = options
  }

  start(): void {
    const { timers, log } = this.#options
    this.#timer = timers.every(PERIOD_MS, () =>
      this.compareAll().then(
        () => {},
        error => log.warn({ error }, 'the exchange and the ledger cannot be compared now'),
      ),
    )
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /** The last comparison of each shard. */
  get comparisons(): readonly Comparison[] {
    return [...this.#last.values()]
  }

  /** Shards that this process owns, compared now. */
  async compareAll(): Promise<readonly Comparison[]> {
    const { shards, log, onCompared } = this.#options
    const made: Comparison[] = []
    for (const [shard, part] of shards.parts.entries()) {
      if (part.shard.state !== 'owning') continue
      const comparison = await this.#compare(shard, part)
      if (comparison === null) {
        log.warn({ shard }, 'the ledger does not follow the exchange now: they were not compared')
        continue
      }
      this.#last.set(shard, comparison)
      made.push(comparison)
      onCompared?.(comparison)
      if (comparison.differenceCount > 0)
        log.error({ ...comparison }, 'the exchange and the ledger differ: nothing is corrected by itself')
    }
    return made
  }

  async #compare(shard: number, { shard: { replica }, projector }: Part): Promise<Comparison | null> {
    let sequence = 0
    const ours = new Map<string, { owner: string; asset: string; units: bigint }>()
    const keyOf = (owner: string, asset: string) => JSON.stringify([owner, asset])
    const capture = () => {
      replica.owners.forEach((owner, account) => {
        for (const { asset, available, held } of replica.engine.balances(account)) {
          const { code } = replica.assets[asset]!
          ours.set(keyOf(owner, code), { owner, asset: code, units: BigInt(available) + BigInt(held) })
        }
      })
      sequence = replica.sequence
      return sequence
    }
    const theirs = await projector.inspect(capture, tx => tradingBalances(tx, shard))
    if (theirs === null) return null
    const scales = new Map(replica.assets.map(({ code, scale }) => [code, scale]))
    const differences: Difference[] = []
    const compare = (owner: string, asset: string, exchange: bigint, ledger: bigint) => {
      const scale = scales.get(asset) ?? 0
      if (exchange !== ledger)
        differences.push({
          owner,
          asset,
          exchange: formatDecimal(exchange, scale),
          ledger: formatDecimal(ledger, scale),
        })
    }
    for (const [key, { owner, asset, units }] of ours) compare(owner, asset, units, theirs.get(key)?.units ?? 0n)
    for (const [key, { owner, asset, units }] of theirs) if (!ours.has(key)) compare(owner, asset, 0n, units)
    return {
      shard,
      at: this.#options.clock.now(),
      sequence,
      accounts: new Set([...ours.keys(), ...theirs.keys()]).size,
      differences: differences.slice(0, DIFFERENCES_MAX),
      differenceCount: differences.length,
    }
  }
}

/** What the ledger says of a shard's trading accounts. */
export async function tradingBalances(tx: TenantTx, shard: number) {
  const balances = new Map<string, { owner: string; asset: string; units: bigint }>()
  let after: string | undefined
  for (;;) {
    const page = await accountsOf(tx, { kind: 'client_trading', limit: ACCOUNTS_PER_PAGE, after })
    for (const { owner, asset, balance, shard: of } of page)
      if (of === String(shard)) balances.set(JSON.stringify([owner, asset]), { owner, asset, units: balance })
    if (page.length < ACCOUNTS_PER_PAGE) return balances
    after = page.at(-1)!.id
  }
}
