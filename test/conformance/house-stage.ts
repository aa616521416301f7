import type { FaultRule } from '../../simulators/venues/index.ts'
import {
  Exchange,
  HouseVenue,
  JournalWriter,
  listMarket,
  type MarketSpec,
  type NewOrder,
  Shards,
  setPhase,
} from '../../src/exchange/testing.ts'
import {
  type Instrument,
  lotsFromFloat,
  lotsOf,
  type Micros,
  parseDecimal,
  priceText,
  quantityText,
  type TenantId,
  type Trade,
  ticksOf,
} from '../../src/kernel/index.ts'
import { createFastEngine, restoreFastEngine } from '../../src/matching/index.ts'
import { roleUrl, type Schema, silentLog, systemIds, systemTimers } from '../../src/platform/index.ts'
import { type FreshDatabase, manualTime } from '../../src/platform/testing.ts'
import { HouseFaults } from './house-faults.ts'
import { newEar, type Stage, type TrueFill, type TrueOrder } from './stage.ts'
import type { Holdings, Listed, OthersOrder } from './surroundings.ts'

/** A PostgreSQL of its own: what the stage needs of one. */
export type HouseDatabase = Pick<FreshDatabase, 'db' | 'ownerUrl' | 'asOwner'>

const OWNER = 'under-test'
/** Who makes the market, and who takes from it. */
const MAKER = 'maker'
const TAKER = 'taker'
const LIMITS = {
  ordersMax: 10_000,
  accountsMax: 10,
  instrumentsMax: 10,
  assetsMax: 10,
  clientIdsMax: 1_000,
  makerPpm: 1_000,
  takerPpm: 2_000,
}
const RULES = {
  lot: '0.1',
  quantityMin: '1',
  quantityMax: '100000000',
  priceMax: '1000',
  notionalMin: '1',
  bandPpm: 0,
  haltPpm: 0,
  haltMicros: 0,
  protectionPpm: 50_000,
}
const SCALES: Readonly<Record<string, number>> = { XRP: 6, DOGE: 6, USD: 8 }
const ENDOWMENT: Readonly<Record<string, number>> = { XRP: 1_000_000, DOGE: 10_000_000, USD: 1_000_000 }
/** Levels of each side, what rests on one, and the ticks between them and from the middle to the first. */
const LEVELS = 20
const LEVEL_QUANTITY = '1000'
const STEP = 10
const HALF_SPREAD = 50
const MARKETS: readonly { readonly spec: MarketSpec; readonly middle: number }[] = [
  { spec: { ...RULES, pair: 'XRP/USD', tick: '0.0001' }, middle: 20_000 },
  { spec: { ...RULES, pair: 'DOGE/USD', tick: '0.00001' }, middle: 20_000 },
]
/** Units of the amounts that cases compare. */
const UNIT_SCALE = 18
const FLUSH_MS = 50
/** How often a claim is looked at again, each time with all told that is on its way. */
const LOOKS_MAX = 200
const TIMEOUT_MS = 5_000

const units = (amount: string) => parseDecimal(amount, UNIT_SCALE)

const trueOrder = (
  of: Instrument,
  {
    client_id,
    side,
    price,
    quantity,
    filled,
    state,
  }: Pick<Schema['exchange_order'], 'client_id' | 'side' | 'price' | 'quantity' | 'filled' | 'state'>,
): TrueOrder => ({
  clientId: client_id === '' ? null : client_id,
  side,
  price: price === null ? null : ticksOf(of, price),
  quantity: lotsOf(of, quantity),
  filled: lotsOf(of, filled),
  state: state === 'waiting' ? 'open' : state,
  triggered: state !== 'waiting',
})

/**
 * The house exchange on the same stage as the others: over a PostgreSQL of its own, in this process, with two more participants
 * who are its market. The clock is by hand; what the database does is waited for. What is true is read from the tables and the
 * engine.
 */
export async function openHouseStage(database: HouseDatabase): Promise<Stage> {
  const time = manualTime()
  const { clock, timers } = time
  const tenant = systemIds().next() as TenantId
  const { db } = database
  const maker = { create: createFastEngine, restore: restoreFastEngine }
  // Leases and histories are kept against the database, whose time is the real one.
  const real = { timers: systemTimers(), log: silentLog }
  const shards = new Shards({
    tenant,
    shards: 1,
    maker,
    limits: LIMITS,
    db,
    url: roleUrl(database.ownerUrl, 'bourse_app'),
    owner: 'conformance',
    history: (name, onWritten) =>
      new JournalWriter({ ...real, name, db, maker, limits: LIMITS, post: async () => {}, onWritten }),
    clock,
    ...real,
  })
  await shards.start()
  await shards.opened()
  const exchange = new Exchange(shards, { db, tenant, clock })
  const part = shards.parts[0]!

  for (const { spec } of MARKETS) {
    const [base, quote] = spec.pair.split('/') as [string, string]
    await listMarket(shards, 0, spec, { base: SCALES[base]!, quote: SCALES[quote]! })
    await setPhase(shards, `house:${spec.pair}`, 'trading')
  }
  for (const owner of [OWNER, MAKER, TAKER])
    for (const [i, [asset, whole]] of Object.entries(ENDOWMENT).entries())
      await exchange.move(0, owner, asset, whole * 10 ** SCALES[asset]!, i + 1)

  /** The next time that the shard is owned, or is owned no more. */
  const turned = (wanted: boolean) =>
    new Promise<void>(resolve => {
      const stop = shards.follow({
        onBatch() {},
        onLoad() {},
        onTurn(_part, isOwned) {
          if (isOwned !== wanted) return
          stop()
          resolve()
        },
      })
    })
  const faults = new HouseFaults({
    time,
    async cut() {
      const [lost, again] = [turned(false), turned(true)]
      const cut = database.asOwner('SELECT pg_terminate_backend(backend) FROM lease WHERE tenant_id = $1', [tenant])
      await lost
      return { again: Promise.all([again, cut]) }
    },
  })
  faults.between(part.feed)
  const flushing = timers.every(FLUSH_MS, () => part.feed.flush(clock.now()))

  const instruments = shards.markets().map(({ market }) => market.instrument)
  const listed = instruments.map(
    (instrument): Listed => ({
      instrument: instrument as Listed['instrument'],
      makerPpm: LIMITS.makerPpm,
      takerPpm: LIMITS.takerPpm,
    }),
  )
  const numberOf = ({ instrument }: Listed) => shards.marketOf(`house:${instrument.pair}`).market.number
  const base = (wanted: string): Instrument => instruments.find(one => one.base === wanted)!
  const XRP = base('XRP')

  const orders: TrueOrder[] = []
  const fills: TrueFill[] = []
  const trades: (Trade & { readonly pair: string })[] = []
  /** Reads the tables anew, once all that was acknowledged is in them. */
  async function look(): Promise<void> {
    await faults.mended()
    await shards.opened()
    await shards.written()
    await db.tenant(tenant, async tx => {
      const rows = await tx.selectFrom('exchange_order').selectAll().where('owner', '=', OWNER).orderBy('id').execute()
      orders.splice(0, orders.length, ...rows.map(row => trueOrder(base(row.pair.split('/')[0]!), row)))
      const filled = await tx.selectFrom('exchange_fill').selectAll().orderBy('sequence').orderBy('trade').execute()
      fills.length = 0
      trades.length = 0
      for (const row of filled) {
        const of = base(row.pair.split('/')[0]!)
        const price = ticksOf(of, row.price)
        const quantity = lotsOf(of, row.quantity)
        const id = `${row.pair}-${row.trade}`
        if (row.owner === OWNER) fills.push({ id, price, quantity, fee: units(row.fee), feeAsset: of.quote })
        if (row.liquidity === 'taker') trades.push({ pair: row.pair, at: row.at, price, quantity, side: row.side })
      }
    })
  }

  async function settle<T>(promise: Promise<T>): Promise<T> {
    const [result] = await Promise.allSettled([promise])
    await look()
    if (result.status === 'rejected') throw result.reason
    return result.value
  }

  async function until(claim: () => boolean, what: string): Promise<void> {
    for (let looks = 0; !claim(); looks++) {
      if (looks > LOOKS_MAX) throw new Error(`not true after ${LOOKS_MAX} looks: ${what}`)
      await time.advance(FLUSH_MS)
      await look()
    }
  }

  const newOrder = (of: Instrument, order: Omit<OthersOrder, 'clientId' | 'instrument'>): NewOrder => ({
    instrument: of.id,
    side: order.side,
    type: order.type,
    ...(order.type === 'market' ? {} : { timeInForce: order.timeInForce }),
    quantity: quantityText(of, order.quantity),
    ...(order.price === null ? {} : { price: priceText(of, order.price) }),
  })
  const nameOf = ({ instrument }: Listed) => base(instrument.base)

  for (const { spec, middle } of MARKETS) {
    const instrument = `house:${spec.pair}`
    const of = shards.marketOf(instrument).market.instrument
    for (let level = 0; level < LEVELS; level++)
      for (const [side, sign] of [
        ['buy', -1],
        ['sell', 1],
      ] as const) {
        const price = priceText(of, middle + sign * (HALF_SPREAD + level * STEP))
        await exchange.place(MAKER, { instrument, side, type: 'limit', price, quantity: LEVEL_QUANTITY })
      }
  }
  part.feed.flush(clock.now())

  const holding = (asset: string, of: 'available' | 'held'): bigint => {
    const { replica } = part.shard
    const found = replica.engine
      .balances(replica.accountOf(OWNER)!)
      .find(balance => replica.assets[balance.asset]!.code === asset)
    return BigInt(found?.[of] ?? 0) * 10n ** BigInt(UNIT_SCALE - SCALES[asset]!)
  }
  const account: Holdings = { free: asset => holding(asset, 'available'), held: asset => holding(asset, 'held') }
  const service = faults.service(exchange)
  const open: HouseVenue[] = []
  const connect = () => {
    const one = new HouseVenue({ exchange: service, shards, owner: OWNER, clock, timers, timeoutMs: TIMEOUT_MS })
    open.push(one)
    return one
  }

  return {
    name: 'house',
    time,
    clock,
    simulator: {
      exchange: {
        market: {
          instruments: listed,
          levels: (one, depth) => part.shard.replica.engine.levels(numberOf(one), depth),
          best: (one, side) => {
            const { bids, asks } = part.shard.replica.engine.levels(numberOf(one), 1)
            return (side === 'buy' ? bids : asks)[0]?.[0]
          },
        },
        async place(_account: Holdings, order: OthersOrder, _at: Micros) {
          return exchange.place(OWNER, newOrder(nameOf(order.instrument), order))
        },
      },
      tape: { trades: one => trades.filter(({ pair }) => pair === one.instrument.pair) },
      async house({ instrument, side, price, quantity, isTaking }) {
        await look()
        const type = price === undefined ? 'market' : 'limit'
        const order = { side, quantity, price: price ?? null, type, timeInForce: isTaking ? 'ioc' : 'gtc' } as const
        await exchange.place(isTaking ? TAKER : MAKER, newOrder(nameOf(instrument), order))
        faults.told('book')
        await look()
      },
      faults: {
        get fired() {
          return faults.fired
        },
        add: (rule: FaultRule) => faults.add(rule),
        clear: () => faults.clear(),
      },
    },
    connector: connect(),
    account,
    truth: {
      of: ({ id }) => orders.filter(({ clientId }) => clientId === id),
      open: () => orders.filter(({ state }) => state === 'open'),
      fills: () => fills,
    },
    instruments,
    XRP,
    base,
    settle,
    until,
    async told(act, claim, what) {
      await act()
      await until(claim, what)
    },
    /** It goes by the same clock as we do. */
    measureClock: async () => {},
    clientId: order => order,
    lots: quantity => lotsFromFloat(XRP, quantity),
    async another() {
      return connect()
    },
    heard: newEar(),
    async close() {
      flushing.cancel()
      for (const one of open) await one.close()
      await shards.stop()
    },
  }
}
