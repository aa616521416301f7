import { crc32 } from 'node:zlib'
import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import {
  type BookPicture,
  type ChannelName,
  type Fields,
  jsonObject,
  listenToTrades,
  NextTick,
  type SimulatedInstrument,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import { ms } from './answers.ts'
import type { BitfinexAuth } from './auth.ts'
import { pairNamed } from './instruments.ts'
import { type BitfinexMarket, bookRows, candleKey, tradeRow } from './market-data.ts'
import { openAccount } from './private-stream.ts'

/** One socket for all channels: https://docs.bitfinex.com/docs/ws-general and …/docs/ws-public */

const SEQUENCE_FLAG = 65_536
const CHECKSUM_FLAG = 131_072
/** "All websocket connections have a limit of 30 subscriptions." */
const CHANNELS_MAX = 30
const LENGTHS = ['1', '25', '100', '250']
const HEARTBEAT_EVERY: Micros = 15 * MICROS_PER_SECOND
const CHECKED_LEVELS = 25
const TRADES_IN_SNAPSHOT = 30
const CANDLES_IN_SNAPSHOT = 240

interface Channel {
  readonly name: string
  readonly end: () => void
  saidAt: Micros
}

/** Signed; bids and asks in turn, their numbers as JavaScript writes them. */
function checksumOf(listed: SimulatedInstrument, picture: BookPicture): number {
  const rows = bookRows(listed, picture)
  const texts = (isBid: boolean) =>
    rows.filter(([, , amount]) => amount! > 0 === isBid).map(([price, , amount]) => `${price}:${amount}`)
  const [bids, asks] = [texts(true), texts(false)]
  const parts = Array.from({ length: CHECKED_LEVELS }, (_, i) => [bids[i] ?? [], asks[i] ?? []])
  return crc32(parts.flat(2).join(':')) | 0
}

export class BitfinexSocket implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  readonly #auth: BitfinexAuth
  readonly #market: BitfinexMarket
  readonly #channels = new Map<number, Channel>()
  /** What is told once a tick. */
  readonly #waiting = new NextTick<number>()
  #flags = 0
  #sequence = 0
  #nextChannel: number

  constructor(context: VenueContext, socket: VenueSocket, auth: BitfinexAuth, market: BitfinexMarket) {
    this.#context = context
    this.#socket = socket
    this.#auth = auth
    this.#market = market
    this.#nextChannel = 1 + context.random.below(500_000)
    const serverId = context.random.below(2 ** 32).toString(16)
    this.#event({ event: 'info', version: 2, serverId, platform: { status: 1 } })
  }

  onFrame(frame: string): void {
    const message = jsonObject(frame)
    switch (message?.event) {
      case 'ping':
        this.#event({ event: 'pong', ts: ms(this.#context.now()), cid: message.cid })
        return
      case 'conf':
        this.#flags = Number(message.flags ?? 0)
        this.#event({ event: 'conf', status: 'OK', flags: this.#flags })
        return
      case 'subscribe':
        this.#subscribe(message)
        return
      case 'unsubscribe':
        this.#unsubscribe(Number(message.chanId))
        return
      case 'auth':
        this.#login(message)
        return
    }
    this.#event({ event: 'error', msg: 'event: invalid', code: 10_000 })
  }

  onTick(at: Micros): void {
    this.#waiting.tellAll()
    for (const [id, channel] of this.#channels)
      if (at - channel.saidAt >= HEARTBEAT_EVERY) this.#send(id, ['hb'], 'other')
  }

  onClose(): void {
    for (const { end } of this.#channels.values()) end()
    this.#channels.clear()
    this.#waiting.clear()
  }

  #subscribe(message: Fields): void {
    const refusal = this.#refusalOf(message)
    if (refusal !== null) {
      const [msg, code] = refusal
      this.#event({ ...message, event: 'error', msg, code })
      return
    }
    const { channel, symbol, key, prec = 'P0', freq = 'F0', len = '25' } = message
    const length = String(len)
    const candles = channel === 'candles' ? candleKey(String(key)) : null
    const listed = candles?.listed ?? pairNamed(String(symbol))!
    const chanId = this.#nextChannel
    this.#nextChannel += 1
    const told = { event: 'subscribed', channel, chanId }
    if (candles !== null) this.#event({ ...told, key })
    else {
      const book = channel === 'book' ? { prec, freq, len: length } : {}
      this.#event({ ...told, symbol: listed.symbol, ...book, pair: listed.symbol.slice(1) })
    }
    const open = { book: () => this.#book(chanId, listed, Number(length)), trades: () => this.#trades(chanId, listed) }
    const end =
      candles !== null
        ? this.#candles(chanId, listed, candles.interval)
        : channel === 'ticker'
          ? this.#ticker(chanId, listed)
          : open[channel as 'book' | 'trades']()
    this.#channels.set(chanId, { name: nameOf(message), end, saidAt: this.#context.now() })
  }

  /** Why a channel is not there, in words and code; null when it is. */
  #refusalOf(message: Fields): readonly [msg: string, code: number] | null {
    const { channel, symbol, key, prec = 'P0', freq = 'F0', len = '25' } = message
    if (!['book', 'trades', 'ticker', 'candles'].includes(String(channel))) return ['channel: unknown', 10_302]
    if (channel === 'candles' ? candleKey(String(key)) === null : pairNamed(String(symbol)) === undefined)
      return ['symbol: invalid', 10_300]
    if (channel === 'book' && (prec !== 'P0' || freq !== 'F0' || !LENGTHS.includes(String(len))))
      return ['subscribe: invalid', 10_300]
    if ([...this.#channels.values()].some(({ name }) => name === nameOf(message))) return ['subscribe: dup', 10_301]
    return this.#channels.size >= CHANNELS_MAX ? ['subscribe: limit', 10_305] : null
  }

  #unsubscribe(chanId: number): void {
    const channel = this.#channels.get(chanId)
    if (channel === undefined) {
      this.#event({ event: 'error', msg: 'unsubscribe: invalid', code: 10_400, chanId })
      return
    }
    channel.end()
    this.#channels.delete(chanId)
    this.#waiting.delete(chanId)
    this.#event({ event: 'unsubscribed', status: 'OK', chanId })
  }

  /** A snapshot, then a message for each level that changes; with the flag, a checksum after each round of them. */
  #book(chanId: number, listed: SimulatedInstrument, length: number): () => void {
    const feed = this.#context.feed(length)
    const check = (whole: BookPicture) => {
      if ((this.#flags & CHECKSUM_FLAG) === 0) return
      const wrong = this.#context.faults.take('bad_checksum', 'book', this.#context.market.now)
      this.#send(chanId, ['cs', (checksumOf(listed, whole) + (wrong === null ? 0 : 1)) | 0], 'other')
    }
    const end = feed.listen(listed, change => {
      for (const [price, , amount] of bookRows(listed, change)) {
        const isGone = amount === 0
        const sign = Object.is(amount, -0) ? -1 : 1
        this.#send(chanId, [isGone ? [price, 0, sign] : [price, 1, amount]], 'book')
      }
      check(change.picture)
    })
    this.#send(chanId, [bookRows(listed, feed.picture(listed))], 'book')
    check(feed.picture(listed))
    return end
  }

  /** `te` at once, and `tu` once it is in the books. */
  #trades(chanId: number, listed: SimulatedInstrument): () => void {
    const { tape } = this.#context
    const recent = tape.trades(listed).slice(-TRADES_IN_SNAPSHOT).reverse()
    this.#send(chanId, [recent.map(trade => tradeRow(listed, trade))], 'trades')
    return listenToTrades(this.#context, listed, trade => {
      for (const type of ['te', 'tu']) this.#send(chanId, [type, tradeRow(listed, trade)], 'trades')
    })
  }

  #ticker(chanId: number, listed: SimulatedInstrument): () => void {
    const tell = () => this.#send(chanId, [this.#market.ticker(listed)], 'ticker')
    tell()
    return listenToTrades(this.#context, listed, () => this.#waiting.set(chanId, tell))
  }

  #candles(chanId: number, listed: SimulatedInstrument, interval: Micros): () => void {
    this.#send(chanId, [this.#market.candleRows(listed, interval, CANDLES_IN_SNAPSHOT)], 'other')
    return listenToTrades(this.#context, listed, () =>
      this.#waiting.set(chanId, () => this.#send(chanId, this.#market.candleRows(listed, interval, 1), 'other')),
    )
  }

  #login(message: Fields): void {
    const account = this.#auth.verifySocket(message)
    if ('code' in account) {
      this.#event({ event: 'auth', status: 'FAILED', chanId: 0, code: account.code, msg: account.text })
      return
    }
    if (this.#channels.has(0)) {
      this.#event({ event: 'auth', status: 'FAILED', chanId: 0, code: 10_101, msg: 'auth: dup' })
      return
    }
    const { trade, withdraw } = account.permissions
    const caps = { orders: { read: 1, write: trade ? 1 : 0 }, withdraw: { read: 0, write: withdraw ? 1 : 0 } }
    this.#event({ event: 'auth', status: 'OK', chanId: 0, userId: 269_499, auth_id: `auth-${this.#nextChannel}`, caps })
    const channel = { name: 'account', saidAt: this.#context.now() }
    const end = openAccount(this.#context, account, (what, as) => this.#send(0, what, as))
    this.#channels.set(0, { ...channel, end })
  }

  /** The number of a message is counted whether or not it arrives: a hole shows that one is missing. */
  #send(chanId: number, what: readonly unknown[], as: ChannelName): void {
    const channel = this.#channels.get(chanId)
    if (channel !== undefined) channel.saidAt = this.#context.now()
    const isNumbered = (this.#flags & SEQUENCE_FLAG) !== 0
    if (isNumbered) this.#sequence += 1
    this.#socket.send(JSON.stringify([chanId, ...what, ...(isNumbered ? [this.#sequence] : [])]), as)
  }

  #event(event: object): void {
    this.#socket.send(JSON.stringify(event), 'other')
  }
}

/** A channel is subscribed to once, whatever its options. */
const nameOf = ({ channel, symbol, key }: Fields): string => `${String(channel)} ${String(key ?? symbol)}`
