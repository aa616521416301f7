import type { z } from 'zod'
import type { Micros } from './clock.ts'
import type { TenantId } from './ids.ts'

/** A fact, in the past tense. `(tenant, subject, sequence)` is unique: that is the optimistic lock. */
export interface Event<Type extends string = string, Data = unknown> {
  readonly id: string
  readonly type: Type
  /** Of the data's schema. */
  readonly version: number
  readonly tenant: TenantId
  /** What it is about, e.g. `order/<id>`: the stream. */
  readonly subject: string
  /** From 1, without gaps, within `(tenant, subject)`. */
  readonly sequence: number
  readonly at: Micros
  /** The id of the event or command that led to it. */
  readonly cause: string | null
  /** W3C trace id, where there is one. */
  readonly trace: string | null
  readonly data: Data
}

/** An event before the store has given it an id: what decisions and the node produce. */
export type NewEvent<Type extends string = string, Data = unknown> = Omit<
  Event<Type, Data>,
  'id' | 'cause' | 'trace'
> & {
  readonly cause?: string | null
  readonly trace?: string | null
}

/** A type of event with the schema of its data, declared in the owner's `events.ts`. */
export interface EventType<Type extends string = string, Data = unknown> {
  readonly type: Type
  readonly version: number
  readonly schema: z.ZodType<Data>
}

/** @example const orderFilled = eventType('order.filled', 1, z.strictObject({ … })) */
export const eventType = <Type extends string, Data>(
  type: Type,
  version: number,
  schema: z.ZodType<Data>,
): EventType<Type, Data> => ({ type, version, schema })
