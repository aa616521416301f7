import { MICROS_PER_SECOND, type Micros } from '../../../src/kernel/index.ts'
import {
  type Account,
  type ChannelName,
  jsonObject,
  Subscriptions,
  type VenueConnection,
  type VenueContext,
  type VenueSocket,
} from '../core/index.ts'
import type { KucoinMarket } from './market-data.ts'
import { openPrivate, PRIVATE_TOPICS } from './private-topics.ts'
import { openPublic, symbolsOf } from './public-topics.ts'

/** https://www.kucoin.com/docs-new/websocket-api/base-info/introduction : one socket for all topics, private ones by its token. */

/** `pingInterval` and `pingTimeout` together: who has not said anything for so long is cut off. */
const SILENCE_MAX: Micros = 28 * MICROS_PER_SECOND
const TOPICS_MAX = 400
const SYMBOLS_PER_TOPIC_MAX = 100
const FRAMES_MAX = 100
const FRAMES_WINDOW: Micros = 10 * MICROS_PER_SECOND
const INVALID_TOKEN = 'token is invalid'

interface Command {
  readonly id?: string
  readonly type?: string
  readonly topic?: string
  readonly privateChannel?: boolean | string
  readonly response?: boolean
}

/** What a topic is told with. */
export interface TopicTeller {
  readonly context: VenueContext
  readonly market: KucoinMarket
  tell(topic: string, subject: string, data: unknown, as: ChannelName, more?: object): void
}

export class KucoinStream implements VenueConnection {
  readonly #context: VenueContext
  readonly #socket: VenueSocket
  /** Undefined where the token is none: the next thing that happens is the end. */
  readonly #account: Account | null | undefined
  readonly #teller: TopicTeller
  readonly #subscriptions = new Subscriptions()
  #heardAt: Micros
  #windowAt: Micros = 0
  #frames = 0

  /** @param account whose private topics may be asked for; undefined for a token that is none */
  constructor(
    context: VenueContext,
    socket: VenueSocket,
    market: KucoinMarket,
    account: Account | null | undefined,
    connectId: string,
  ) {
    this.#context = context
    this.#socket = socket
    this.#account = account
    this.#heardAt = context.now()
    this.#teller = {
      context,
      market,
      tell: (topic, subject, data, as, more = {}) =>
        socket.send(JSON.stringify({ topic, type: 'message', subject, ...more, data }), as),
    }
    if (account === undefined) this.#fail(connectId, 401, INVALID_TOKEN)
    else this.#send({ id: connectId, type: 'welcome' })
  }

  onFrame(frame: string): void {
    const at = this.#context.now()
    this.#heardAt = at
    if (this.#account === undefined) return
    const command: Command | null = jsonObject(frame)
    const { id = '', type, topic = '' } = command ?? {}
    if (!this.#isWithinRate(at)) this.#fail(id, 509, 'exceed max permits per second')
    else if (type === 'ping') this.#send({ id, type: 'pong', timestamp: at })
    else if (type === 'subscribe') this.#subscribe(command!, topic)
    else if (type === 'unsubscribe') {
      this.#subscriptions.end(topic)
      this.#acknowledge(command!)
    } else this.#fail(id, 415, 'type is not supported')
  }

  onTick(at: Micros): void {
    if (this.#account === undefined) {
      this.#socket.close(INVALID_TOKEN)
      return
    }
    if (at - this.#heardAt > SILENCE_MAX) {
      this.#socket.close('no ping in time')
      return
    }
    this.#subscriptions.onTick(at)
  }

  onClose(): void {
    this.#subscriptions.endAll()
  }

  #subscribe(command: Command, topic: string): void {
    const { id = '' } = command
    const isPrivate = PRIVATE_TOPICS.has(topic)
    const symbols = isPrivate ? null : symbolsOf(topic)
    if (!isPrivate && symbols === null) this.#fail(id, 404, `topic ${topic} is not found`)
    else if (isPrivate && (!this.#account || String(command.privateChannel) !== 'true'))
      this.#fail(id, 403, 'login is required')
    else if (symbols !== null && symbols.length > SYMBOLS_PER_TOPIC_MAX)
      this.#fail(id, 509, `exceed max subscription count limitation of ${SYMBOLS_PER_TOPIC_MAX} per time`)
    else if (!this.#subscriptions.has(topic) && this.#subscriptions.size >= TOPICS_MAX)
      this.#fail(id, 509, `exceed max subscription count limitation of ${TOPICS_MAX} per session`)
    else {
      this.#acknowledge(command)
      if (this.#subscriptions.has(topic)) return
      this.#subscriptions.add(
        topic,
        isPrivate ? openPrivate(this.#teller, topic, this.#account!) : openPublic(this.#teller, topic, symbols!),
      )
    }
  }

  #isWithinRate(at: Micros): boolean {
    if (at - this.#windowAt >= FRAMES_WINDOW) {
      this.#windowAt = at
      this.#frames = 0
    }
    this.#frames += 1
    return this.#frames <= FRAMES_MAX
  }

  #acknowledge({ id = '', response }: Command): void {
    if (response !== false) this.#send({ id, type: 'ack' })
  }

  #fail(id: string, code: number, data: string): void {
    this.#send({ id, type: 'error', code, data })
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message), 'other')
  }
}
