import { z } from 'zod'
import { type EventType, eventType } from '../kernel/index.ts'
import { VENUE_NAMES } from './port/index.ts'

/** The events that venues own, as they are stored. Nothing in them is secret. */
const Permissions = z.strictObject({
  read: z.boolean().nullable(),
  trade: z.boolean().nullable(),
  withdraw: z.boolean().nullable(),
})
const Address = z.string().max(300)

const BreakerOf = { venue: z.string().max(40), kind: z.enum(['order', 'cancel', 'query']) }

export const venueEvents: readonly EventType[] = [
  eventType(
    'credential.added',
    1,
    z.strictObject({
      venue: z.enum(VENUE_NAMES),
      label: z.string().max(60),
      isTestnet: z.boolean(),
      endpoint: z.strictObject({ rest: Address, ws: Address }).nullable(),
      isWithdrawAllowed: z.boolean(),
      permissions: Permissions,
    }),
  ),
  eventType('credential.rotated', 1, z.strictObject({ isWithdrawAllowed: z.boolean(), permissions: Permissions })),
  eventType(
    'credential.tested',
    1,
    z.strictObject({
      outcome: z.enum(['passed', 'may_withdraw', 'unavailable', 'refused']),
      permissions: Permissions.nullable(),
    }),
  ),
  /** For the auditor: somebody has touched what is kept, or the key that it is wrapped with is gone. */
  eventType('credential.unreadable', 1, z.strictObject({ reason: z.string().max(300) })),
  eventType('credential.rewrapped', 1, z.strictObject({})),
  eventType('credential.removed', 1, z.strictObject({})),
  eventType(
    'venue.breaker_opened',
    1,
    z.strictObject({
      ...BreakerOf,
      /** Microseconds since the epoch. */
      until: z.int().positive(),
      failures: z.int().positive(),
      calls: z.int().positive(),
    }),
  ),
  eventType('venue.breaker_half_opened', 1, z.strictObject(BreakerOf)),
  eventType('venue.breaker_closed', 1, z.strictObject(BreakerOf)),
]
