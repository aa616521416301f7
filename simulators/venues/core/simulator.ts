import {
  AppError,
  assert,
  encodeJson,
  type Lots,
  MICROS_PER_HOUR,
  MICROS_PER_MS,
  type Micros,
  type Random,
  restoreRandom,
  type Side,
  seededRandom,
  type Ticks,
} from '../../../src/kernel/index.ts'
import { Account, type SimulatedCredentials } from './accounts.ts'
import { answerControl } from './control.ts'
import { SimulatedExchange } from './exchange.ts'
import { type CallName, type ChannelName, type FaultRule, Faults } from './faults.ts'
import { BookFeed } from './feeds.ts'
import { createSimulatedMarket, type SimulatedInstrument } from './market.ts'
import type {
  SimulatedAnswer,
  SimulatedRequest,
  SimulatedVenueDefinition,
  SimulatedVenueProtocol,
  VenueConnection,
  VenueContext,
  VenueSocket,
} from './protocol.ts'
import { exchangeText, restoreExchange, type SimulatorState } from './state.ts'
import { Switches } from './switches.ts'
import { Tape } from './tape.ts'

export interface SimulatorOptions {
  readonly definition: SimulatedVenueDefinition
  readonly seed: string
  readonly start: Micros
  readonly market?: 'living' | 'still'
  /** How much of the crowd's past is simulated before the start: candles have a shape then. */
  readonly past?: Micros
  readonly prices?: Readonly<Record<string, number>>
  readonly faults?: readonly FaultRule[]
  /** What each account begins with, by asset. */
  readonly balances?: Readonly<Record<string, string>>
  /** Accounts beside the definition's own. */
  readonly accounts?: readonly SimulatedCredentials[]
  readonly addresses?: { readonly rest: string; readonly ws: string }
  /** Goes on from there: with its market, or from `start` where that opens anew. Faults are not part of it. */
  readonly state?: SimulatorState
}

/** What becomes of a request: an answer after a while, or none and a broken connection. */
export interface Served {
  readonly answer: SimulatedAnswer | null
  readonly delayMs: number
}

/** Base addresses before anybody has asked for another: memory has no ports. */
const NOWHERE = { rest: 'http://simulator.invalid', ws: 'ws://simulator.invalid' }
/** Ids of orders that are put into a book from outside. */
const HOUSE_ID = 2_000_000_000
const SOCKETS_MAX = 500
/** Changes of books are told this often at most. */
const BOOKS_EVERY: Micros = 100 * MICROS_PER_MS
/** Frames that wait in a reordering. */
const HELD_FRAMES_MAX = 100

const RICH: Readonly<Record<string, string>> = {
  USD: '1000000',
  USDT: '1000000',
  BTC: '20',
  ETH: '200',
  XRP: '200000',
  DOGE: '1000000',
}

interface Client {
  onTick(at: Micros): void
  close(reason: string): void
  /** Sends what a reordering has held back. */
  release(): void
}

/**
 * A simulated venue: its exchange, its protocol, and the faults around both. Deterministic and without sockets, timers or a
 * clock of its own: whoever owns it says what time it is with `advance`, and carries its answers and frames.
 */
export class VenueSimulator {
  readonly name: string
  readonly exchange: SimulatedExchange
  readonly tape = new Tape()
  readonly faults: Faults
  readonly accounts: readonly Account[]
  /** Something of a client's has changed since this was last set to false. */
  isUnsaved = false
  readonly #switches = new Switches(() => {
    this.isUnsaved = true
  })
  readonly #definition: SimulatedVenueDefinition
  readonly #chance: { readonly ids: Random; readonly faults: Random }
  readonly #protocol: SimulatedVenueProtocol
  readonly #clients = new Set<Client>()
  readonly #feeds = new Map<number, BookFeed>()
  #addresses: { rest: string; ws: string }
  #bannedUntil: Micros = 0
  #maintenanceUntil: Micros = 0
  #publishedAt: Micros = 0
  #houseOrders = 0

  constructor(options: SimulatorOptions) {
    const { definition, seed, start, balances = RICH, state } = options
    const kept = state?.market ?? undefined
    assert(
      state === undefined ||
        (state.kind === 'simulated-venue' && state.version === 1 && state.name === definition.name),
      `not the state of a simulated ${definition.name} of version 1`,
    )
    const randomOf = (name: 'faults' | 'ids') => {
      const label = `${seed}/${definition.name}/${name}`
      return state === undefined ? seededRandom(label) : restoreRandom(state.random[name], label)
    }
    const past = options.past ?? (options.market === 'still' ? 0 : 2 * MICROS_PER_HOUR)
    this.name = definition.name
    this.#addresses = options.addresses ?? NOWHERE
    this.#definition = definition
    this.#chance = { ids: randomOf('ids'), faults: randomOf('faults') }
    this.faults = new Faults(this.#chance.faults, options.faults ?? [])
    this.accounts = [definition.credentials, ...(options.accounts ?? [])].map(one => new Account(one, balances))
    const market = createSimulatedMarket({
      instruments: definition.instruments,
      seed: `${seed}/${definition.name}`,
      start: start - past,
      kind: kept?.source.kind ?? options.market ?? 'living',
      state: kept,
      prices: { ...definition.prices, ...options.prices },
    })
    this.exchange = new SimulatedExchange(market, definition.rules)
    const changed = () => {
      this.isUnsaved = true
    }
    this.exchange.listen({
      onOrder: changed,
      onFill: changed,
      onBalance: changed,
      onTrade: (instrument, trade) => this.tape.add(instrument, trade),
    })
    const simulator = this
    const context: VenueContext = {
      exchange: this.exchange,
      market,
      tape: this.tape,
      faults: this.faults,
      random: this.#chance.ids,
      accounts: this.accounts,
      switches: this.#switches,
      get addresses() {
        return simulator.#addresses
      },
      now: () => this.now,
      accountOf: key => this.accounts.find(({ apiKey }) => apiKey === key),
      feed: depth => this.#feed(depth),
      instrument: by => definition.instruments.find(by),
    }
    if (state !== undefined) this.#restore(state)
    this.#protocol = definition.create(context)
    if (kept === undefined) market.advance(start)
  }

  /** All that it knows, as it is between two calls: a {@link SimulatorState}, by `encodeJson`. */
  text(): string {
    const { exchange, accounts } = this
    const rest: Omit<SimulatorState, 'exchange'> = {
      kind: 'simulated-venue',
      version: 1,
      name: this.name,
      at: exchange.market.now,
      market: exchange.market.snapshot(),
      accounts: accounts.map(account => [account.apiKey, account.snapshot()]),
      tape: this.tape.snapshot(),
      feeds: [...this.#feeds].map(([depth, feed]) => [depth, feed.snapshot()]),
      random: { ids: this.#chance.ids.state(), faults: this.#chance.faults.state() },
      switches: [...this.#switches].map(([{ apiKey }, due]) => [apiKey, due]),
      publishedAt: this.#publishedAt,
      bannedUntil: this.#bannedUntil,
      maintenanceUntil: this.#maintenanceUntil,
      houseOrders: this.#houseOrders,
    }
    return `${encodeJson(rest).slice(0, -1)},"exchange":${exchangeText(exchange)}}`
  }

  #restore(state: SimulatorState): void {
    const accountOf = (apiKey: string) => this.accounts.find(one => one.apiKey === apiKey)
    for (const [apiKey, holdings] of state.accounts) accountOf(apiKey)?.restore(holdings)
    for (const [apiKey, due] of state.switches) this.#switches.set(accountOf(apiKey)!, due)
    restoreExchange(this.exchange, state.exchange, this.accounts, this.#definition.rules)
    this.tape.restore(state.tape, this.#definition.instruments)
    for (const [depth, feed] of state.feeds) this.#feed(depth).restore(feed)
    this.#publishedAt = state.publishedAt
    this.#bannedUntil = state.bannedUntil
    this.#maintenanceUntil = state.maintenanceUntil
    this.#houseOrders = state.houseOrders
  }

  /** The venue's own clock: the market's, unless a fault has set it wrong. */
  get now(): Micros {
    return this.exchange.market.now + (this.faults.standing('clock_skew')?.ms ?? 0) * MICROS_PER_MS
  }

  /** Says where clients find this simulator, once its port is known. */
  set addresses(addresses: { rest: string; ws: string }) {
    this.#addresses = addresses
  }

  get sockets(): number {
    return this.#clients.size
  }

  /** Lets time pass: the market lives, streams tell what has changed. */
  advance(to: Micros): void {
    const { market } = this.exchange
    if (to > market.now) market.advance(to)
    this.#protocol.onTick?.(this.now)
    if (to - this.#publishedAt >= BOOKS_EVERY) {
      this.#publishedAt = to
      for (const feed of this.#feeds.values()) feed.publish(this.now)
    }
    for (const client of [...this.#clients]) {
      client.onTick(this.now)
      client.release()
    }
  }

  /** Answers a request at the time of the last `advance`. */
  request(request: SimulatedRequest): Served {
    if (request.host === 'control') return { answer: answerControl(this, request), delayMs: 0 }
    const call = this.#protocol.callOf(request)
    const at = this.exchange.market.now
    const delayMs = this.faults.take('delay', call, at)?.ms ?? 0
    if (this.faults.take('disconnect', call, at) !== null) return { answer: null, delayMs }
    const early = this.#withheld(request, call, at)
    if (early !== null) return { answer: early, delayMs }
    const partial = call === 'place' ? this.faults.take('partial_fill', call, at) : null
    if (partial !== null) this.exchange.partialNext = partial.part
    const answer = this.#answer(request, call)
    this.exchange.partialNext = null
    if (this.faults.take('lose_ack', call, at) !== null) return { answer: null, delayMs }
    const headers = { ...this.#protocol.headers?.(request), ...answer.headers }
    const body =
      this.faults.take('malformed_json', call, at) === null
        ? answer.body
        : answer.body.slice(0, Math.max(1, answer.body.length >> 1))
    return { answer: { ...answer, headers, body }, delayMs }
  }

  /** A number that is no price or quantity of the instrument is refused in the venue's words, wherever it was noticed. */
  #answer(request: SimulatedRequest, call: CallName): SimulatedAnswer {
    try {
      return this.#protocol.answer(request)
    } catch (error) {
      if (error instanceof AppError) return this.#protocol.errors.invalid(error.message)
      throw new Error(`${this.name} broke on ${call} ${request.path}`, { cause: error })
    }
  }

  /** What keeps a request from being carried out; null when nothing does. */
  #withheld(request: SimulatedRequest, call: CallName, at: Micros): SimulatedAnswer | null {
    const { errors } = this.#protocol
    const maintenance = this.faults.take('maintenance', call, at)
    if (maintenance !== null) this.#maintenanceUntil = at + maintenance.ms * MICROS_PER_MS
    if (at < this.#maintenanceUntil) return errors.maintenance()
    const ban = this.faults.take('ban', call, at)
    if (ban !== null) this.#bannedUntil = at + ban.ms * MICROS_PER_MS
    if (at < this.#bannedUntil) return errors.banned((this.#bannedUntil - at) / MICROS_PER_MS)
    if (this.faults.take('rate_limit', call, at) !== null) return errors.rateLimited(call)
    if (this.faults.take('unavailable', call, at) !== null)
      return { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>Service Unavailable</html>' }
    const limited = this.#protocol.limit(request, call)
    if (limited !== null) return limited
    const isChange = call === 'place' || call === 'cancel' || call === 'amend'
    return isChange && this.faults.take('refuse', call, at) !== null ? errors.refused(call) : null
  }

  /**
   * A client has connected. What the venue sends goes to `out`; the answer is how the client's frames come in.
   * @throws AppError `socket.too_many`
   */
  connect(
    address: { readonly host: string; readonly path: string; readonly query: URLSearchParams },
    out: { send(frame: string | Uint8Array): void; close(reason: string): void },
  ): { onFrame(frame: string): void; onClose(): void } {
    if (this.#clients.size >= SOCKETS_MAX) throw new AppError('socket.too_many')
    let isOpen = true
    let connection: VenueConnection | null = null
    const held: (string | Uint8Array)[] = []
    const release = () => {
      for (const frame of held.splice(0)) out.send(frame)
    }
    const end = () => {
      if (!isOpen) return
      isOpen = false
      this.#clients.delete(client)
      connection?.onClose()
    }
    const client: Client = {
      onTick: at => connection?.onTick(at),
      close(reason) {
        if (!isOpen) return
        end()
        out.close(reason)
      },
      release,
    }
    const socket: VenueSocket = {
      send: (frame, channel) => {
        if (isOpen) this.#send(frame, channel, held, out, release, client.close)
      },
      close: client.close,
    }
    connection = this.#protocol.connect(address.host, address.path, address.query, socket)
    // A venue may turn a client away at the door.
    if (isOpen) this.#clients.add(client)
    else connection.onClose()
    return {
      onFrame: frame => {
        if (isOpen) connection?.onFrame(frame)
      },
      onClose: end,
    }
  }

  /** Somebody else's order in a book, who is no client: to rest there, or to take what is there. Gives its id. */
  house(order: {
    readonly instrument: SimulatedInstrument
    readonly side: Side
    readonly price: Ticks | undefined
    readonly quantity: Lots
    readonly isTaking: boolean
  }): number {
    const { market } = this.exchange
    this.#houseOrders += 1
    const id = HOUSE_ID + this.#houseOrders
    market.submit(
      order.instrument,
      {
        id,
        owner: 'house',
        side: order.side,
        type: order.price === undefined ? 'market' : 'limit',
        timeInForce: order.isTaking ? 'ioc' : 'gtc',
        price: order.price,
        quantity: order.quantity,
      },
      market.now,
    )
    return id
  }

  /** Ends every connection, as a venue that restarts does. */
  disconnectAll(reason: string): void {
    for (const client of [...this.#clients]) client.close(reason)
  }

  #send(
    frame: string | Uint8Array,
    channel: ChannelName,
    held: (string | Uint8Array)[],
    out: { send(frame: string | Uint8Array): void },
    release: () => void,
    close: (reason: string) => void,
  ): void {
    const at = this.exchange.market.now
    if (channel !== 'other' && this.faults.take('disconnect', channel, at) !== null) {
      close('fault')
      return
    }
    if (channel === 'book' && this.faults.take('gap', channel, at) !== null) return
    const isReport = channel === 'orders' || channel === 'balances'
    if (isReport && held.length < HELD_FRAMES_MAX && this.faults.take('reorder_reports', channel, at) !== null) {
      held.push(frame)
      return
    }
    out.send(frame)
    if (isReport && this.faults.take('duplicate_report', channel, at) !== null) out.send(frame)
    // What was held back comes after what overtook it.
    if (held.length > 0) release()
  }

  #feed(depth: number): BookFeed {
    let feed = this.#feeds.get(depth)
    if (feed === undefined) {
      feed = new BookFeed(this.exchange.market, depth)
      this.#feeds.set(depth, feed)
    }
    return feed
  }
}
