import { expect, test } from 'vitest'
import { AppError } from '../../kernel/index.ts'
import { eventually } from '../testing.ts'
import { connect, hub, reader, subscribe, time, tokens, useHub } from './testing.ts'
import type { Topic } from './topic.ts'

useHub()

/** A topic that tells who reads it and who has left. */
function offerPresence(more: Partial<Topic> = {}) {
  const [read, left] = [[] as object[], [] as object[]]
  hub.offer({
    match: topic => topic.startsWith('presence'),
    permission: 'orders:read',
    kind: 'state',
    snapshot: (_principal, _topic, reader) => read.push(reader),
    onLeave: reader => void left.push(reader),
    ...more,
  })
  return { read, left }
}

test('a topic is told once of each subscription that ends, and which it was', async () => {
  const { read, left } = offerPresence()
  const principal = reader()
  const [leaver, closer, lost, restricted] = await Promise.all([1, 2, 3, 4].map(() => connect(principal)))
  for (const client of [leaver!, closer!, lost!, restricted!]) await subscribe(client, 'presence')
  expect(new Set(read).size).toBe(4)
  leaver!.send({ type: 'unsubscribe', topic: 'presence' })
  await eventually(() => left.length === 1)
  closer!.socket.close()
  await eventually(() => left.length === 2)
  lost!.socket.terminate()
  await eventually(() => left.length === 3)
  restricted!.send({ type: 'auth', token: (await tokens.issue({ ...principal, permissions: new Set() })).token })
  await eventually(() => left.length === 4)
  leaver!.socket.terminate()
  restricted!.socket.terminate()
  await eventually(() => hub.connectionCount() === 0)
  expect(left).toEqual(read)
})

test('a subscription whose snapshot fails has ended, and so have all when the hub closes', async () => {
  const { left } = offerPresence({
    snapshot(_principal, topic) {
      if (topic === 'presence-of-nobody') throw new AppError('permission.denied')
      return 1
    },
    onLeave(reader) {
      left.push(reader)
      throw new Error('what a topic does wrong keeps no other from leaving')
    },
  })
  const client = await connect()
  client.send({ type: 'subscribe', topic: 'presence-of-nobody' })
  await client.wait(message => message.type === 'error')
  expect(left.length).toBe(1)
  await subscribe(client, 'presence-1')
  await subscribe(client, 'presence-2')
  await hub.close()
  expect(left.length).toBe(3)
})

test('a silent connection is cut sooner where a topic wishes that', async () => {
  const { left } = offerPresence({ silenceMs: 10_000 })
  hub.offer({ match: topic => topic === 'calm', permission: 'market:read', kind: 'state', snapshot: () => 1 })
  const [silent, other] = [await connect(), await connect()]
  await subscribe(silent, 'presence')
  await subscribe(other, 'calm')
  // Nothing is read from it any more, and no ping is answered.
  silent.socket.pause()
  other.socket.pause()
  await time.advance(16_000)
  await eventually(() => hub.connectionCount() === 1)
  expect(left.length).toBe(1)
})
