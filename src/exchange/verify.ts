import { AppError, type TenantId } from '../kernel/index.ts'
import type { EngineLimits } from '../matching/index.ts'
import type { Database, TenantTx } from '../platform/index.ts'
import { checkpointOf } from './history/store.ts'
import type { ShardCommand } from './shard/command.ts'
import { readBatches, type Source } from './shard/journal.ts'
import { type EngineMaker, Replica } from './shard/replica.ts'
import type { Reports } from './shard/report.ts'
import { type Snapshot, snapshotHashes } from './shard/snapshot-store.ts'
import { hashOf } from './shard/state-lines.ts'
import { HistoryCheck } from './verify-history.ts'

/** Differences that are told of a shard; the rest is counted. */
const DIFFERENCES_TOLD_MAX = 100

/** What the trading accounts hold after a command, in units: to be compared with the books of the operator. */
export interface Standing {
  readonly shard: number
  readonly sequence: number
  readonly accounts: readonly {
    readonly owner: string
    readonly asset: string
    /** Available and held. */
    readonly balance: bigint
    /** Deposits − withdrawals. */
    readonly moved: bigint
  }[]
  readonly fees: readonly { readonly asset: string; readonly amount: bigint }[]
}

export interface VerifyOptions {
  readonly db: Database
  readonly tenant: TenantId
  readonly maker: EngineMaker
  readonly limits: EngineLimits
  /** Compares the books with how the accounts stood when they were last written, and tells what differs. */
  readonly compareLedger?: (tx: TenantTx, standing: Standing) => Promise<readonly string[]>
}

/** What a shard's journal, carried out from its first command, says about all else that is stored of it. */
export interface ShardVerdict {
  readonly shard: number
  readonly commands: number
  /** Of the state after the last command. */
  readonly hash: string
  readonly snapshots: number
  /** The command up to which history is written. */
  readonly written: number
  readonly orders: number
  readonly fills: number
  readonly differenceCount: number
  /** The first of them. */
  readonly differences: readonly string[]
}

/** Every shard that has a journal, each in one transaction: what is written meanwhile changes nothing of what is compared. */
export async function verifyExchange(options: VerifyOptions): Promise<ShardVerdict[]> {
  const { db, tenant } = options
  const shards = await db.tenant(tenant, tx =>
    tx
      .selectFrom('exchange_journal')
      .select('shard')
      .distinct()
      .where('tenant_id', '=', tenant)
      .orderBy('shard')
      .execute(),
  )
  const verdicts: ShardVerdict[] = []
  for (const { shard } of shards)
    verdicts.push(
      await db.tenant(tenant, tx => new Verification(options, tx, shard).run(), {
        isolation: 'repeatable read',
        readOnly: true,
      }),
    )
  return verdicts
}

class Verification {
  readonly #options: VerifyOptions
  readonly #tx: TenantTx
  readonly #shard: number
  readonly #replica: Replica
  readonly #differences: string[] = []
  #differenceCount = 0
  /** Deposits − withdrawals by account and asset. */
  readonly #moved: bigint[][] = []
  #snapshots: Omit<Snapshot, 'state'>[] = []
  #compared = 0
  #epoch = 0

  constructor(options: VerifyOptions, tx: TenantTx, shard: number) {
    this.#options = options
    this.#tx = tx
    this.#shard = shard
    this.#replica = new Replica(options.maker, options.limits)
  }

  async run(): Promise<ShardVerdict> {
    const tx = this.#tx
    const source: Source = { tenant: (_, run) => run(tx) }
    const name = { tenant: this.#options.tenant, shard: this.#shard }
    const written = await checkpointOf(tx, this.#shard)
    const history = new HistoryCheck(tx, this.#shard, written, this.#replica, text => this.#differ(text))
    this.#snapshots = await snapshotHashes(source, name)
    try {
      for await (const { epoch, commands } of readBatches(source, name, 0)) {
        if (epoch < this.#epoch)
          this.#differ(`command ${commands[0]!.sequence} was written in epoch ${epoch}, after epoch ${this.#epoch}`)
        this.#epoch = Math.max(this.#epoch, epoch)
        for (const command of commands) await this.#apply(command, history, written)
      }
    } catch (error) {
      // A command that the engine cannot carry out was never one of its own.
      const why = error instanceof Error ? error.message : String(error)
      if (error instanceof AppError && error.code === 'database.unavailable') throw error
      this.#differ(`the journal cannot be read or carried out after command ${this.#replica.sequence}: ${why}`)
    }
    const { sequence } = this.#replica
    this.#checkConservation()
    if (written > sequence) this.#differ(`history is written up to command ${written}, the journal ends at ${sequence}`)
    for (const { sequence: of } of this.#snapshots)
      if (of > sequence) this.#differ(`there is a snapshot of command ${of}, the journal ends at ${sequence}`)
    return {
      shard: this.#shard,
      commands: sequence,
      hash: hashOf(this.#replica.state()),
      snapshots: this.#compared,
      written,
      orders: history.orders,
      fills: history.fills,
      differenceCount: this.#differenceCount,
      differences: this.#differences,
    }
  }

  async #apply(command: ShardCommand, history: HistoryCheck, written: number): Promise<void> {
    const reports = this.#replica.apply(command)
    this.#note(reports)
    await history.apply(command, reports)
    const { sequence } = command
    if (sequence === written) await this.#compareLedger()
    const snapshot = this.#snapshots.find(one => one.sequence === sequence)
    if (snapshot === undefined) return
    this.#compared += 1
    this.#checkConservation()
    const hash = hashOf(this.#replica.state())
    if (hash !== snapshot.hash)
      this.#differ(`the snapshot of command ${sequence} has the hash ${snapshot.hash}, replayed it is ${hash}`)
  }

  #note(reports: Reports): void {
    for (const report of reports) {
      if (report.type !== 'moved') continue
      const { account, asset, amount } = report
      this.#moved[account] ??= []
      this.#moved[account][asset] = (this.#moved[account][asset] ?? 0n) + BigInt(amount)
    }
  }

  /** Per asset: what the accounts hold and what was taken in fees is what came in and has not gone out. */
  #checkConservation(): void {
    const { accounts, fees } = this.#standing()
    for (const { asset, amount } of fees) {
      const of = accounts.filter(account => account.asset === asset)
      const held = of.reduce((sum, { balance }) => sum + balance, amount)
      const moved = of.reduce((sum, account) => sum + account.moved, 0n)
      if (held !== moved)
        this.#differ(
          `after command ${this.#replica.sequence} accounts and fees hold ${held} units of ${asset}, and ${moved} were moved in`,
        )
    }
  }

  #standing(): Standing {
    const { engine, assets, owners, sequence } = this.#replica
    const accounts = owners.flatMap((owner, account) => {
      const balances = engine.balances(account)
      return assets.map(({ code }, asset) => {
        const balance = balances.find(one => one.asset === asset)
        return {
          owner,
          asset: code,
          balance: BigInt(balance?.available ?? 0) + BigInt(balance?.held ?? 0),
          moved: this.#moved[account]?.[asset] ?? 0n,
        }
      })
    })
    const fees = assets.map(({ code }, asset) => ({ asset: code, amount: BigInt(engine.fees(asset)) }))
    return { shard: this.#shard, sequence, accounts, fees }
  }

  async #compareLedger(): Promise<void> {
    const { compareLedger } = this.#options
    if (compareLedger === undefined) return
    for (const difference of await compareLedger(this.#tx, this.#standing())) this.#differ(difference)
  }

  #differ(text: string): void {
    this.#differenceCount += 1
    if (this.#differences.length < DIFFERENCES_TOLD_MAX) this.#differences.push(text)
  }
}
