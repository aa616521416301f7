import {
  AppError,
  accepted,
  type Clock,
  formatDecimal,
  type IdSource,
  type Micros,
  PAGE_SIZE_MAX,
  type TenantId,
  type Timer,
  type Timers,
} from '../../kernel/index.ts'
import { accountsOf, openAccounts, openAssets, post } from '../../ledger/index.ts'
import {
  appendEvents,
  type Database,
  type EventTypes,
  type FeedSubscription,
  type Log,
  type TenantTx,
} from '../../platform/index.ts'
import { TRANSFERS } from '../books/posting.ts'
import { unitsOf } from '../listing.ts'
import type { Exchange } from '../service.ts'
import type { ListedAsset } from '../shard/replica.ts'
import { refusalOf } from '../shard/report.ts'
import type { Shards } from '../shards.ts'
import {
  finishTransfer,
  insertTransfer,
  nextNumber,
  type TransferTable,
  transferRow,
  transfersOf,
  waitingTransfers,
} from './store.ts'
import {
  type Direction,
  type Transfer,
  type TransferEvent,
  type TransferState,
  transferDecider,
  walletChange,
} from './transfer.ts'

/** Transfers that could not go on, because the exchange or the database was away, are tried again so often. */
const SWEEP_MS = 1_000

export interface TransferView {
  readonly id: string
  readonly direction: Direction
  readonly asset: string
  readonly amount: string
  readonly shard: number
  readonly state: 'requested' | 'completed' | 'failed'
  readonly reason: string | null
  readonly requestedAt: Micros
  readonly finishedAt: Micros | null
}

export interface TransferDeskOptions {
  readonly tenant: TenantId
  readonly db: Database
  readonly types: EventTypes
  readonly exchange: Exchange
  readonly shards: Shards
  readonly ids: IdSource
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
}

/**
 * Moves money between wallets and trading accounts. A request is durable with its first posting; the dispatcher then brings it
 * here to be carried out, and whatever is cut off is taken up again: each step may be repeated.
 */
export class TransferDesk {
  readonly #options: TransferDeskOptions
  readonly #running = new Map<string, Promise<void>>()
  #sweeping: Timer | null = null

  constructor(options: TransferDeskOptions) {
    this.#options = options
  }

  /** For the dispatcher: every request comes by here. */
  get subscription(): FeedSubscription {
    return {
      name: 'exchange-transfers',
      types: ['transfer.requested'],
      feed: events => {
        for (const { subject, tenant } of events)
          if (tenant === this.#options.tenant) void this.#carryOut(subject.slice('transfer/'.length))
      },
    }
  }

  start(): void {
    this.#sweeping = this.#options.timers.every(SWEEP_MS, () => this.#sweep())
  }

  async stop(): Promise<void> {
    this.#sweeping?.cancel()
    await Promise.all(this.#running.values())
  }

  /**
   * Asks for a transfer. What goes in has left the wallet when this resolves.
   * @throws AppError `ledger.insufficient_funds`, `state.conflict` while another one of this account is under way, `request.invalid`
   */
  async request(
    owner: string,
    wish: { direction: Direction; asset: string; amount: string; shard?: number },
  ): Promise<TransferView> {
    const { db, tenant, clock, ids } = this.#options
    const { shard, asset } = this.#placeOf(wish.asset, wish.shard)
    const amount = unitsOf(asset, wish.amount)
    const [id, at] = [ids.next(), clock.now()]
    await db.tenant(tenant, async tx => {
      const number = await nextNumber(tx, owner, shard)
      const transfer: Transfer = { owner, shard, number, direction: wish.direction, asset: asset.code, amount }
      await insertTransfer(tx, id, transfer, at)
      const events = accepted(transferDecider.decide(transferDecider.initial, { type: 'request', at, transfer }))
      await this.#record(tx, id, transfer, events, 1)
    })
    return this.transfer(owner, id)
  }

  /** @throws AppError `resource.not_found` */
  async transfer(owner: string, id: string): Promise<TransferView> {
    const { db, tenant } = this.#options
    const row = await db.tenant(tenant, tx => transferRow(tx, id))
    if (row === undefined || row.owner !== owner) throw new AppError('resource.not_found', { field: 'id' })
    return this.#view(row)
  }

  async transfers(owner: string, limit = PAGE_SIZE_MAX): Promise<TransferView[]> {
    const { db, tenant } = this.#options
    return (await db.tenant(tenant, tx => transfersOf(tx, owner, limit))).map(row => this.#view(row))
  }

  /** What the owner's wallet holds, by asset. */
  async wallet(owner: string): Promise<{ asset: string; balance: string }[]> {
    const { db, tenant } = this.#options
    const accounts = await db.tenant(tenant, tx =>
      accountsOf(tx, { owner, kind: 'client_wallet', limit: PAGE_SIZE_MAX }),
    )
    return accounts
      .map(({ asset, balance, scale }) => ({ asset, balance: formatDecimal(balance, scale) }))
      .sort((a, b) => (a.asset < b.asset ? -1 : 1))
  }

  /** Carries a transfer out now, and resolves when it is over, or waits for the exchange. */
  finished(id: string): Promise<void> {
    return this.#carryOut(id)
  }

  /** Carries out a transfer, once at a time; what fails is left for the next sweep. */
  #carryOut(id: string): Promise<void> {
    const known = this.#running.get(id)
    if (known !== undefined) return known
    const running = this.#step(id)
      .catch(error => this.#options.log.warn({ error, transfer: id }, 'a transfer waits'))
      .finally(() => this.#running.delete(id))
    this.#running.set(id, running)
    return running
  }

  async #step(id: string): Promise<void> {
    const { db, tenant, exchange, shards, clock } = this.#options
    const row = await db.tenant(tenant, tx => transferRow(tx, id))
    if (row === undefined || row.state !== 'requested') return
    const transfer = toTransfer(row)
    const { owner, shard, number, direction, asset, amount } = transfer
    const done = await exchange.move(shard, owner, asset, direction === 'in' ? amount : -amount, number)
    const reason = refusalOf(done.reports)
    // What comes out reaches the clearing account with the exchange's own posting, and may leave it only then.
    if (reason === null) await shards.settled(shards.parts[shard]!, done)
    await db.tenant(tenant, async tx => {
      const state: TransferState = { state: 'requested', transfer }
      const at = clock.now()
      const command =
        reason === null ? ({ type: 'carried_out', at } as const) : ({ type: 'refused', at, reason } as const)
      await this.#record(tx, id, transfer, accepted(transferDecider.decide(state, command)), 2)
      await finishTransfer(tx, id, reason === null ? 'completed' : 'failed', reason, at)
    })
  }

  /** The events, and the money that moves with them, in one transaction. */
  async #record(
    tx: TenantTx,
    id: string,
    transfer: Transfer,
    events: readonly TransferEvent[],
    sequence: number,
  ): Promise<void> {
    const { ids, types, shards } = this.#options
    const { asset, owner } = transfer
    for (const [i, event] of events.entries()) {
      const change = walletChange(event, transfer)
      if (change !== 0) {
        await openAssets(tx, shards.parts[transfer.shard]!.shard.replica.assets)
        const [wallet, clearing] = await openAccounts(
          tx,
          [
            { kind: 'client_wallet', owner, asset },
            { ...TRANSFERS, asset },
          ],
          ids,
        )
        const units = BigInt(change)
        const lines = [
          { account: wallet!.id, asset, amount: units },
          { account: clearing!.id, asset, amount: -units },
        ]
        const key = `transfer/${id}/${event.type}`
        await post(tx, [{ key, kind: event.type, at: event.at, cause: `transfer/${id}`, lines }], ids)
      }
      await appendEvents(
        tx,
        [
          {
            type: event.type,
            version: 1,
            tenant: tx.tenant,
            subject: `transfer/${id}`,
            sequence: sequence + i,
            at: event.at,
            data: this.#dataOf(event),
          },
        ],
        { ids, types },
      )
    }
  }

  #dataOf(event: TransferEvent): Record<string, unknown> {
    if (event.type === 'transfer.completed') return {}
    if (event.type === 'transfer.failed') return { reason: event.reason }
    const { transfer } = event
    return { ...transfer, amount: this.#amountText(transfer.shard, transfer.asset, BigInt(transfer.amount)) }
  }

  async #sweep(): Promise<void> {
    const { db, tenant, log } = this.#options
    try {
      for (const { id } of await db.tenant(tenant, waitingTransfers)) await this.#carryOut(id)
    } catch (error) {
      log.warn({ error }, 'transfers cannot be looked for now')
    }
  }

  /** The shard that was named, or the first that lists the asset. */
  #placeOf(code: string, shard: number | undefined): { shard: number; asset: ListedAsset } {
    const { parts } = this.#options.shards
    if (shard !== undefined && parts[shard] === undefined)
      throw new AppError('request.invalid', { field: 'shard', rule: 'is one of the exchange' })
    for (const [i, part] of parts.entries()) {
      const asset = part.shard.replica.assets.find(listed => listed.code === code)
      if (asset !== undefined && (shard === undefined || shard === i)) return { shard: i, asset }
    }
    throw new AppError('request.invalid', { field: 'asset', rule: 'is listed there' })
  }

  #amountText(shard: number, code: string, units: bigint): string {
    const asset = this.#options.shards.parts[shard]!.shard.replica.assets.find(listed => listed.code === code)!
    return formatDecimal(units, asset.scale)
  }

  #view(row: TransferTable): TransferView {
    return {
      id: row.id,
      direction: row.direction,
      asset: row.asset,
      amount: this.#amountText(row.shard, row.asset, BigInt(row.amount)),
      shard: row.shard,
      state: row.state,
      reason: row.reason,
      requestedAt: row.requested_at,
      finishedAt: row.finished_at,
    }
  }
}

const toTransfer = ({ owner, shard, number, direction, asset, amount }: TransferTable): Transfer => ({
  owner,
  shard,
  number,
  direction,
  asset,
  amount: Number(amount),
})
