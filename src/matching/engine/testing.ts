import { MICROS_PER_MINUTE } from '../../kernel/index.ts'
import { createFastEngine, createNaiveEngine, restoreFastEngine, restoreNaiveEngine } from '../index.ts'
import type { EngineCommand, InstrumentRules, Phase, PlaceOrder } from './command.ts'
import type { Engine, EngineLimits, EngineState } from './engine.ts'
import type { ReportSink } from './report.ts'

/** For tests: both engines, and given / when / then over either. */
export interface EngineMaker {
  readonly name: string
  /** Whether it goes through its saved state after every step. */
  readonly isRestored: boolean
  create(limits: EngineLimits): Engine
  restore(limits: EngineLimits, state: EngineState): Engine
}

const makers = [
  { name: 'naive', create: createNaiveEngine, restore: restoreNaiveEngine },
  { name: 'fast', create: createFastEngine, restore: restoreFastEngine },
]

export const ENGINES: readonly EngineMaker[] = makers.flatMap(maker => [
  { ...maker, isRestored: false },
  { ...maker, name: `${maker.name}, restored after every command`, isRestored: true },
])

export const LIMITS: EngineLimits = {
  ordersMax: 12,
  accountsMax: 10,
  instrumentsMax: 4,
  assetsMax: 4,
  clientIdsMax: 3,
  makerPpm: 0,
  takerPpm: 0,
}

/** A lot is a unit, a tick × lot is a unit, and nothing stands in the way. */
export const RULES: InstrumentRules = {
  lotUnits: 1,
  tickLotUnits: 1,
  quantityMin: 1,
  quantityMax: 1_000_000,
  priceMax: 1_000_000,
  notionalMin: 0,
  bandPpm: 0,
  haltPpm: 0,
  haltMicros: MICROS_PER_MINUTE,
  protectionPpm: 100_000,
}

/** A command as a test writes it: without its number and time. `order: 'a'` is the order of that name, `wait` time that passes. */
export type Step = Readonly<Record<string, unknown>>

export const PEOPLE = ['alice', 'bob', 'carol'] as const
export type Person = (typeof PEOPLE)[number]
export const BASE = 0
export const QUOTE = 1

const order = (name: string, person: Person, side: 'buy' | 'sell', more: Partial<PlaceOrder>): Step => ({
  kind: 'place',
  name,
  account: PEOPLE.indexOf(person),
  instrument: 0,
  clientId: '',
  side,
  type: 'limit',
  timeInForce: 'gtc',
  price: 0,
  trigger: 0,
  quantity: 0,
  display: 0,
  isPostOnly: false,
  selfTrade: 'cancel_newest',
  expireAt: 0,
  session: 0,
  ...more,
})

type Place = (name: string, person: Person, quantity: number, price: number, more?: Partial<PlaceOrder>) => Step
export const buy: Place = (name, person, quantity, price, more) =>
  order(name, person, 'buy', { quantity, price, ...more })
export const sell: Place = (name, person, quantity, price, more) =>
  order(name, person, 'sell', { quantity, price, ...more })

export const market: Partial<PlaceOrder> = { type: 'market', timeInForce: 'ioc' }
export const stop = (trigger: number, more?: Partial<PlaceOrder>): Partial<PlaceOrder> => ({
  type: 'stop',
  timeInForce: 'ioc',
  trigger,
  ...more,
})

export const cancel = (name: string, person: Person): Step => ({
  kind: 'cancel',
  account: PEOPLE.indexOf(person),
  order: name,
  clientId: '',
})
export const amend = (name: string, person: Person, change: { price?: number; quantity?: number }): Step => ({
  kind: 'amend',
  account: PEOPLE.indexOf(person),
  order: name,
  clientId: '',
  price: 0,
  quantity: 0,
  ...change,
})
export const cancelAll = (person: Person, more: { instrument?: number; session?: number } = {}): Step => ({
  kind: 'cancel_all',
  account: PEOPLE.indexOf(person),
  instrument: -1,
  session: 0,
  ...more,
})
export const phase = (name: Phase, until = 0, next: 'trading' | 'closed' = 'trading'): Step => ({
  kind: 'set_phase',
  instrument: 0,
  phase: name,
  until,
  next,
})
export const reference = (price: number): Step => ({ kind: 'set_reference', instrument: 0, price })
/** Time passes, in microseconds. */
export const tick = (wait = 0): Step => ({ kind: 'tick', wait })
export const deposit = (person: Person, asset: number, amount: number): Step => ({
  kind: 'deposit',
  account: PEOPLE.indexOf(person),
  asset,
  amount,
})
export const withdraw = (person: Person, asset: number, amount: number): Step => ({
  kind: 'withdraw',
  account: PEOPLE.indexOf(person),
  asset,
  amount,
})
export const fees = (person: Person, makerPpm: number, takerPpm: number): Step => ({
  kind: 'set_fees',
  account: PEOPLE.indexOf(person),
  makerPpm,
  takerPpm,
})
export const rules = (change: Partial<InstrumentRules>): Step => ({
  kind: 'add_instrument',
  instrument: 0,
  base: BASE,
  quote: QUOTE,
  rules: { ...RULES, ...change },
})

export interface Exchange {
  readonly engine: Engine
  /** The reports since the last call, one line each; `shown` apart. */
  take(): { readonly reports: string[]; readonly shown: string[] }
  apply(...steps: readonly Step[]): void
}

/** An exchange with one market that trades, and three people with `funds` units of either asset. */
function openExchange(maker: EngineMaker, { funds = 1_000_000, limits = LIMITS } = {}): Exchange {
  const exchange = exchangeOf(maker, limits)
  for (const [asset, code] of ['XBT', 'USD'].entries()) exchange.apply({ kind: 'add_asset', asset, code })
  for (const account of PEOPLE.keys()) exchange.apply({ kind: 'add_account', account })
  exchange.apply(rules({}), phase('trading'))
  for (const person of PEOPLE) exchange.apply(deposit(person, BASE, funds), deposit(person, QUOTE, funds))
  exchange.take()
  return exchange
}

function exchangeOf(maker: EngineMaker, limits: EngineLimits): Exchange {
  let engine = maker.create(limits)
  const names = new Map<number, string>()
  let [at, reports, shown] = [1, [] as string[], [] as string[]]
  const sink = sinkOf(
    id => names.get(id)!,
    line => reports.push(line),
    line => shown.push(line),
  )
  return {
    get engine() {
      return engine
    },
    take() {
      const taken = { reports, shown }
      reports = []
      shown = []
      return taken
    },
    apply(...steps) {
      for (const { name, wait = 0, ...command } of steps as readonly (Step & { name?: string; wait?: number })[]) {
        const sequence = engine.sequence + 1
        if (name !== undefined) names.set(sequence, name)
        const named = typeof command.order === 'string' ? { order: idOf(names, command.order) } : {}
        at += wait
        engine.apply({ ...command, ...named, sequence, at } as EngineCommand, sink)
        if (maker.isRestored) engine = maker.restore(limits, JSON.parse(JSON.stringify(engine.state())))
      }
    },
  }
}

const idOf = (names: ReadonlyMap<number, string>, name: string): number =>
  [...names].findLast(([, one]) => one === name)?.[0] ?? 999_999

/** Reports as lines: `accepted a`, `traded a b 5@100`, `canceled a 5 requested`, `shown a 5@100 new`. */
function sinkOf(
  nameOf: (order: number) => string,
  report: (line: string) => void,
  show: (line: string) => void,
): ReportSink {
  return {
    refused: (_, reason) => report(`refused ${reason}`),
    repeated: order => report(`repeated ${nameOf(order)}`),
    accepted: (order, _account, _instrument, _side, price, open) =>
      report(`accepted ${nameOf(order)} ${open}${price === 0 ? '' : `@${price}`}`),
    traded: ({ maker, taker, quantity, price, makerFee, takerFee }) => {
      const paid = makerFee + takerFee === 0 ? '' : ` fees ${makerFee} ${takerFee}`
      report(`traded ${nameOf(maker)} ${nameOf(taker)} ${quantity}@${price}${paid}`)
    },
    canceled: (order, _account, _instrument, open, reason) => report(`canceled ${nameOf(order)} ${open} ${reason}`),
    amended: (order, _account, _instrument, price, open, keptPriority) =>
      report(`amended ${nameOf(order)} ${open}${price === 0 ? '' : `@${price}`}${keptPriority ? ' kept' : ''}`),
    triggered: order => report(`triggered ${nameOf(order)}`),
    shown: (order, _instrument, _side, price, visible, isNew) =>
      show(`${nameOf(order)} ${visible}@${price}${isNew ? ' new' : ''}`),
    phased: (_, name, until) => report(`phased ${name}${until === 0 ? '' : ` until ${until}`}`),
    indicated: (_, price, quantity) => report(`indicated ${quantity}@${price}`),
    moved: (account, asset, amount) => report(`moved ${PEOPLE[account]} ${asset} ${amount}`),
  }
}

/** What happened, and how the exchange stands after it. */
export interface Outcome {
  readonly reports: readonly string[]
  readonly shown: readonly string[]
  readonly engine: Engine
  /** `available+held` of the base and the quote asset. */
  funds(person: Person): string
}

export const givenOf =
  (maker: EngineMaker) =>
  (...before: readonly Step[]) => ({
    when(...steps: readonly Step[]): Outcome {
      const exchange = openExchange(maker)
      exchange.apply(...before)
      exchange.take()
      exchange.apply(...steps)
      const { engine } = exchange
      const text = (person: Person, asset: number) => {
        const balance = engine.balances(PEOPLE.indexOf(person)).find(one => one.asset === asset)
        return `${balance?.available ?? 0}+${balance?.held ?? 0}`
      }
      return { ...exchange.take(), engine, funds: person => `${text(person, BASE)} ${text(person, QUOTE)}` }
    },
  })

/** Every report as a line with all that it says. */
export function linesOf(): { readonly sink: ReportSink; take(): string[] } {
  let lines: string[] = []
  const names = 'refused repeated accepted traded canceled amended triggered shown phased indicated moved'.split(' ')
  const tell =
    (name: string) =>
    (...parts: unknown[]) => {
      lines.push(`${name} ${parts.map(part => (typeof part === 'object' ? JSON.stringify(part) : part)).join(' ')}`)
    }
  return {
    sink: Object.fromEntries(names.map(name => [name, tell(name)])) as unknown as ReportSink,
    take() {
      const taken = lines
      lines = []
      return taken
    },
  }
}
