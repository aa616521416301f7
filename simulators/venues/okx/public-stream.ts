import { crc32 } from 'node:zlib'
import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import {
  type BookPicture,
  type ChannelName,
  jsonObject,
  listenToTrades,
  NextTick,
  type NumberedTrade,
  type SimulatedInstrument,
  Subscriptions,
  shortQuantity,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import { ms, price } from './answers.ts'
import { instrumentNamed } from './instruments.ts'
import { BARS, DEPTH, type OkxMarket, rows, sequenceId, tradeInfo } from './market-data.ts'

/** Public channels, and candles of the business service: https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel */

/** "If there's a network problem or no data for 30 seconds, the connection breaks." */
const SILENCE_MAX: Micros = 30 * MICROS_PER_SECOND
const SUBSCRIPTIONS_MAX = 480
const CHECKED_LEVELS = 25

export interface Argument {
  readonly channel?: string
  readonly instId?: string
  readonly instType?: string
  readonly ccy?: string
}

interface Command {
  readonly op?: string
  readonly id?: string
  readonly args?: readonly Argument[]
}

/** Signed; bids and asks in turn, as far as either side goes. */
function checksumOf(listed: SimulatedInstrument, { bids, asks }: BookPicture): number {
  const text = (level: BookPicture['bids'][number] | undefined) =>
    level === undefined ? [] : [`${price(listed, level[0])}:${shortQuantity(listed, level[1])}`]
  const parts = Array.from({ length: CHECKED_LEVELS }, (_, i) => [...text(bids[i]), ...text(asks[i])])
  return crc32(parts.flat().join(':')) | 0
}

/** What both kinds of socket do: pings, subscriptions, and an end when nobody says anything. */
export abstract class OkxStream implements VenueConnection {
  protected readonly context: VenueContext
  protected readonly socket: VenueSocket
  readonly #connection: string
  readonly #subscriptions = new Subscriptions()
  #activeAt: Micros

  constructor(context: VenueContext, socket: VenueSocket) {
    this.context = context
    this.socket = socket
    this.#connection = context.random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, '0')
    this.#activeAt = context.now()
  }

  /** Begins what the argument asks for, and gives how it ends. */
  protected abstract open(argument: Argument): () => void
  /** An operation that is neither `subscribe` nor `unsubscribe`. */
  protected abstract operate(op: string, args: readonly Argument[]): void

  onFrame(frame: string): void {
    this.#activeAt = this.context.now()
    if (frame === 'ping') {
      this.send('pong', 'other')
      return
    }
    const command: Command | null = jsonObject(frame)
    const { op = '', args = [] } = command ?? {}
    if (command === null || !Array.isArray(args)) this.fail('60012', `Illegal request: ${frame.slice(0, 200)}`)
    else if (op !== 'subscribe' && op !== 'unsubscribe') this.operate(op, args)
    else for (const argument of args) this.#change(op, argument)
  }

  onTick(at: Micros): void {
    if (at - this.#activeAt > SILENCE_MAX) this.socket.close('no data for 30 seconds')
  }

  onClose(): void {
    this.#subscriptions.endAll()
  }

  #change(op: 'subscribe' | 'unsubscribe', argument: Argument): void {
    const name = JSON.stringify(argument)
    // Who subscribes again gets the beginning again.
    this.#subscriptions.end(name)
    if (op === 'subscribe') {
      const refusal = this.#subscriptions.size >= SUBSCRIPTIONS_MAX ? 'too many' : this.refusalOf(argument)
      if (refusal !== null) {
        this.fail('60018', `Wrong URL or ${refusal}`)
        return
      }
    }
    this.send(JSON.stringify({ event: op, arg: argument, connId: this.#connection }), 'other')
    if (op === 'subscribe') this.#subscriptions.add(name, { end: this.open(argument) })
  }

  /** Why a channel is not there; null when it is. */
  protected abstract refusalOf(argument: Argument): string | null

  protected send(frame: string, as: ChannelName): void {
    this.#activeAt = this.context.now()
    this.socket.send(frame, as)
  }

  protected tell(arg: Argument, data: readonly unknown[], as: ChannelName, more: object = {}): void {
    this.send(JSON.stringify({ arg, ...more, data }), as)
  }

  protected event(event: string, more: object): void {
    this.send(JSON.stringify({ event, ...more, connId: this.#connection }), 'other')
  }

  protected fail(code: string, msg: string): void {
    this.event('error', { code, msg })
  }
}

export class OkxPublicStream extends OkxStream {
  readonly #market: OkxMarket
  /** What is told once a tick. */
  readonly #waiting = new NextTick<Argument>()

  constructor(context: VenueContext, socket: VenueSocket, market: OkxMarket) {
    super(context, socket)
    this.#market = market
  }

  override onTick(at: Micros): void {
    super.onTick(at)
    this.#waiting.tellAll()
  }

  protected operate(op: string): void {
    this.fail('60012', `Illegal request: ${op}`)
  }

  protected refusalOf({ channel = '', instId = '' }: Argument): string | null {
    const isKnown = ['books', 'books5', 'bbo-tbt', 'trades', 'tickers'].includes(channel) || barOf(channel) !== null
    if (isKnown && instrumentNamed(instId) !== undefined) return null
    return `channel:${channel},instId:${instId} doesn't exist. Please use the correct URL, channel and parameters referring to API document.`
  }

  protected open(argument: Argument): () => void {
    const { channel = '', instId } = argument
    const listed = instrumentNamed(instId)!
    const onTrade = (tell: (trade: NumberedTrade) => void) => listenToTrades(this.context, listed, tell)
    const later = (tell: () => void) => {
      const end = onTrade(() => this.#waiting.set(argument, tell))
      return () => {
        end()
        this.#waiting.delete(argument)
      }
    }
    switch (channel) {
      case 'books':
        return this.#books(argument, listed)
      case 'books5':
        return this.#best(argument, listed, 5)
      case 'bbo-tbt':
        return this.#best(argument, listed, 1)
      case 'trades':
        return onTrade(trade => this.tell(argument, [{ ...tradeInfo(listed, trade), count: '1' }], 'trades'))
      case 'tickers': {
        const tell = () => this.tell(argument, [this.#market.ticker(listed)], 'ticker')
        tell()
        return later(tell)
      }
    }
    const bar = barOf(channel)!
    return later(() => {
      const candle = this.#market.forming(listed, bar)
      if (candle !== null) this.tell(argument, [candle], 'other')
    })
  }

  /** 400 levels: a snapshot, then changes in a chain of numbers, each with the checksum of what the book is now. */
  #books(argument: Argument, listed: SimulatedInstrument): () => void {
    const feed = this.context.feed(DEPTH)
    const send = (action: 'snapshot' | 'update', change: BookPicture, whole: BookPicture) => {
      const wrong = this.context.faults.take('bad_checksum', 'book', this.context.market.now)
      const data = {
        asks: rows(listed, change.asks),
        bids: rows(listed, change.bids),
        ts: ms(change.at),
        checksum: (checksumOf(listed, whole) + (wrong === null ? 0 : 1)) | 0,
        seqId: sequenceId(change.sequence),
        prevSeqId: action === 'snapshot' ? -1 : sequenceId(change.sequence - 1),
      }
      this.tell(argument, [data], 'book', { action })
    }
    const end = feed.listen(listed, change => send('update', change, change.picture))
    const picture = feed.picture(listed)
    send('snapshot', picture, picture)
    return end
  }

  /** The best levels alone, whole each time. */
  #best(argument: Argument, listed: SimulatedInstrument, depth: number): () => void {
    const feed = this.context.feed(depth)
    const send = ({ asks, bids, at, sequence }: BookPicture) => {
      const data = { asks: rows(listed, asks), bids: rows(listed, bids), instId: listed.symbol, ts: ms(at) }
      this.tell(argument, [{ ...data, seqId: sequenceId(sequence) }], 'book')
    }
    const end = feed.listen(listed, change => send(change.picture))
    send(feed.picture(listed))
    return end
  }
}

const barOf = (channel: string): string | null => {
  const bar = /^candle(.+)$/.exec(channel)?.[1] ?? ''
  return BARS[bar] === undefined ? null : bar
}
