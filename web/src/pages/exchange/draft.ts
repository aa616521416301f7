import type { HouseInstrumentView, NewOrder } from '../../contract.ts'
import { compare, parseDecimal, signOf } from '../../show/decimal.ts'
import { fromTyped } from '../../show/number.ts'
import type { Key } from '../../text/text.tsx'
import { isMultiple, limitOf, type Question, type Side } from './estimate.ts'
import type { HouseBook } from './house-book.ts'

export const TYPES = ['limit', 'market', 'stop', 'stop_limit'] as const
export const LIVES = ['gtc', 'ioc', 'fok', 'gtd'] as const

/** What is typed, as it is typed; the names are those of the exchange's own fields. */
export interface Draft {
  readonly side: Side
  readonly type: (typeof TYPES)[number]
  readonly timeInForce: (typeof LIVES)[number]
  readonly quantity: string
  readonly price: string
  readonly triggerPrice: string
  readonly displayQuantity: string
  /** As the browser's own field has it, in UTC. */
  readonly expireAt: string
  readonly postOnly: boolean
}

export const EMPTY: Draft = {
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  quantity: '',
  price: '',
  triggerPrice: '',
  displayQuantity: '',
  expireAt: '',
  postOnly: false,
}

export const hasPrice = ({ type }: Pick<Draft, 'type'>): boolean => type === 'limit' || type === 'stop_limit'
export const hasTrigger = ({ type }: Pick<Draft, 'type'>): boolean => type === 'stop' || type === 'stop_limit'
export const livesOf = (draft: Pick<Draft, 'type'>): readonly Draft['timeInForce'][] =>
  hasPrice(draft) ? LIVES : ['ioc', 'fok']
export const mayRest = (draft: Pick<Draft, 'type' | 'timeInForce'>): boolean =>
  hasPrice(draft) && (draft.timeInForce === 'gtc' || draft.timeInForce === 'gtd')

/** What a change leads to: no order keeps what is not for its type. */
export function changed(draft: Draft, change: Partial<Draft>): Draft {
  const after = { ...draft, ...change }
  const lives = livesOf(after)
  const isKept = lives.includes(after.timeInForce) && hasPrice(draft) === hasPrice(after)
  const timeInForce = isKept ? after.timeInForce : (lives[0] as Draft['timeInForce'])
  return { ...after, timeInForce, postOnly: after.postOnly && mayRest({ ...after, timeInForce }) }
}

/** What is wrong with a field, as a text and its values. */
export interface Fault {
  readonly key: Key
  readonly values?: Readonly<Record<string, string>>
}
export type Field = 'quantity' | 'price' | 'triggerPrice' | 'displayQuantity' | 'expireAt' | 'postOnly'
export type Faults = Partial<Record<Field, Fault>>

/** What the rules of the instrument say to a price or a quantity. */
function amountFault(text: string, step: string, most: string, least?: string): Fault | undefined {
  const value = fromTyped(text)
  if (value === '') return { key: 'fault.required' }
  if (!parseDecimal(value)) return { key: 'fault.number' }
  if (signOf(value) <= 0) return { key: 'fault.positive' }
  if (!isMultiple(value, step)) return { key: 'ticket.fault.step', values: { step } }
  if (least !== undefined && compare(value, least) < 0) return { key: 'ticket.fault.least', values: { least } }
  return compare(value, most) > 0 ? { key: 'ticket.fault.most', values: { most } } : undefined
}

/** @param now microseconds */
export function faultsOf(draft: Draft, rules: HouseInstrumentView, book: HouseBook | undefined, now: number): Faults {
  const { tick, lot, priceMax, quantityMin, quantityMax } = rules
  const rests = mayRest(draft)
  const found: Record<Field, Fault | undefined> = {
    quantity: amountFault(draft.quantity, lot, quantityMax, quantityMin),
    price: hasPrice(draft) ? amountFault(draft.price, tick, priceMax) : undefined,
    triggerPrice: hasTrigger(draft) ? amountFault(draft.triggerPrice, tick, priceMax) : undefined,
    displayQuantity: undefined,
    expireAt: undefined,
    postOnly: undefined,
  }
  if (draft.displayQuantity && draft.type === 'limit' && rests) {
    found.displayQuantity = amountFault(draft.displayQuantity, lot, quantityMax)
    if (
      !found.displayQuantity &&
      !found.quantity &&
      compare(fromTyped(draft.displayQuantity), fromTyped(draft.quantity)) >= 0
    )
      found.displayQuantity = { key: 'ticket.fault.display' }
  }
  if (draft.timeInForce === 'gtd') {
    const at = expiryOf(draft)
    if (at === undefined) found.expireAt = { key: 'fault.required' }
    else if (at <= now) found.expireAt = { key: 'ticket.fault.past' }
  }
  if (draft.postOnly && draft.type === 'limit' && !found.price && wouldCross(draft, book))
    found.postOnly = { key: 'ticket.fault.crosses' }
  return Object.fromEntries(Object.entries(found).filter(([, fault]) => fault))
}

function wouldCross({ side, price }: Draft, book: HouseBook | undefined): boolean {
  const best = (side === 'buy' ? book?.asks : book?.bids)?.[0]?.[0]
  if (best === undefined) return false
  const order = compare(fromTyped(price), best)
  return side === 'buy' ? order >= 0 : order <= 0
}

/** Microseconds UTC. */
function expiryOf({ expireAt }: Draft): number | undefined {
  const at = Date.parse(`${expireAt}Z`)
  return expireAt === '' || Number.isNaN(at) ? undefined : at * 1_000
}

/** What is asked of the book; decimals in plain texts, empty where nothing readable is typed. */
export function questionOf(draft: Draft, others: Pick<Question, 'book' | 'rules' | 'fees'>): Question {
  const plain = (text: string): string => (parseDecimal(fromTyped(text)) ? fromTyped(text) : '')
  return {
    ...others,
    side: draft.side,
    type: draft.type,
    quantity: plain(draft.quantity) || '0',
    price: hasPrice(draft) ? plain(draft.price) : '',
    trigger: hasTrigger(draft) ? plain(draft.triggerPrice) : '',
    mayRest: mayRest(draft),
  }
}

export function orderOf(draft: Draft, instrument: string, clientId: string): NewOrder {
  const expireAt = draft.timeInForce === 'gtd' ? expiryOf(draft) : undefined
  return {
    instrument,
    side: draft.side,
    type: draft.type,
    timeInForce: draft.timeInForce,
    quantity: fromTyped(draft.quantity),
    clientId,
    ...(hasPrice(draft) ? { price: fromTyped(draft.price) } : {}),
    ...(hasTrigger(draft) ? { triggerPrice: fromTyped(draft.triggerPrice) } : {}),
    ...(draft.displayQuantity && draft.type === 'limit' && mayRest(draft)
      ? { displayQuantity: fromTyped(draft.displayQuantity) }
      : {}),
    ...(draft.postOnly ? { postOnly: true } : {}),
    ...(expireAt === undefined ? {} : { expireAt }),
  }
}

/** Whether the phase of the instrument lets such an order in, by the exchange's own rule. */
export function phaseTakes(phase: HouseInstrumentView['phase'], draft: Draft): boolean {
  if (phase !== 'auction') return phase === 'trading'
  return hasTrigger(draft) || (draft.type === 'limit' && mayRest(draft) && !draft.postOnly)
}

/** So far from the best price of the other side that it is likely a slip: a fraction. */
const FAR = '0.02'

/** Whether a buy is that far above, or a sell that far below, what the market asks for. */
export function isFar(question: Question): boolean {
  const limit = question.type === 'limit' ? limitOf(question) : undefined
  const best = (question.side === 'buy' ? question.book?.asks : question.book?.bids)?.[0]?.[0]
  if (!limit || !best) return false
  const room = Number(best) * Number(FAR)
  const beyond = question.side === 'buy' ? Number(limit) - Number(best) : Number(best) - Number(limit)
  return beyond > room
}
