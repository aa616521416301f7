import type { z } from 'zod'
import type { Permission, Principal } from '../../kernel/index.ts'
import type { RateClass } from './rates.ts'

/**
 * What handlers are given beside the request: each subject adds its own services.
 * @example
 * declare module '../platform/index.ts' {
 *   interface RouteDeps { orders: Orders }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: subjects merge their services into it
export interface RouteDeps {}

type Output<S> = S extends z.ZodType ? z.output<S> : undefined

/** What a handler knows of the request; everything in it has passed its schema. */
export interface RouteRequest<Access, Params, Query, Body> {
  readonly params: Output<Params>
  readonly query: Output<Query>
  readonly body: Output<Body>
  /** Who asks; absent on public routes. */
  readonly principal: Access extends 'public' ? undefined : Principal
  readonly requestId: string
  /** Trace id of the W3C `traceparent` header, where there is one. */
  readonly trace: string | null
  readonly ip: string
}

export type Responses = Readonly<Record<number, z.ZodType>>

/** A status of the route's `responses` with a body that fits its schema. */
export type Answer<R extends Responses> = {
  [Status in keyof R & number]: {
    readonly status: Status
    readonly body: z.input<R[Status]> | Promise<z.input<R[Status]>>
    /** Media type of a body that is text and is sent as it is; without it the body is JSON. */
    readonly type?: string
  }
}[keyof R & number]

/** One route as one object. Without a permission it does not type-check. */
export interface RouteSpec<
  Access extends Permission | 'public',
  Params extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | undefined,
  R extends Responses,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `:name` for parameters. */
  readonly path: `/${string}`
  readonly permission: Access
  readonly rate: RateClass
  /** Honours an Idempotency-Key header. Needs the database, so it is not for what must work without one. */
  readonly idempotent?: boolean
  /** The action under which every call is recorded, whatever its outcome. */
  readonly audit?: string
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  readonly responses: R
  /** Where it differs from BODY_BYTES_MAX. */
  readonly bodyBytesMax?: number
  /** One line for the reference. */
  readonly summary: string
  handle(request: RouteRequest<Access, Params, Query, Body>, deps: RouteDeps): Answer<R> | Promise<Answer<R>>
}

/** A route of any types, as the server takes them. */
export type Route = Omit<
  RouteSpec<Permission | 'public', undefined, undefined, undefined, Responses>,
  'params' | 'query' | 'body' | 'handle'
> & {
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  handle(request: RouteRequest<'public', undefined, undefined, undefined>, deps: RouteDeps): unknown
}

/** @example export const placeOrder = route({ method: 'POST', path: '/v1/orders', permission: 'orders:write', … }) */
export const route = <
  const Access extends Permission | 'public',
  R extends Responses,
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  spec: RouteSpec<Access, Params, Query, Body, R>,
): Route => spec as unknown as Route

export const ok = <T>(body: T | Promise<T>) => ({ status: 200 as const, body })
/** Text of a media type, e.g. CSV. */
export const okAs = (type: string, body: string) => ({ status: 200 as const, body, type })
export const created = <T>(body: T | Promise<T>) => ({ status: 201 as const, body })
export const accepted = <T>(body: T | Promise<T>) => ({ status: 202 as const, body })
export const noContent = () => ({ status: 204 as const, body: undefined })
