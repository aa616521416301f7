import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError, type Permission, type Principal } from '../../kernel/index.ts'
import type { Tokens } from '../tokens/tokens.ts'
import { COUNTED_MAX, RATES, type RateClass, rateOf } from './rates.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The action under which calls of the route are recorded. */
    audit?: string
  }
  interface FastifyRequest {
    principal: Principal | null
    /** Code of the error that the request ended with. */
    failure: string | null
  }
}

const BEARER = /^Bearer ([A-Za-z0-9_\-.]+)$/

/** Takes the principal from the bearer token. @throws AppError `auth.required`, `auth.token_invalid`, `auth.token_expired`. */
export async function authenticate(request: FastifyRequest, tokens: Tokens): Promise<Principal> {
  const header = request.headers.authorization
  if (header === undefined) throw new AppError('auth.required')
  const token = BEARER.exec(header)?.[1]
  if (token === undefined) throw new AppError('auth.token_invalid')
  request.principal = (await tokens.verify(token)).principal
  return request.principal
}

/** @throws AppError `permission.denied`, without telling which one is missing. */
export function authorize(principal: Principal, permission: Permission): void {
  if (!principal.permissions.has(permission)) throw new AppError('permission.denied')
}

/** Counts a request of one class; throws `request.rate_limited` past the bound. */
export interface RateGuards {
  byAddress(request: FastifyRequest, rate: RateClass): Promise<void>
  byPrincipal(request: FastifyRequest, rate: RateClass): Promise<void>
}

/** The counters, one per class and kind of caller. Without an address nobody is let through. */
export async function rateGuards(app: FastifyInstance, isDemo: boolean): Promise<RateGuards> {
  await app.register(rateLimit, { global: false, cache: COUNTED_MAX })
  const counters = new Map<string, ReturnType<FastifyInstance['createRateLimit']>>()
  for (const name of Object.keys(RATES) as RateClass[]) {
    const { windowMs: timeWindow, perAddress, perPrincipal } = rateOf(name, isDemo)
    const byAddress = (request: FastifyRequest) => `address ${name} ${request.ip}`
    const byPrincipal = ({ principal }: FastifyRequest) => `principal ${name} ${principal?.tenant} ${principal?.id}`
    counters.set(`address ${name}`, app.createRateLimit({ max: perAddress, timeWindow, keyGenerator: byAddress }))
    counters.set(`principal ${name}`, app.createRateLimit({ max: perPrincipal, timeWindow, keyGenerator: byPrincipal }))
  }
  const count = async (request: FastifyRequest, counter: string) => {
    if (!request.ip) throw new AppError('request.invalid', { rule: 'comes from an address' })
    const result = await counters.get(counter)!(request)
    if (!result.isAllowed && result.isExceeded)
      throw new AppError('request.rate_limited', { retryAfterSeconds: Math.max(1, result.ttlInSeconds) })
  }
  return {
    byAddress: (request, rate) => count(request, `address ${rate}`),
    byPrincipal: (request, rate) => count(request, `principal ${rate}`),
  }
}
