import { expect, test } from 'vitest'
import type { Database } from '../../platform/index.ts'
import { freshTenant } from '../../platform/testing.ts'
import { Projector } from './projector.ts'

test('no more may wait for a history that is behind than there is room for', async () => {
  const writer = { follow() {}, pause: async () => true, goTo: async () => true, goOn() {}, stop: async () => {} }
  const projector = new Projector({
    name: { tenant: freshTenant(), shard: 0 },
    db: {} as Database,
    history: () => writer,
  })
  projector.start(1)
  const waiting = Array.from({ length: 10_000 }, () => projector.reached(1))
  await expect(projector.reached(1)).rejects.toMatchObject({ code: 'exchange.busy' })
  await projector.stop()
  await Promise.all(waiting)
})
