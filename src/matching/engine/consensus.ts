import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Level } from '../../kernel/index.ts'
import type { CancelOrder, InstrumentRules, PlaceOrder } from './command.ts'
import type { Engine, EngineLimits } from './engine.ts'
import type { ReportSink } from './report.ts'

/**
 * For tests and benches: messages whose reports many independent engines agree on (flash1-dev/matching-engine-benchmark). A row's
 * index is its number. A modification is a cancel and a new order under the same id. A line of the reports, ordered by message and
 * then kind: `0` accepted, `1` trade, `2` canceled, `3` modified, `4` cancel rejected, `5` modify rejected.
 */
export interface ConsensusMessages {
  readonly length: number
  /** 0 new, 1 cancel, 2 modify. */
  readonly types: ArrayLike<number>
  /** 0 buy, 1 sell. */
  readonly sides: ArrayLike<number>
  /** 1 for immediate-or-cancel. */
  readonly iocs: ArrayLike<number>
  readonly quantities: ArrayLike<number>
  readonly ids: ArrayLike<number>
  /** Ticks. */
  readonly prices: ArrayLike<number>
}

const NEW = 0
const CANCEL = 1
/** An order that never was. */
const NO_ORDER = Number.MAX_SAFE_INTEGER

const LIMITS: EngineLimits = {
  ordersMax: 4_000_000,
  accountsMax: 2,
  instrumentsMax: 1,
  assetsMax: 2,
  clientIdsMax: 1,
  makerPpm: 0,
  takerPpm: 0,
}

const RULES: InstrumentRules = {
  lotUnits: 1,
  tickLotUnits: 1,
  quantityMin: 1,
  quantityMax: 2 ** 31,
  priceMax: 2 ** 31,
  notionalMin: 0,
  bandPpm: 0,
  haltPpm: 0,
  haltMicros: 0,
  protectionPpm: 0,
}

const OPENING = [
  ...[0, 1].map(asset => ({ kind: 'add_asset', asset, code: String(asset) }) as const),
  ...[0, 1].map(account => ({ kind: 'add_account', account }) as const),
  { kind: 'add_instrument', instrument: 0, base: 0, quote: 1, rules: RULES } as const,
  { kind: 'set_phase', instrument: 0, phase: 'trading', until: 0, next: 'trading' } as const,
  ...[0, 1].map(account => ({ kind: 'deposit', account, asset: 1 - account, amount: 2 ** 52 }) as const),
]

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/**
 * Feeds messages to an engine: everybody who buys is one account and everybody who sells another, both with plenty of funds. It
 * makes no object for a message. The lines of each are given to `report`, where there is one, in the order of the stream.
 */
export class ConsensusFeed {
  readonly engine: Engine
  trades = 0
  readonly #messages: ConsensusMessages
  readonly #report: ((line: string) => void) | undefined
  /** By a message's order: what the engine calls it, below zero for a sell; and its price. */
  readonly #ids: Int32Array
  readonly #prices: Int32Array
  /** And back, by the engine's number. */
  readonly #orders: Int32Array
  readonly #place: Mutable<PlaceOrder>
  readonly #cancel: Mutable<CancelOrder>
  #sequence = 0
  #index = 0
  #isRefused = false
  readonly #sink: ReportSink

  constructor(
    create: (limits: EngineLimits) => Engine,
    messages: ConsensusMessages,
    options: { readonly report?: (line: string) => void; readonly makerPpm?: number; readonly takerPpm?: number } = {},
  ) {
    const { report, makerPpm = 0, takerPpm = 0 } = options
    this.engine = create({ ...LIMITS, makerPpm, takerPpm })
    this.#messages = messages
    this.#report = report
    let idMax = 0
    for (let i = 0; i < messages.length; i++) idMax = Math.max(idMax, messages.ids[i]!)
    this.#ids = new Int32Array(idMax + 1)
    this.#prices = new Int32Array(idMax + 1)
    this.#orders = new Int32Array(2 * messages.length + 100)
    this.#sink = this.#newSink()
    for (const command of OPENING) this.engine.apply({ ...command, sequence: ++this.#sequence, at: 0 }, this.#sink)
    this.#cancel = { kind: 'cancel', sequence: 0, at: 0, account: 0, order: 0, clientId: '' }
    this.#place = {
      kind: 'place',
      sequence: 0,
      at: 0,
      account: 0,
      instrument: 0,
      clientId: '',
      side: 'buy',
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
    }
  }

  /** One message, by its number. */
  apply(index: number): void {
    const { types, ids, sides, iocs, prices, quantities } = this.#messages
    const [type, id] = [types[index]!, ids[index]!]
    this.#index = index
    if (type === NEW) {
      this.#report?.(`0,${index},${sides[index]},${id},${prices[index]},${quantities[index]}`)
      this.#submit(index, sides[index]!, iocs[index] === 1)
      return
    }
    this.#isRefused = false
    const order = this.#ids[id]!
    const side = order < 0 ? 1 : 0
    const command = this.#cancel
    command.sequence = ++this.#sequence
    command.account = side
    command.order = Math.abs(order) || NO_ORDER
    this.engine.apply(command, this.#sink)
    if (this.#isRefused) this.#report?.(`${type === CANCEL ? 4 : 5},${index},${id}`)
    else if (type === CANCEL) this.#report?.(`2,${index},${side},${id},${this.#prices[id]}`)
    else {
      this.#submit(index, side, false)
      this.#report?.(`3,${index},${side},${id},${prices[index]},${quantities[index]}`)
    }
  }

  #submit(index: number, side: number, isImmediate: boolean): void {
    const { ids, quantities, prices } = this.#messages
    const id = ids[index]!
    const sequence = ++this.#sequence
    this.#ids[id] = side === 0 ? sequence : -sequence
    if (this.#report !== undefined) this.#prices[id] = prices[index]!
    this.#orders[sequence] = id
    const command = this.#place
    command.sequence = sequence
    command.account = side
    command.side = side === 0 ? 'buy' : 'sell'
    command.timeInForce = isImmediate ? 'ioc' : 'gtc'
    command.price = prices[index]!
    command.quantity = quantities[index]!
    this.engine.apply(command, this.#sink)
  }

  /** What the messages call an order of the engine's. */
  nameOf(order: number): number {
    return this.#orders[order]!
  }

  #newSink(): ReportSink {
    const nothing = () => {}
    return {
      refused: () => {
        this.#isRefused = true
      },
      traded: ({ price, quantity, maker, taker }) => {
        this.trades += 1
        this.#report?.(`1,${this.#index},${price},${quantity},${this.#orders[maker]},${this.#orders[taker]}`)
      },
      canceled: (order, account, _instrument, _open, reason) => {
        const id = this.#orders[order]!
        if (reason === 'immediate_or_cancel') this.#report?.(`2,${this.#index},${account},${id},${this.#prices[id]}`)
      },
      repeated: nothing,
      accepted: nothing,
      amended: nothing,
      triggered: nothing,
      shown: nothing,
      phased: nothing,
      indicated: nothing,
      moved: nothing,
    }
  }
}

/** SHA-256 of the report lines of all messages, joined by line feeds. */
export function consensusHash(create: (limits: EngineLimits) => Engine, messages: ConsensusMessages): string {
  const hash = createHash('sha256')
  let lines: string[] = []
  let isFirst = true
  const flush = () => {
    if (lines.length > 0) hash.update(`${isFirst ? '' : '\n'}${lines.join('\n')}`)
    isFirst &&= lines.length === 0
    lines = []
  }
  const feed = new ConsensusFeed(create, messages, { report: line => lines.push(line) })
  for (let i = 0; i < messages.length; i++) {
    feed.apply(i)
    if (lines.length > 10_000) flush()
  }
  flush()
  return hash.digest('hex')
}

/** The messages of a scenario: columns of integers, gzipped, little endian; only prices differ from scenario to scenario. */
export function readScenario(folder: string, scenario: string): ConsensusMessages {
  const bytes = (name: string) => gunzipSync(readFileSync(join(folder, `${name}.gz`)))
  const words = (name: string) => {
    const raw = bytes(name)
    return new Int32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length))
  }
  const types = bytes('type.u8')
  return {
    length: types.length,
    types,
    sides: bytes('side.u8'),
    iocs: bytes('ioc.u8'),
    quantities: words('qty.i32le'),
    ids: words('orderId.i32le'),
    prices: words(`price_${scenario}.i32le`),
  }
}

/** A case of `edge_cases.json`; not all of them have published reports. */
export interface EdgeCase {
  readonly name: string
  readonly messages: ConsensusMessages
  readonly reports?: readonly string[]
  readonly reportsSha256?: string
  readonly bookAfterEach?: readonly { bids: readonly Level[]; asks: readonly Level[] }[]
}

interface EdgeMessage {
  readonly type: 'NEW' | 'CANCEL' | 'MODIFY'
  readonly side?: 'BUY' | 'SELL'
  readonly ioc?: boolean
  readonly qty?: number
  readonly orderId: number
  readonly price?: number
}

export const readEdgeCases = (file: string): EdgeCase[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as (Omit<EdgeCase, 'messages'> & { messages: EdgeMessage[] })[]).map(one => ({
    ...one,
    messages: columnsOf(one.name === DEEP ? deep() : one.messages),
  }))

/** One case is told in words, being long: 5,000 sellers of one lot at one price, and a buyer who takes them all. */
const DEEP = 'deep_recursive_sweep_5000'
const deep = (): EdgeMessage[] => [
  ...Array.from(
    { length: 5_000 },
    (_, i) => ({ type: 'NEW', side: 'SELL', qty: 1, orderId: i + 1, price: 100 }) as const,
  ),
  { type: 'NEW', side: 'BUY', ioc: true, qty: 5_000, orderId: 5_001, price: 100 },
]

const columnsOf = (messages: readonly EdgeMessage[]): ConsensusMessages => ({
  length: messages.length,
  types: messages.map(({ type }) => ['NEW', 'CANCEL', 'MODIFY'].indexOf(type)),
  sides: messages.map(({ side }) => (side === 'SELL' ? 1 : 0)),
  iocs: messages.map(({ ioc }) => (ioc === true ? 1 : 0)),
  quantities: messages.map(({ qty = 0 }) => qty),
  ids: messages.map(({ orderId }) => orderId),
  prices: messages.map(({ price = 0 }) => price),
})
