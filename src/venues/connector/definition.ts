import type { Exchange, Order, Trade } from 'ccxt'
import type { InstrumentId, Micros, OrderId, OrderRequest } from '../../kernel/index.ts'
import type {
  AccountHost,
  Capabilities,
  HttpResponse,
  KeyPermissions,
  PublicSessionFactory,
  StreamSession,
  VenueName,
} from '../port/index.ts'
import type { InstrumentBook, KnownMarket } from './instruments.ts'

/** What a connector is made from: all that differs between venues, and nothing else. */
export interface VenueDefinition {
  readonly name: VenueName
  readonly title: string
  readonly capabilities: Capabilities
  readonly rest: RestDialect
  readonly market: {
    /** One where the venue allows it; the first has the books. */
    readonly streams: readonly MarketStream[]
    /** The snapshot by REST that some venues bridge their differences with: its body goes to the session as it is. */
    snapshot?(exchange: Exchange, instrument: VenueInstrument): Promise<string>
  }
  /** Of a venue with a testnet: the address there in the place of each of its streams. REST's are ccxt's. */
  readonly testnetStreams?: Readonly<Record<string, string>>
  readonly account: {
    /** Asked for anew before each connection: its address, and what it needs to log in. */
    open(exchange: Exchange): Promise<{ url: string; session: AccountSessionFactory }>
  }
}

export interface MarketStream {
  readonly session: PublicSessionFactory
  /** Where the session connects to; asked for anew before each connection. */
  url(exchange: Exchange): Promise<string>
}

export type AccountSessionFactory = (instruments: InstrumentBook, host: AccountHost) => StreamSession

/** An instrument as the venue itself names it. */
export interface VenueInstrument {
  readonly id: InstrumentId
  readonly symbol: string
}

/** What a call is for: its queue, its breaker and its place in the figures. */
export type CallKind = 'order' | 'cancel' | 'query'

/** How one venue's REST is spoken through ccxt. */
export interface RestDialect {
  /** The class in ccxt. */
  readonly ccxt: string
  readonly options?: Readonly<Record<string, unknown>>
  /** The table of currencies is asked for only by keys that may see it, and nothing here needs it. */
  readonly skipsCurrencies?: boolean
  /** The side of a public trade is that of the order that rested. */
  readonly tradesNameMaker?: boolean
  /** Market orders are sent as immediate-or-cancel limits at a price well through the market. */
  readonly marketAsLimit?: boolean
  /** Last changes to ccxt's object, once it is there. */
  prepare?(exchange: Exchange): void
  /**
   * What is signed is the time, and no number that has to grow: it goes back at once when the venue's clock turns out to be
   * behind what it was taken for.
   */
  readonly signsTime?: true
  /** The venue's clock is told in whole steps of this. */
  readonly clockStepMs?: number
  /** Of a request that ccxt is about to send: `path` begins with a slash and has no query. */
  kindOf(method: string, path: string): CallKind
  /** The venue's form of our order id; deterministic, so that a restart finds its orders again. */
  clientId(order: OrderId): string
  /** ccxt's parameters beyond symbol, type, side, amount and price; `type` is ccxt's or the venue's. */
  order(request: OrderRequest, text: OrderText): { readonly type: string; readonly params: Record<string, unknown> }
  /** Whether an answer to an order, amend or cancel proves that it was refused; null where it proves nothing. */
  refusal(response: HttpResponse): string | null
  /** Whether an error says that the venue is down, where ccxt has no class for it. */
  isDown?(response: HttpResponse): boolean
  /** Levels of a book that the venue gives, where they are not any number: the next larger one is asked for. */
  readonly depths?: readonly number[]
  /** The lot of every market, where it is not in the venue's table. */
  readonly lot?: string
  /** Ticks that are not in the venue's table of markets. */
  ticks?(exchange: Exchange): Promise<(market: KnownMarket) => string | undefined>
  /** Whether an answer says that the request's number or time came too late: it was not carried out, and may go again. */
  isNonceFault?(response: HttpResponse): boolean
  permissions(exchange: Exchange): Promise<KeyPermissions>
  /** Everything that is open, of one market or of all, where ccxt asks for one page of it. */
  openOrders?(exchange: Exchange, symbol: string | undefined): Promise<Order[]>
  /** One order by client id where the venue's id is not known; ccxt's own order, or null. */
  orderByClientId(exchange: Exchange, symbol: string, clientId: string, since: Micros): Promise<unknown>
  /**
   * All own trades since, where the venue's pages are not walked from the oldest on by time: newest first, say, or by a
   * cursor. Unix milliseconds.
   */
  fills?(exchange: Exchange, symbol: string, sinceMs: number): Promise<Trade[]>
  /** Decimal rates that the account pays, where ccxt's way is not the venue's best. */
  fees?(exchange: Exchange, symbol: string): Promise<{ maker: unknown; taker: unknown }>
  amend?(exchange: Exchange, symbol: string, change: AmendText): Promise<unknown>
  /** Where a cancel has to say more of the order than its id; otherwise ccxt's `cancelOrder` does. */
  cancel?(
    exchange: Exchange,
    symbol: string,
    order: { venueOrderId: string | null; clientId: string },
  ): Promise<unknown>
  /** One order by the venue's id, where ccxt's own way does not find every order; ccxt's own order, or null. */
  orderByVenueId?(exchange: Exchange, symbol: string, venueOrderId: string): Promise<unknown>
  /** Further parameters of a cancel, by the order that it is of. */
  cancelParams?(request: OrderRequest): Record<string, unknown>
  /**
   * Parameters that name an order to cancel by client id, for when the venue's id is not known. Left out where only the
   * venue's id will do: it is asked for first then.
   */
  cancelByClientId?(clientId: string): Record<string, unknown>
  cancelAll(exchange: Exchange, symbols: readonly string[], only: string | null): Promise<void>
}

/** Numbers of an order as the venue wants them: plain decimals. */
export interface OrderText {
  readonly clientId: string
  readonly quantity: string
  readonly price: string | null
  readonly triggerPrice: string | null
  /** Unix milliseconds: after this the venue is to refuse the order, where it can be told so. */
  readonly validUntilMs: number
}

export interface AmendText {
  readonly venueOrderId: string | null
  readonly clientId: string
  readonly side: 'buy' | 'sell'
  readonly type: string
  readonly quantity: string
  readonly price: string | null
}
