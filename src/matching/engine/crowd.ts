import type { Micros, Random } from '../../kernel/index.ts'
import type { AmendOrder, EngineCommand, InstrumentRules, Phase, PlaceOrder } from './command.ts'
import { LIMITS, RULES } from './testing.ts'

/** For tests: people who do everything that an engine takes, in three markets of three assets, from a seed. */

type Weights<T> = readonly (readonly [weight: number, value: T])[]

const ACCOUNTS = 5
const ASSETS = 3
const MARKETS: readonly { base: number; quote: number; price: number; step: number; rules: InstrumentRules }[] = [
  { base: 0, quote: 2, price: 1_000, step: 1, rules: RULES },
  {
    base: 1,
    quote: 2,
    price: 1_000,
    step: 1,
    rules: {
      ...RULES,
      lotUnits: 7,
      tickLotUnits: 3,
      quantityMin: 2,
      notionalMin: 5_000,
      bandPpm: 20_000,
      haltPpm: 4_000,
    },
  },
  {
    base: 0,
    quote: 1,
    price: 2 ** 40,
    step: 2 ** 31 + 7,
    rules: { ...RULES, priceMax: 2 ** 45, quantityMax: 2_000, haltPpm: 10_000, protectionPpm: 5_000 },
  },
]

export const CROWD_LIMITS = { ...LIMITS, ordersMax: 150, makerPpm: 700, takerPpm: 1_300 }

export interface Crowd {
  /** What opens the exchange. */
  readonly opening: readonly EngineCommand[]
  next(): EngineCommand
}

export function crowdOf(random: Random): Crowd {
  let [sequence, at]: [number, Micros] = [0, 1_000]
  const placed: PlaceOrder[] = []

  const pick = <T>(weights: Weights<T>): T => {
    let rest = random.below(weights.reduce((sum, [weight]) => sum + weight, 0))
    return weights.find(([weight]) => {
      rest -= weight
      return rest < 0
    })![1]
  }
  const chance = (percent: number) => random.below(100) < percent
  const number = () => {
    at += chance(80) ? random.below(20) : random.below(2_000)
    sequence += 1
    return { sequence, at }
  }
  const priceIn = (market: number) => {
    const { price, step } = MARKETS[market]!
    return Math.max(1, price + step * Math.round(random.normal() * (chance(5) ? 60 : 6)))
  }
  const quantity = () => (chance(2) ? random.below(3_000) : 1 + random.below(40))
  const someOrder = () => placed[random.below(placed.length + 1)]

  function place(): EngineCommand {
    const instrument = random.below(MARKETS.length)
    const type = pick([
      [70, 'limit'],
      [12, 'market'],
      [9, 'stop'],
      [9, 'stop_limit'],
    ] as const)
    const rests = chance(75) && (type === 'limit' || type === 'stop_limit')
    const lots = quantity()
    const again = chance(3) ? someOrder() : undefined
    const force = rests
      ? pick([
          [70, 'gtc'],
          [30, 'gtd'],
        ] as const)
      : pick([
          [60, 'ioc'],
          [40, 'fok'],
        ] as const)
    const order: PlaceOrder = {
      kind: 'place',
      ...number(),
      account: random.below(ACCOUNTS),
      instrument,
      clientId: chance(30) ? `c${random.below(60)}` : '',
      side: pick([
        [1, 'buy'],
        [1, 'sell'],
      ] as const),
      type,
      timeInForce: force,
      price: type === 'limit' || type === 'stop_limit' ? priceIn(instrument) : 0,
      trigger: type === 'stop' || type === 'stop_limit' ? priceIn(instrument) : 0,
      quantity: lots,
      display: type === 'limit' && rests && lots > 1 && chance(25) ? 1 + random.below(lots - 1) : 0,
      isPostOnly: rests && chance(15),
      selfTrade: pick([
        [1, 'cancel_newest'],
        [1, 'cancel_oldest'],
        [1, 'cancel_both'],
        [2, 'decrement'],
      ] as const),
      expireAt: force === 'gtd' ? at + random.below(8_000) : 0,
      session: random.below(3),
    }
    const command = again === undefined ? order : { ...again, sequence: order.sequence, at: order.at }
    if (rests || command.trigger > 0) placed.push(command)
    if (placed.length > 120) placed.shift()
    return command
  }

  function amend(): EngineCommand {
    const order = someOrder()
    if (order === undefined) return place()
    const named = order.clientId !== '' && chance(50)
    const change: AmendOrder = {
      kind: 'amend',
      ...number(),
      account: chance(95) ? order.account : random.below(ACCOUNTS),
      order: named ? 0 : order.sequence,
      clientId: named ? order.clientId : '',
      price: chance(60) ? priceIn(order.instrument) : 0,
      quantity: chance(60) ? quantity() : 0,
    }
    return change
  }

  function cancel(): EngineCommand {
    const order = someOrder()
    if (order === undefined) return place()
    return { kind: 'cancel', ...number(), account: order.account, order: order.sequence, clientId: order.clientId }
  }

  function setPhase(): EngineCommand {
    const phase = pick<Phase>([
      [50, 'trading'],
      [35, 'auction'],
      [10, 'halted'],
      [3, 'closed'],
    ])
    const command = { kind: 'set_phase', ...number(), instrument: random.below(MARKETS.length), phase } as const
    const ends = (phase === 'auction' || phase === 'halted') && chance(90)
    return { ...command, until: ends ? at + 1 + random.below(3_000) : 0, next: chance(96) ? 'trading' : 'closed' }
  }

  function anything(): EngineCommand {
    const account = random.below(ACCOUNTS)
    const instrument = random.below(MARKETS.length)
    const asset = random.below(ASSETS)
    const what = pick([
      [20, 'fees'],
      [20, 'deposit'],
      [20, 'withdraw'],
      [10, 'rules'],
      [20, 'reference'],
      [10, 'all'],
    ])
    if (what === 'fees')
      return { kind: 'set_fees', ...number(), account, makerPpm: random.below(2_000), takerPpm: random.below(4_000) }
    if (what === 'deposit') return { kind: 'deposit', ...number(), account, asset, amount: fundsOf(asset) }
    if (what === 'withdraw')
      return { kind: 'withdraw', ...number(), account, asset, amount: 1 + random.below(fundsOf(asset)) }
    if (what === 'reference') return { kind: 'set_reference', ...number(), instrument, price: priceIn(instrument) }
    if (what === 'all')
      return { kind: 'cancel_all', ...number(), account, instrument: instrument - 1, session: random.below(3) }
    const { base, quote, rules } = MARKETS[instrument]!
    const change = { bandPpm: random.below(3) * 10_000, protectionPpm: random.below(50_000) }
    return { kind: 'add_instrument', ...number(), instrument, base, quote, rules: { ...rules, ...change } }
  }

  const fundsOf = (asset: number) => (asset === 1 ? 2 ** 46 : 300_000)
  const opening = (): EngineCommand[] => [
    ...Array.from(
      { length: ASSETS },
      (_, asset) => ({ kind: 'add_asset', ...number(), asset, code: `A${asset}` }) as const,
    ),
    ...Array.from({ length: ACCOUNTS }, (_, account) => ({ kind: 'add_account', ...number(), account }) as const),
    ...MARKETS.map(
      ({ base, quote, rules }, instrument) =>
        ({ kind: 'add_instrument', ...number(), instrument, base, quote, rules }) as const,
    ),
    ...MARKETS.map(
      (_, instrument) =>
        ({ kind: 'set_phase', ...number(), instrument, phase: 'trading', until: 0, next: 'trading' }) as const,
    ),
    ...Array.from(
      { length: ACCOUNTS * ASSETS },
      (_, i) =>
        ({
          kind: 'deposit',
          ...number(),
          account: i % ACCOUNTS,
          asset: Math.floor(i / ACCOUNTS),
          amount: fundsOf(Math.floor(i / ACCOUNTS)),
        }) as const,
    ),
  ]

  return {
    opening: opening(),
    next() {
      const what = pick([
        [600, place],
        [170, amend],
        [150, cancel],
        [40, () => ({ kind: 'tick', ...number() }) as const],
        [15, setPhase],
        [25, anything],
      ])
      return what()
    },
  }
}
