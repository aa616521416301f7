import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll } from 'vitest'
import {
  compareWithLedger,
  type EngineMaker,
  hashOf,
  Replica,
  readJournal,
  restore,
  type ShardVerdict,
  TRANSFERS,
  verifyExchange,
} from '../../src/exchange/testing.ts'
import type { TenantId } from '../../src/kernel/index.ts'
import { openAccounts, openAssets, post, verify as verifyLedger } from '../../src/ledger/index.ts'
import { createFastEngine, createNaiveEngine, restoreFastEngine, restoreNaiveEngine } from '../../src/matching/index.ts'
import { type Database, roleUrl, systemClock, systemIds, type TenantTx } from '../../src/platform/index.ts'
import { eventually } from '../../src/platform/testing.ts'
import { CRASH_LIMITS, CRASH_MARKET, CRASH_SCALES, type ExchangePlan, type Told } from './exchange-plan.ts'

const SOURCE = fileURLToPath(new URL('exchange-child.ts', import.meta.url))
/** Bundled once, so that many lives do not pay for as many compilations; each worker of the tests has its own. */
const CHILD = fileURLToPath(new URL(`../../.cache/test/exchange-child-${process.pid}.mjs`, import.meta.url))

const SOURCES = new URL('../../src/exchange/', import.meta.url).href

const FAST: EngineMaker = { create: createFastEngine, restore: restoreFastEngine }
/** The engine that the children do not use: what it makes of their journal is a second opinion. */
const NAIVE: EngineMaker = { create: createNaiveEngine, restore: restoreNaiveEngine }

export async function buildExchangeChild(): Promise<void> {
  mkdirSync(dirname(CHILD), { recursive: true })
  await build({
    entryPoints: [SOURCE],
    outfile: CHILD,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
  afterAll(() => rmSync(CHILD))
}

interface Place {
  readonly db: Database
  readonly ownerUrl: string
  asOwner<Row extends object = Record<string, unknown>>(sql: string): Promise<Row[]>
}

/** One process with an exchange. */
export class Life {
  readonly told: Told[] = []
  readonly child: ChildProcess
  readonly #ended: Promise<'ended' | 'killed'>
  /** What it logged: warnings and errors. */
  complaints = ''

  constructor(plan: ExchangePlan) {
    this.child = spawn(process.execPath, [CHILD, JSON.stringify(plan)], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.child.stderr!.on('data', text => {
      this.complaints = (this.complaints + text).slice(-20_000)
    })
    const lines = createInterface({ input: this.child.stdout! })
    lines.on('line', line => this.told.push(JSON.parse(line) as Told))
    const read = new Promise(resolve => lines.once('close', resolve))
    this.#ended = new Promise((resolve, reject) => {
      this.child.on('exit', async (code, signal) => {
        await read
        if (signal === 'SIGKILL') resolve('killed')
        else if (code === 0) resolve('ended')
        else reject(new Error(`the exchange ended with ${code ?? signal}: ${this.complaints}`))
      })
    })
  }

  get acknowledged(): readonly Extract<Told, { what: 'acknowledged' }>[] {
    return this.told.filter(told => told.what === 'acknowledged')
  }

  /** Resolves once it has acknowledged so many orders more. */
  async acknowledges(count: number): Promise<void> {
    const wanted = this.acknowledged.length + count
    await this.until(() => this.acknowledged.length >= wanted)
  }

  /** Waits for something about it; its end before that is a failure. */
  async until(claim: () => unknown): Promise<void> {
    await Promise.race([
      eventually(claim as () => boolean, 60_000),
      this.#ended.then(how => {
        if (!claim()) throw new Error(`the exchange ${how} too early: ${this.complaints}`)
      }),
    ])
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** How it ended, within a generous time. */
  async ended(): Promise<'ended' | 'killed'> {
    await eventually(() => this.isOver, 120_000).catch(cause => {
      throw new Error(`the exchange does not end: ${this.complaints}`, { cause })
    })
    return this.#ended
  }

  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): number {
    const at = wallMs()
    this.child.kill(name)
    return at
  }
}

export const wallMs = (): number => performance.timeOrigin + performance.now()

/** A database, and the exchanges that live on it one after the other or side by side. */
export async function openExchangeWorld(place: Place, options: { tenant: TenantId; seed: string }) {
  const { tenant, seed } = options
  const { db } = place
  const since = systemClock().now()
  const name = { tenant, shard: 0 }
  const lives: Life[] = []
  await db.tenant(tenant, fundTransfers)

  /** Orders that were sent in a life that has ended, and that nobody was answered about. */
  function doubtful(): string[] {
    const sent = new Set<string>()
    for (const life of lives) {
      if (life.isOver) for (const told of life.told) if (told.what === 'sent') sent.add(told.client)
    }
    for (const life of lives)
      for (const told of life.told)
        if (told.what === 'acknowledged' || told.what === 'refused') sent.delete(told.client)
    return [...sent]
  }

  async function verify(maker: EngineMaker): Promise<ShardVerdict> {
    const verdicts = await verifyExchange({
      db,
      tenant,
      maker,
      limits: CRASH_LIMITS,
      compareLedger: compareWithLedger,
    })
    return verdicts[0]!
  }

  return {
    lives,
    start(death: ExchangePlan['death'] = null): Life {
      const plan = { database: roleUrl(place.ownerUrl, 'bourse_app'), tenant, seed, since, death, sources: SOURCES }
      const life = new Life({ ...plan, life: lives.length, doubtful: doubtful() })
      lives.push(life)
      return life
    },
    /** What is wrong with what is stored now; nothing if all is well. */
    async differences(): Promise<readonly string[]> {
      return (await verify(FAST)).differences
    },
    /** Once the last life has stopped in order and written everything: what is wrong, with all that was ever acknowledged. */
    async finalDifferences(): Promise<string[]> {
      const verdict = await verify(NAIVE)
      const differences = [...verdict.differences]
      if (verdict.snapshots < 2) differences.push('no snapshots were made on the way')
      if (verdict.written !== verdict.commands)
        differences.push(`history ends at command ${verdict.written} of ${verdict.commands}`)
      // A start as it happens: the newest snapshot and what follows.
      const replica = await restore({ db, name, maker: FAST, limits: CRASH_LIMITS })
      for await (const commands of readJournal(db, name, replica.sequence))
        for (const command of commands) replica.apply(command)
      if (hashOf(replica.state()) !== verdict.hash)
        differences.push('snapshot and tail make another state than the journal')
      const { faults } = await verifyLedger(db, tenant)
      for (const { kind, id, rule } of faults) differences.push(`ledger: ${kind} ${id}: ${rule}`)
      return [...differences, ...(await lostOrders(place, lives)), ...(await lostTransfers(db, name, lives))]
    },
    /** Snapshots that are stored; a life too short for its thread to begin makes none. */
    snapshots: async () => (await place.asOwner('SELECT 1 FROM exchange_snapshot')).length,
    acknowledgements: () => lives.reduce((sum, life) => sum + life.acknowledged.length, 0),
    /** Ends what still runs. */
    async close(): Promise<void> {
      for (const { child } of lives) child.kill('SIGKILL')
      await Promise.allSettled(lives.map(life => life.ended()))
    },
  }
}

/** What the other side of transfers has done before they reach the exchange: money is on its way, more than is ever moved. */
async function fundTransfers(tx: TenantTx): Promise<void> {
  const ids = systemIds()
  const assets = CRASH_MARKET.pair.split('/').map((code, i) => ({ code, scale: Object.values(CRASH_SCALES)[i]! }))
  await openAssets(tx, assets)
  const amount = 10n ** 18n
  for (const { code: asset } of assets) {
    const [outside, wallet, clearing] = await openAccounts(
      tx,
      [
        { kind: 'outside', owner: 'test', asset, minimum: null },
        { kind: 'client_wallet', owner: 'everybody', asset },
        { ...TRANSFERS, asset },
      ],
      ids,
    )
    const move = (from: typeof outside, to: typeof outside) => ({
      key: `${asset} from ${from!.kind}`,
      kind: 'deposit',
      at: 1,
      lines: [
        { account: from!.id, asset, amount: -amount },
        { account: to!.id, asset, amount },
      ],
    })
    await post(tx, [move(outside, wallet), move(wallet, clearing)], ids)
  }
}

/** Orders that were acknowledged and are not there as they were, or are there twice. */
async function lostOrders(place: Place, lives: readonly Life[]): Promise<string[]> {
  const rows = await place.asOwner<{ client: string; id: string; filled: string; state: string }>(
    `SELECT client_id AS client, shard || '-' || id AS id, filled, state FROM exchange_order`,
  )
  const byClient = new Map(rows.map(row => [row.client, row]))
  const byId = new Map(rows.map(row => [row.id, row]))
  const lost = rows.length === byClient.size ? [] : [`${rows.length - byClient.size} orders are there twice`]
  for (const life of lives)
    for (const told of life.told) {
      if (told.what === 'acknowledged') {
        const row = byClient.get(told.client)
        if (row?.id !== told.id) lost.push(`${told.client} was acknowledged as ${told.id} and is ${row?.id}`)
        else if (Number(row.filled) < Number(told.filled))
          lost.push(`${told.client} was acknowledged with ${told.filled} filled and has ${row.filled}`)
      } else if (told.what === 'canceled') {
        const { state } = byId.get(told.id)!
        if (state === 'open' || state === 'waiting') lost.push(`${told.id} was canceled and is ${state}`)
      }
    }
  return lost
}

/** Transfers that were acknowledged and are not in the journal as they were. */
async function lostTransfers(
  db: Database,
  name: { tenant: TenantId; shard: number },
  lives: readonly Life[],
): Promise<string[]> {
  const replica = new Replica(FAST, CRASH_LIMITS)
  const moved = new Set<string>()
  for await (const commands of readJournal(db, name, 0))
    for (const command of commands)
      for (const report of replica.apply(command))
        if (report.type === 'moved' && 'transfer' in command) {
          const { account, asset, amount } = report
          moved.add(`${replica.owners[account]} ${command.transfer}: ${amount} ${replica.assets[asset]!.code}`)
        }
  return lives.flatMap(({ told }) =>
    told.flatMap(one => {
      if (one.what !== 'moved') return []
      const text = `${one.owner} ${one.transfer}: ${one.amount} ${one.asset}`
      return moved.has(text) ? [] : [`the transfer ${text} was acknowledged and is not in the journal`]
    }),
  )
}
