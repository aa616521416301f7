import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Done, type MarketSpec, type NewCommand, rulesOf } from '../src/exchange/testing.ts'
import { type Random, seededRandom } from '../src/kernel/index.ts'
import { createFastEngine, type EngineLimits, restoreFastEngine } from '../src/matching/index.ts'
import { createDatabase, migrate, roleUrl, silentLog, startPostgres } from '../src/platform/index.ts'

/** What the benches of the exchange trade on: one market, some hundred accounts, and a seeded mix of commands. */
export const ACCOUNTS = 300
export const ENGINE = { create: createFastEngine, restore: restoreFastEngine }
export const LIMITS: EngineLimits = {
  ordersMax: 500_000,
  accountsMax: 1_000,
  instrumentsMax: 4,
  assetsMax: 4,
  clientIdsMax: 1_000,
  makerPpm: 1_000,
  takerPpm: 2_000,
}
const MARKET: MarketSpec = {
  pair: 'ABC/USD',
  tick: '0.01',
  lot: '0.001',
  quantityMin: '0.001',
  quantityMax: '1000',
  priceMax: '100000',
  notionalMin: '0.1',
  bandPpm: 0,
  haltPpm: 0,
  haltMicros: 0,
  protectionPpm: 50_000,
}
export const SCALES = { base: 8, quote: 6 }

/** Units of each asset that every account is given. */
export const UNITS = 10 ** 13

/** What lists the market, opens it, and gives every account its money. */
export function marketCommands(): NewCommand[] {
  const { pair, tick, lot } = MARKET
  const rules = rulesOf(MARKET, SCALES.base, SCALES.quote)
  const commands: NewCommand[] = [
    { kind: 'add_asset', asset: 0, code: 'ABC', scale: SCALES.base },
    { kind: 'add_asset', asset: 1, code: 'USD', scale: SCALES.quote },
    { kind: 'add_instrument', instrument: 0, base: 0, quote: 1, rules, pair, tick, lot },
    { kind: 'set_phase', instrument: 0, phase: 'trading', until: 0, next: 'trading' },
  ]
  for (let account = 0; account < ACCOUNTS; account++)
    commands.push(
      { kind: 'add_account', account, owner: `account ${account}` },
      { kind: 'deposit', account, asset: 0, amount: UNITS, transfer: 1 },
      { kind: 'deposit', account, asset: 1, amount: UNITS, transfer: 2 },
    )
  return commands
}

export type BenchDatabase = Awaited<ReturnType<typeof openBenchDatabase>>

/** A durable PostgreSQL of the bench's own, whose log has files to write again, as that of one that has been at work for a while. */
export async function openBenchDatabase() {
  const dataDir = mkdtempSync(join(tmpdir(), 'bourse-exchange-'))
  const postgres = await startPostgres({ dataDir, log: silentLog })
  await migrate(postgres.url)
  await fillLog(postgres.url)
  const url = roleUrl(postgres.url, 'bourse_app')
  const db = createDatabase({ url, log: silentLog })
  return {
    db,
    url,
    ownerUrl: postgres.url,
    async close() {
      await db.close()
      await postgres.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Bytes of the log that are written and then free to be used again. */
const LOG_BYTES = 1_200 * 2 ** 20

async function fillLog(ownerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    for (let bytes = 0; bytes < LOG_BYTES; bytes += 2 ** 20)
      await client.query(`SELECT pg_logical_emit_message(false, 'fill', repeat('x', 1024 * 1024))`)
    await client.query('CHECKPOINT')
  } finally {
    await client.end()
  }
}

/** Orders that rest, about: past it one is cancelled for each that is placed. */
const RESTING = 20_000

/**
 * Limit orders that rest within half a per cent of 100, orders that take at once (15 %), and cancels (30 %, and more once
 * enough rest), by random accounts, each order with a client id.
 */
export class CommandMix {
  readonly #random: Random
  /** Orders that may be cancelled, each with its account in one number: objects by the thousand would be another's garbage. */
  readonly #known: number[] = []
  #named = 0

  constructor(seed: string) {
    this.#random = seededRandom(seed)
  }

  next(): NewCommand {
    const random = this.#random
    const dice = random.below(100)
    if (this.#known.length > 0 && (dice < 30 || this.#known.length > RESTING)) {
      const at = random.below(this.#known.length)
      const packed = this.#known[at]!
      this.#known[at] = this.#known.at(-1)!
      this.#known.pop()
      return { kind: 'cancel', account: packed % ACCOUNTS, order: Math.floor(packed / ACCOUNTS), clientId: '' }
    }
    const side = random.below(2) === 0 ? 'buy' : 'sell'
    const isTaker = dice >= 85
    const away = isTaker ? -10 : 1 + random.below(50)
    this.#named += 1
    return {
      kind: 'place',
      account: random.below(ACCOUNTS),
      instrument: 0,
      clientId: `c-${this.#named}`,
      side,
      type: 'limit',
      timeInForce: isTaker ? 'ioc' : 'gtc',
      price: side === 'buy' ? 10_000 - away : 10_000 + away,
      trigger: 0,
      quantity: 1 + random.below(1_000),
      display: 0,
      isPostOnly: false,
      selfTrade: 'cancel_newest',
      expireAt: 0,
      session: 0,
    }
  }

  /** An answer: an order that rests may be cancelled later. */
  answered({ command, reports }: Done): void {
    if (command.kind !== 'place' || command.timeInForce !== 'gtc' || reports[0]?.type !== 'accepted') return
    this.#known.push(command.sequence * ACCOUNTS + command.account)
  }
}
