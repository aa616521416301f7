import { AppError, assert, type Micros } from '../../kernel/index.ts'
import type { Engine, EngineLimits, EngineState } from '../../matching/index.ts'
import type { CommandOf, ShardCommand } from './command.ts'
import { keepReports, type Report, type Reports, refusalOf } from './report.ts'
import { linesOf, stateOf } from './state-lines.ts'

/** How an engine comes about: the fast one in production, the naive one where it is the oracle. */
export interface EngineMaker {
  create(limits: EngineLimits): Engine
  restore(limits: EngineLimits, state: EngineState): Engine
}

export interface ListedAsset {
  readonly code: string
  readonly scale: number
}

export type ListedInstrument = Pick<CommandOf<'add_instrument'>, 'pair' | 'tick' | 'lot' | 'base' | 'quote' | 'rules'>

export interface Rates {
  readonly makerPpm: number
  readonly takerPpm: number
}

interface ReplicaState {
  readonly kind: 'exchange-shard'
  readonly version: 2
  readonly limits: EngineLimits
  readonly at: Micros
  readonly engine: EngineState
  readonly assets: readonly ListedAsset[]
  readonly instruments: readonly ListedInstrument[]
  /** Owner of each account, by its number. */
  readonly owners: readonly string[]
  /** Transfers of each account that were carried out. */
  readonly transfers: readonly number[]
  /** Of each account: makers' and takers' millionths, where they are its own. */
  readonly rates: readonly (Rates | null)[]
}

/**
 * A shard as its journal makes it: the engine, and the names of what it calls by number. The owner has one, a stand-by that
 * follows has one, and so has whoever verifies; the same commands make the same state in all of them.
 */
export class Replica {
  readonly engine: Engine
  readonly assets: ListedAsset[]
  readonly instruments: ListedInstrument[]
  readonly owners: string[]
  readonly #transfers: number[]
  readonly #rates: (Rates | null)[]
  readonly #limits: EngineLimits
  readonly #accounts: Map<string, number>
  readonly #kept = keepReports()
  #at: Micros

  /** @throws AppError `exchange.limits_changed` when the state was made under other limits: the same journal would mean something else */
  constructor(maker: EngineMaker, limits: EngineLimits, state?: Iterable<string>) {
    const from = state === undefined ? undefined : (stateOf(state) as ReplicaState)
    assert(from === undefined || (from.kind === 'exchange-shard' && from.version === 2), 'not the state of a shard')
    if (from !== undefined) checkLimits(from.limits, limits)
    this.engine = from === undefined ? maker.create(limits) : maker.restore(limits, from.engine)
    this.#at = from?.at ?? 0
    this.assets = [...(from?.assets ?? [])]
    this.instruments = [...(from?.instruments ?? [])]
    this.owners = [...(from?.owners ?? [])]
    this.#transfers = [...(from?.transfers ?? [])]
    this.#rates = [...(from?.rates ?? [])]
    this.#limits = limits
    this.#accounts = new Map(this.owners.map((owner, account) => [owner, account]))
  }

  /** Number of the last command. */
  get sequence(): number {
    return this.engine.sequence
  }

  /** Time of the last command. */
  get at(): Micros {
    return this.#at
  }

  accountOf(owner: string): number | undefined {
    return this.#accounts.get(owner)
  }

  transfersOf(account: number): number {
    return this.#transfers[account] ?? 0
  }

  /** What an owner's fills are charged; the schedule of everybody where it has no account yet. */
  ratesOf(owner: string): Rates {
    const account = this.accountOf(owner)
    const { makerPpm, takerPpm } = (account === undefined ? null : this.#rates[account]) ?? this.#limits
    return { makerPpm, takerPpm }
  }

  apply(command: ShardCommand): Reports {
    const refusal = this.#refusal(command)
    // The engine counts every command of the journal, whatever comes of it here.
    const { sequence, at } = command
    this.engine.apply(refusal === undefined ? command : { kind: 'tick', sequence, at }, this.#kept)
    this.#at = at
    const reports = this.#kept.take()
    if (refusal !== undefined) return [refusal, ...reports]
    if (refusalOf(reports) === null) this.#note(command)
    return reports
  }

  /** The whole state as lines of text, the same wherever the same commands were applied; see `state-lines.ts`. */
  state(): Iterable<string> {
    const state: ReplicaState = {
      kind: 'exchange-shard',
      version: 2,
      limits: this.#limits,
      at: this.#at,
      engine: this.engine.state(),
      assets: this.assets,
      instruments: this.instruments,
      owners: this.owners,
      transfers: this.#transfers,
      rates: this.#rates,
    }
    return linesOf(state)
  }

  /** What the shard itself refuses, before the engine is asked. */
  #refusal(command: ShardCommand): Report | undefined {
    if (command.kind === 'deposit' || command.kind === 'withdraw') {
      const { account, transfer } = command
      const done = this.transfersOf(account)
      if (transfer <= done) return { type: 'repeated', order: 0, account }
      if (transfer !== done + 1) return { type: 'refused', account, reason: 'invalid' }
    }
    if (command.kind === 'add_account' && this.#accounts.has(command.owner))
      return { type: 'repeated', order: 0, account: this.#accounts.get(command.owner)! }
    return undefined
  }

  #note(command: ShardCommand): void {
    switch (command.kind) {
      case 'add_asset':
        this.assets[command.asset] = { code: command.code, scale: command.scale }
        break
      case 'add_instrument': {
        const { pair, tick, lot, base, quote, rules } = command
        this.instruments[command.instrument] = { pair, tick, lot, base, quote, rules }
        break
      }
      case 'add_account':
        this.owners[command.account] = command.owner
        this.#accounts.set(command.owner, command.account)
        this.#transfers[command.account] = 0
        this.#rates[command.account] = null
        break
      case 'set_fees':
        this.#rates[command.account] = { makerPpm: command.makerPpm, takerPpm: command.takerPpm }
        break
      case 'deposit':
      case 'withdraw':
        this.#transfers[command.account] = command.transfer
        break
    }
  }
}

function checkLimits(then: EngineLimits, now: EngineLimits): void {
  for (const [name, limit] of Object.entries(then))
    if (now[name as keyof EngineLimits] !== limit)
      throw new AppError('exchange.limits_changed', {
        field: name,
        rule: `is ${limit}, as when the journal was written`,
      })
}
