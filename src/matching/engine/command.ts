import type { Lots, Micros, Side, Ticks } from '../../kernel/index.ts'

/**
 * What the engine of a spot exchange is told. A command is a fact of its journal: its number and its time come with it, and
 * nothing else (no clock, no randomness) moves the engine, so that a journal replayed gives the same state and reports.
 * Accounts, assets and instruments are numbers that the journal itself handed out, counting from 0.
 */
export type EngineCommand =
  | AddAsset
  | AddInstrument
  | AddAccount
  | SetFees
  | Deposit
  | Withdraw
  | PlaceOrder
  | CancelOrder
  | CancelAll
  | AmendOrder
  | SetPhase
  | SetReference
  | Tick

interface Command {
  /** Of the journal, counting from 1 without a gap; an order's id is the number of the command that placed it. */
  readonly sequence: number
  /** Never before that of the command before; orders and phases whose time has come end before anything else happens. */
  readonly at: Micros
}

export interface AddAsset extends Command {
  readonly kind: 'add_asset'
  readonly asset: number
  readonly code: string
}

/**
 * A market, closed until a phase is set. The same instrument again changes its rules; what rests stays, and while it does so do the
 * sizes of lot and tick.
 */
export interface AddInstrument extends Command {
  readonly kind: 'add_instrument'
  readonly instrument: number
  readonly base: number
  readonly quote: number
  readonly rules: InstrumentRules
}

export interface InstrumentRules {
  /** Units of the base asset in one lot. */
  readonly lotUnits: number
  /** Units of the quote asset in one tick × one lot: whole, so that price × quantity always is. */
  readonly tickLotUnits: number
  readonly quantityMin: Lots
  readonly quantityMax: Lots
  readonly priceMax: Ticks
  /** Smallest price × quantity of an order, in units of the quote asset. */
  readonly notionalMin: number
  /** A limit price further than this from the reference is refused, a stop's when it is triggered; millionths, 0 for no band. */
  readonly bandPpm: number
  /** A trade further than this from the reference does not happen: an auction begins instead; millionths, 0 for none. */
  readonly haltPpm: number
  /** How long that auction takes. */
  readonly haltMicros: Micros
  /** How far a market order may go from the best price of the other side; millionths. Also what its funds are held at. */
  readonly protectionPpm: number
}

/** An account with the default schedule of fees: {@link SetFees} gives it another. */
export interface AddAccount extends Command {
  readonly kind: 'add_account'
  readonly account: number
}

/** Millionths of the notional; they apply to fills from now on, and to holds of orders placed from now on. */
export interface SetFees extends Command {
  readonly kind: 'set_fees'
  readonly account: number
  readonly makerPpm: number
  readonly takerPpm: number
}

export interface Deposit extends Command {
  readonly kind: 'deposit'
  readonly account: number
  readonly asset: number
  /** Units, above zero. */
  readonly amount: number
}

/** Takes from what is available; all or nothing. */
export interface Withdraw extends Command {
  readonly kind: 'withdraw'
  readonly account: number
  readonly asset: number
  readonly amount: number
}

/** Characters of an order's client id. */
export const CLIENT_ID_LENGTH_MAX = 36

export type EngineOrderType = 'limit' | 'market' | 'stop' | 'stop_limit'
export type EngineTimeInForce = 'gtc' | 'ioc' | 'fok' | 'gtd'
/** What happens when an order meets one of the same account. */
export type SelfTradePrevention = 'cancel_newest' | 'cancel_oldest' | 'cancel_both' | 'decrement'

export interface PlaceOrder extends Command {
  readonly kind: 'place'
  readonly account: number
  readonly instrument: number
  /** The account's own name of it in ASCII, or '' for none. The same again is the same order, not a second one. */
  readonly clientId: string
  readonly side: Side
  readonly type: EngineOrderType
  /** A market order and a stop that becomes one are `ioc` or `fok`. */
  readonly timeInForce: EngineTimeInForce
  /** 0 for market and stop. */
  readonly price: Ticks
  /** The last price at which a stop begins to work: at or above it for a buy, at or below for a sell; 0 for the others. */
  readonly trigger: Ticks
  readonly quantity: Lots
  /** What an iceberg shows at a time; 0 for all of it. */
  readonly display: Lots
  readonly isPostOnly: boolean
  readonly selfTrade: SelfTradePrevention
  /** For `gtd`; 0 for the others. */
  readonly expireAt: Micros
  /** The connection that dies with it, or 0: {@link CancelAll} of that session cancels it. */
  readonly session: number
}

export interface CancelOrder extends Command {
  readonly kind: 'cancel'
  readonly account: number
  /** An order's id, or 0 and its client id. */
  readonly order: number
  readonly clientId: string
}

export interface CancelAll extends Command {
  readonly kind: 'cancel_all'
  readonly account: number
  /** -1 for all of them. */
  readonly instrument: number
  /** Only orders of this session; 0 for all. */
  readonly session: number
}

/**
 * Another price, another total quantity (what has been filled counts), or both; 0 leaves it as it is. Less at the same price
 * keeps priority. Anything else loses it and may trade, as if it were placed anew with the same id. A quantity at or below
 * what is filled cancels the rest.
 */
export interface AmendOrder extends Command {
  readonly kind: 'amend'
  readonly account: number
  readonly order: number
  readonly clientId: string
  readonly price: Ticks
  readonly quantity: Lots
}

/**
 * `trading`: continuous. `auction`: limit orders gather and may cross, nothing trades before the uncross. `halted`: cancels
 * only. `closed`: nothing, cancels too are accepted. What crosses trades when an auction, halted or not, is followed by `trading` or
 * `closed`.
 */
export type Phase = 'trading' | 'auction' | 'halted' | 'closed'

export interface SetPhase extends Command {
  readonly kind: 'set_phase'
  readonly instrument: number
  readonly phase: Phase
  /** When an auction uncrosses or a halt becomes an auction of `haltMicros`; 0 for until told. */
  readonly until: Micros
  /** What follows an auction: `trading` after an opening one, `closed` after a closing one. */
  readonly next: 'trading' | 'closed'
}

/** The price that bands and halts are measured from; each uncross sets it too, and so does the last trade at each {@link Tick}. */
export interface SetReference extends Command {
  readonly kind: 'set_reference'
  readonly instrument: number
  readonly price: Ticks
}

/** Time has passed and nothing else: what expires does, auctions uncross, references follow the market. */
export interface Tick extends Command {
  readonly kind: 'tick'
}
