import type { Micros, Random } from '../../../src/kernel/index.ts'
import type { Account } from './accounts.ts'
import type { SimulatedExchange } from './exchange.ts'
import type { CallName, ChannelName, Faults } from './faults.ts'
import type { BookFeed } from './feeds.ts'
import type { SimulatedInstrument, SimulatedMarket } from './market.ts'
import type { ExchangeRules } from './order.ts'
import type { Switches } from './switches.ts'
import type { Tape } from './tape.ts'

export interface SimulatedRequest {
  readonly method: string
  /** The venue's host that was asked: `api.kraken.com`. */
  readonly host: string
  readonly path: string
  readonly query: URLSearchParams
  /** The query as it was sent, without the question mark: signatures cover its very letters. */
  readonly rawQuery: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The client's address, for limits by address. */
  readonly from: string
  /** The address as the client wrote it, where the venue signs the whole of it. */
  readonly url: string
}

export interface SimulatedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

export const json = (body: unknown, status = 200, headers?: Record<string, string>): SimulatedAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

/** One client's socket, as the venue sees it. */
export interface VenueSocket {
  send(frame: string | Uint8Array, channel: ChannelName): void
  close(reason: string): void
}

/** What a venue keeps of one socket. */
export interface VenueConnection {
  onFrame(frame: string): void
  /** Time has passed: heartbeats, books that have changed. */
  onTick(at: Micros): void
  onClose(): void
}

/** What a venue's code may use: the exchange behind it, its clock and chance, and the faults that are set. */
export interface VenueContext {
  readonly exchange: SimulatedExchange
  readonly market: SimulatedMarket
  readonly tape: Tape
  readonly faults: Faults
  readonly random: Random
  readonly accounts: readonly Account[]
  readonly switches: Switches
  /** The base addresses that clients use, for venues that tell their clients where to connect. */
  readonly addresses: { readonly rest: string; readonly ws: string }
  /** The venue's own clock, which a fault may set wrong. Microseconds. */
  now(): Micros
  accountOf(apiKey: string | undefined): Account | undefined
  /** The books as this venue publishes them. */
  feed(depth: number): BookFeed
  instrument(by: (one: SimulatedInstrument) => boolean): SimulatedInstrument | undefined
}

/** A venue: its protocol and nothing else. Made once for each simulator. */
export interface SimulatedVenueProtocol {
  callOf(request: SimulatedRequest): CallName
  /** Null when the request is within the venue's limits; otherwise what the venue answers. */
  limit(request: SimulatedRequest, call: CallName): SimulatedAnswer | null
  answer(request: SimulatedRequest): SimulatedAnswer
  /** Time has passed: what the venue does by itself. */
  onTick?(at: Micros): void
  connect(host: string, path: string, query: URLSearchParams, socket: VenueSocket): VenueConnection
  /** Headers of every answer. */
  headers?(request: SimulatedRequest): Record<string, string>
  /** The venue's own words for what goes wrong. */
  readonly errors: {
    /** A definite refusal of an order, amend or cancel. */
    refused(call: CallName): SimulatedAnswer
    /** A request whose fields cannot be what they should be. */
    invalid(why: string): SimulatedAnswer
    rateLimited(call: CallName): SimulatedAnswer
    banned(untilMs: number): SimulatedAnswer
    maintenance(): SimulatedAnswer
  }
}

export interface SimulatedVenueDefinition {
  readonly name: string
  readonly rules: ExchangeRules
  readonly instruments: readonly SimulatedInstrument[]
  readonly credentials: { readonly apiKey: string; readonly secret: string; readonly passphrase?: string }
  /** First prices by pair. */
  readonly prices: Readonly<Record<string, number>>
  create(context: VenueContext): SimulatedVenueProtocol
}
