import { expect, test } from 'vitest'
import type { Bus } from './bus.ts'

/** What the suite publishes. */
export interface ContractMessages {
  a: number
  b: string
}

/** What every implementation of the bus does. */
export function busContract(name: string, create: () => Promise<Bus<ContractMessages>> | Bus<ContractMessages>): void {
  const reader = (seen: unknown[], extra: object = {}) => ({
    handle: (message: unknown) => void seen.push(message),
    lost: (count: number) => void seen.push({ lost: count }),
    ...extra,
  })

  test(`${name}: every subscriber of a topic gets its messages, in order`, async () => {
    const bus = await create()
    const [one, two, other]: unknown[][] = [[], [], []]
    bus.subscribe('a', reader(one!))
    bus.subscribe('a', reader(two!))
    bus.subscribe('b', reader(other!))
    for (let i = 0; i < 100; i++) bus.publish('a', i)
    await bus.settled()
    expect(one).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(two).toEqual(one)
    expect(other).toEqual([])
    await bus.close()
  })

  test(`${name}: publishing does not wait for the reader, and a reader is never entered twice`, async () => {
    const bus = await create()
    const seen: string[] = []
    let isIn = false
    bus.subscribe('a', {
      async handle(message) {
        expect(isIn).toBe(false)
        isIn = true
        await new Promise<void>(resolve => setImmediate(resolve))
        isIn = false
        seen.push(`read ${message}`)
      },
      lost() {},
    })
    bus.publish('a', 1)
    bus.publish('a', 2)
    seen.push('published')
    await bus.settled()
    expect(seen).toEqual(['published', 'read 1', 'read 2'])
    await bus.close()
  })

  test(`${name}: past its bound a reader is told how many it lost, and goes on`, async () => {
    const bus = await create()
    const seen: unknown[] = []
    bus.subscribe('a', reader(seen, { queueMax: 3 }))
    for (let i = 1; i <= 5; i++) bus.publish('a', i)
    await bus.settled()
    bus.publish('a', 6)
    await bus.settled()
    expect(seen).toEqual([{ lost: 5 }, 6])
    await bus.close()
  })

  test(`${name}: a reader that fails keeps nobody else from reading, nor itself from the next message`, async () => {
    const bus = await create()
    const [failing, well]: unknown[][] = [[], []]
    bus.subscribe('a', {
      handle(message) {
        failing!.push(message)
        throw new Error('failed')
      },
      lost() {},
    })
    bus.subscribe('a', reader(well!))
    bus.publish('a', 1)
    bus.publish('a', 2)
    await bus.settled()
    expect([failing, well]).toEqual([
      [1, 2],
      [1, 2],
    ])
    await bus.close()
  })

  test(`${name}: after the end of a subscription nothing comes`, async () => {
    const bus = await create()
    const seen: unknown[] = []
    const end = bus.subscribe('a', reader(seen))
    bus.publish('a', 1)
    end()
    bus.publish('a', 2)
    await bus.settled()
    expect(seen).toEqual([])
    await bus.close()
  })
}
