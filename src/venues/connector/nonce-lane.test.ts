import { expect, test } from 'vitest'
import { NonceLane } from './nonce-lane.ts'

/** A request that says when it leaves and ends when it is told to. */
function request(log: string[], name: string) {
  let end = () => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  return {
    send: async () => {
      log.push(name)
      await ended
      return name
    },
    end,
  }
}
const settled = () => new Promise(resolve => setImmediate(resolve))

test('requests go side by side; one that goes alone waits for them, and what comes after waits for it', async () => {
  const lane = new NonceLane()
  const log: string[] = []
  const [a, b, again, c] = ['a', 'b', 'again', 'c'].map(name => request(log, name)) as [R, R, R, R]
  const all = [lane.together(a.send), lane.together(b.send)]
  await settled()
  expect(log).toEqual(['a', 'b'])
  all.push(lane.alone(again.send), lane.together(c.send))
  a.end()
  await settled()
  expect(log).toEqual(['a', 'b'])
  b.end()
  await settled()
  expect(log).toEqual(['a', 'b', 'again'])
  again.end()
  await settled()
  expect(log).toEqual(['a', 'b', 'again', 'c'])
  c.end()
  expect(await Promise.all(all)).toEqual(['a', 'b', 'again', 'c'])
})

test('those that go alone go one after the other, and one that fails holds up none', async () => {
  const lane = new NonceLane()
  const log: string[] = []
  const [first, second] = [request(log, 'first'), request(log, 'second')]
  const failed = lane.alone(async () => {
    await first.send()
    throw new Error('refused')
  })
  const next = lane.alone(second.send)
  await settled()
  expect(log).toEqual(['first'])
  first.end()
  second.end()
  await expect(failed).rejects.toThrow('refused')
  expect(await next).toBe('second')
  expect(log).toEqual(['first', 'second'])
})

type R = ReturnType<typeof request>
