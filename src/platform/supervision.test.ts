import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { silentLog } from './log/log.ts'
import { createSupervisor } from './supervision.ts'
import { eventually, manualTime } from './testing.ts'

function supervised() {
  const exits: number[] = []
  const host = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) })
  const time = manualTime()
  return { exits, host, time, supervisor: createSupervisor({ log: silentLog, timers: time.timers, process: host }) }
}

test('what started last stops first, and a failure keeps no other from stopping', async () => {
  const { supervisor } = supervised()
  const order: string[] = []
  supervisor.onStop('database', () => void order.push('database'))
  supervisor.onStop('broken', () => Promise.reject(new Error('broken')))
  supervisor.onStop('server', async () => void order.push('server'))
  expect(await supervisor.stop('test')).toBe(false)
  expect(order).toEqual(['server', 'database'])
})

test('a part that never stops is left behind after its bound', async () => {
  const { supervisor, time } = supervised()
  let isReached = false
  supervisor.onStop('after', () => {
    isReached = true
  })
  supervisor.onStop('stuck', () => new Promise(() => {}), 3_000)
  const stopped = supervisor.stop('test')
  await time.advance(3_000)
  expect(await stopped).toBe(false)
  expect(isReached).toBe(true)
})

test('the first signal stops in order and exits, the second exits at once', async () => {
  const { supervisor, host, exits } = supervised()
  let finish = () => {}
  supervisor.onStop('slow', () => new Promise<void>(resolve => (finish = resolve)))
  supervisor.listen()
  host.emit('SIGINT')
  expect(exits).toEqual([])
  host.emit('SIGINT')
  expect(exits).toEqual([1])
  finish()
  await eventually(() => exits.length === 2)
  expect(exits).toEqual([1, 0])
})

test('an error that nobody caught ends the process with a failure', async () => {
  const { supervisor, host, exits } = supervised()
  supervisor.listen()
  host.emit('uncaughtException', new Error('bug'))
  await eventually(() => exits.length === 1)
  expect(exits).toEqual([1])
})
