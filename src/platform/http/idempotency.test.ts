import { beforeEach, expect, test } from 'vitest'
import { AppError, ManualClock, MICROS_PER_DAY, MICROS_PER_HOUR, type Principal } from '../../kernel/index.ts'
import { type FreshDatabase, freshDatabase, freshTenant } from '../testing.ts'
import { createIdempotency, type Idempotency } from './idempotency.ts'

let fresh: FreshDatabase
let clock: ManualClock
let idempotency: Idempotency
let effects: number
beforeEach(async () => {
  fresh ??= await freshDatabase()
  clock = new ManualClock(2 * MICROS_PER_DAY)
  idempotency = createIdempotency(fresh.db, clock)
  effects = 0
})

const who = (): Principal => ({ id: 'p', name: 'Ada', kind: 'person', tenant: freshTenant(), permissions: new Set() })
const effect = async () => ({ status: 201, text: `{"effect":${++effects}}` })

test('SC-66 the same key with the same request gives the same answer and one effect', async () => {
  const principal = who()
  const first = await idempotency.once(principal, 'k', ['a'], effect)
  const again = await createIdempotency(fresh.db, clock).once(principal, 'k', ['a'], effect)
  expect([first, again, effects]).toEqual([{ status: 201, text: '{"effect":1}' }, first, 1])
})

test('SC-66 the same key with another request is refused', async () => {
  const principal = who()
  await idempotency.once(principal, 'k', ['a'], effect)
  await expect(idempotency.once(principal, 'k', ['b'], effect)).rejects.toMatchObject({ code: 'idempotency.mismatch' })
})

test('SC-66 of concurrent requests, in one process and over two, one has an effect', async () => {
  const principal = who()
  const other = createIdempotency(fresh.db, clock)
  const answers = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) => (i % 2 ? idempotency : other).once(principal, 'k', ['a'], effect)),
  )
  expect(effects).toBe(1)
  for (const answer of answers)
    if (answer.status === 'fulfilled') expect(answer.value.text).toBe('{"effect":1}')
    else expect(answer.reason).toMatchObject({ code: 'state.conflict' })
})

test('the key of one tenant or person means nothing to another', async () => {
  await idempotency.once(who(), 'k', ['a'], effect)
  await idempotency.once(who(), 'k', ['b'], effect)
  expect(effects).toBe(2)
})

test('a refusal leaves the key free; an unknown outcome does not', async () => {
  const principal = who()
  const refused = idempotency.once(principal, 'k', ['a'], () => Promise.reject(new AppError('kill_switch.active')))
  await expect(refused).rejects.toMatchObject({ code: 'kill_switch.active' })
  await idempotency.once(principal, 'k', ['a'], effect)
  const cut = () => Promise.reject(new AppError('database.unavailable', { outcome: 'unknown' }))
  await expect(idempotency.once(principal, 'cut', ['a'], cut)).rejects.toMatchObject({ code: 'database.unavailable' })
  await expect(idempotency.once(principal, 'cut', ['a'], effect)).rejects.toMatchObject({ code: 'state.conflict' })
  expect(effects).toBe(1)
})

test('a key is kept for a day, and cleared away after it', async () => {
  const principal = who()
  await idempotency.once(principal, 'k', ['a'], effect)
  clock.advance(23 * MICROS_PER_HOUR)
  await idempotency.once(principal, 'k', ['a'], effect)
  expect(effects).toBe(1)
  clock.advance(2 * MICROS_PER_HOUR)
  await idempotency.once(principal, 'other', ['a'], effect)
  await idempotency.once(principal, 'k', ['a'], effect)
  expect(effects).toBe(3)
})

test.each(['', 'with space', 'ü', 'x'.repeat(101), 'a\nb'])('the key %j has the wrong form', async key => {
  await expect(idempotency.once(who(), key, [], effect)).rejects.toMatchObject({
    details: { field: 'Idempotency-Key' },
  })
})
