import {
  AppError,
  type Clock,
  formatDecimal,
  MICROS_PER_DAY,
  MICROS_PER_MINUTE,
  MICROS_PER_MS,
  type Micros,
  parseDecimal,
  type TenantId,
  type Timer,
  type Timers,
} from '../../kernel/index.ts'
import type { Database, Log } from '../../platform/index.ts'
import { ppmText } from '../listing.ts'
import type { Done } from '../shard/owner.ts'
import type { Rates } from '../shard/replica.ts'
import type { Part, Shards } from '../shards.ts'
import {
  checkedSchedule,
  parseVolume,
  type Schedule,
  type Tier,
  tierOf,
  VOLUME_ASSET,
  VOLUME_SCALE,
  volumePeriod,
} from './schedule.ts'
import { insertSchedule, latestSchedule, volumesOf } from './store.ts'
import type { FeesView, TierView } from './views.ts'

/** After midnight, when the commands of the day before have long been written. */
const REVIEW_AFTER: Micros = MICROS_PER_MINUTE
/** Decimals of a rate: millionths. */
const PPM_SCALE = 6
const RETRY_MS = 60_000
/** Owners whose volumes are read, and whose rates are set, at once. */
const OWNERS_PER_PAGE = 500

export interface FeeDeskOptions {
  readonly tenant: TenantId
  readonly db: Database
  readonly shards: Shards
  /** What everybody is charged until a schedule is set. */
  readonly limits: Rates
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
}

/**
 * Charges by volume. Once a day, shortly after midnight UTC, each participant's volume of the last thirty whole days is read from
 * the fills, and where its tier asks for other rates than its account has, a command of the journal sets them. A start does the same
 * work again: the days are the same ones, so that it finds nothing to do. An account that is opened gets its rates at once.
 */
export class FeeDesk {
  readonly #options: FeeDeskOptions
  #schedule: Schedule
  #number = 0
  /** Volumes as they were last read, and the end of the days that they are of. */
  #volumes: { readonly until: Micros; readonly of: ReadonlyMap<string, bigint> } | null = null
  /** By shard: accounts for whose rates there was no room when they were opened; tried again with the next batch. */
  readonly #late = new Map<Part, readonly string[]>()
  #reviewing: Promise<unknown> = Promise.resolve()
  #timer: Timer | null = null
  #isStopped = false

  constructor(options: FeeDeskOptions) {
    this.#options = options
    const { makerPpm, takerPpm } = options.limits
    this.#schedule = [{ volume: 0n, makerPpm, takerPpm }]
  }

  /** Reviews everybody, and again each day. Resolves after the first review; one that fails is tried again in a minute. */
  async start(): Promise<void> {
    this.#options.shards.follow({
      onBatch: (part, batch) => this.#onBatch(part, batch),
      onLoad() {},
      onTurn() {},
    })
    await this.#run()
  }

  /** Resolves when what was begun has ended. Accounts that are opened while the shards are still at work get their rates. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    await this.#reviewing
  }

  tiers(): TierView[] {
    return this.#schedule.map(tierView)
  }

  /** Sets what is charged from now on. @throws AppError `request.invalid`, `state.conflict` */
  async setTiers(by: string, tiers: readonly TierView[]): Promise<TierView[]> {
    const { db, tenant, clock } = this.#options
    const schedule = checkedSchedule(
      tiers.map(({ volume, makerRate, takerRate }) => ({
        volume: parseVolume(volume),
        makerPpm: Number(parseDecimal(makerRate, PPM_SCALE, 'makerRate')),
        takerPpm: Number(parseDecimal(takerRate, PPM_SCALE, 'takerRate')),
      })),
    )
    await db.tenant(tenant, async tx => {
      const number = ((await latestSchedule(tx))?.number ?? 0) + 1
      await insertSchedule(tx, number, schedule, { by, at: clock.now() })
    })
    await this.#run()
    return this.tiers()
  }

  /** What an owner is charged, or will be once it has an account; by which volume, and what comes next. */
  async feesOf(owner: string): Promise<FeesView> {
    const { shards, db, tenant, clock } = this.#options
    const period = volumePeriod(clock.now())
    const known = this.#volumes?.until === period.until ? this.#volumes.of : null
    const volumes = known ?? (await db.tenant(tenant, tx => volumesOf(tx, [owner], period)))
    const volume = volumes.get(owner) ?? 0n
    const { tier, next } = tierOf(this.#schedule, volume)
    const { replica } = shards.parts[0]!.shard
    const { makerPpm, takerPpm } = replica.accountOf(owner) === undefined ? tier : replica.ratesOf(owner)
    return {
      makerRate: ppmText(makerPpm),
      takerRate: ppmText(takerPpm),
      volume: formatDecimal(volume, VOLUME_SCALE),
      volumeAsset: VOLUME_ASSET,
      ...period,
      next: next === null ? null : tierView(next),
    }
  }

  /** Before those who open accounts are answered, so that the rates come before anything else of an account in the journal. */
  #onBatch(part: Part, batch: readonly Done[]): void {
    const owners = [...(this.#late.get(part) ?? [])]
    for (const { command } of batch) if (command.kind === 'add_account') owners.push(command.owner)
    if (owners.length === 0) return
    this.#late.delete(part)
    // Not every account that was asked for is there: the engine has a most of them.
    const opened = owners.filter(owner => part.shard.replica.accountOf(owner) !== undefined)
    this.#adjust(part, opened, this.#volumes?.of ?? new Map()).catch(error => {
      if (error instanceof AppError && error.code === 'exchange.busy') this.#late.set(part, opened)
      else this.#options.log.warn({ error, opened }, 'accounts were opened that do not have their rates')
    })
  }

  /** One after the other, so that each sees what the one before it has set. */
  #reviewNext(): Promise<void> {
    const reviewed = this.#reviewing.then(() => this.#review())
    this.#reviewing = reviewed.catch(() => {})
    return reviewed
  }

  async #run(): Promise<void> {
    const { clock, timers, log } = this.#options
    let delayMs = RETRY_MS
    try {
      await this.#reviewNext()
      const now = clock.now()
      const next = volumePeriod(now - REVIEW_AFTER).until + MICROS_PER_DAY + REVIEW_AFTER
      delayMs = Math.ceil((next - now) / MICROS_PER_MS)
    } catch (error) {
      log.warn({ error }, 'fees by volume are not up to date; it is tried again')
    }
    this.#timer?.cancel()
    if (!this.#isStopped) this.#timer = timers.after(delayMs, () => void this.#run())
  }

  /** Gives everybody the rates of the volume of today. */
  async #review(): Promise<void> {
    const { db, tenant, shards, clock, log } = this.#options
    const latest = await db.tenant(tenant, latestSchedule)
    if (latest !== null && latest.number > this.#number)
      [this.#number, this.#schedule] = [latest.number, latest.schedule]
    // Who owns nothing here sets nothing: the owner does.
    if (shards.parts.every(({ shard }) => shard.state !== 'owning')) return
    await shards.written()
    const period = volumePeriod(clock.now())
    const volumes = new Map<string, bigint>()
    const owners = [...new Set(shards.parts.flatMap(({ shard }) => shard.replica.owners))]
    for (const page of pagesOf(owners)) {
      const read = await db.tenant(tenant, tx => volumesOf(tx, page, period))
      for (const [owner, volume] of read) volumes.set(owner, volume)
    }
    this.#volumes = { until: period.until, of: volumes }
    let changed = 0
    for (const part of shards.parts)
      for (const page of pagesOf(part.shard.replica.owners)) changed += await this.#adjust(part, page, volumes)
    if (changed > 0) log.info({ changed }, 'accounts have other fees now, by their volume')
  }

  /**
   * Sets the rates of those whose tier has others; the commands are handed over before it returns. A shard that is not owned here is
   * left to its owner.
   */
  async #adjust(part: Part, owners: readonly string[], volumes: ReadonlyMap<string, bigint>): Promise<number> {
    const { shards } = this.#options
    const { shard } = part
    if (shard.state !== 'owning') return 0
    const commands = owners.flatMap(owner => {
      const { makerPpm, takerPpm } = tierOf(this.#schedule, volumes.get(owner) ?? 0n).tier
      const now = shard.replica.ratesOf(owner)
      if (now.makerPpm === makerPpm && now.takerPpm === takerPpm) return []
      return [{ kind: 'set_fees', account: shard.replica.accountOf(owner)!, makerPpm, takerPpm } as const]
    })
    await Promise.all(commands.map(command => shards.submit(part, command)))
    return commands.length
  }
}

function* pagesOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += OWNERS_PER_PAGE) yield all.slice(i, i + OWNERS_PER_PAGE)
}

const tierView = ({ volume, makerPpm, takerPpm }: Tier): TierView => ({
  volume: formatDecimal(volume, VOLUME_SCALE),
  makerRate: ppmText(makerPpm),
  takerRate: ppmText(takerPpm),
})
