import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { createProgram, runProgram } from '../../src/apps/program.ts'
import { startBourse, temporaryFolder } from './process.ts'

/** `bourse simulate` as a process: what it prints, what then answers, how it ends. */

const folder = temporaryFolder()
const faults = join(folder, 'faults.json')
writeFileSync(faults, JSON.stringify([{ kind: 'maintenance', on: ['public'], count: 1, ms: 1 }]))

afterEach(() => vi.restoreAllMocks())

test('prints one JSON line, answers under the host, meets its faults, and ends at SIGTERM', async () => {
  const running = startBourse(['simulate', 'kraken', '--seed', 'one', '--faults', faults, '--still'])
  const line = JSON.parse((await running.saying('"secret"')).trim())
  expect(line).toMatchObject({ venue: 'kraken', rest: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) })
  expect(line.ws).toBe(line.rest.replace('http', 'ws'))
  const ask = async (path: string) => (await fetch(`${line.rest}/@${path}`)).json()
  expect(await ask('api.kraken.com/0/public/AssetPairs')).toEqual({ error: ['EService:Unavailable'] })
  await expect.poll(() => ask('api.kraken.com/0/public/Time')).toMatchObject({ error: [] })
  expect(await ask('control/fired')).toMatchObject([{ kind: 'maintenance', on: 'public' }])
  expect(await running.end('SIGTERM')).toBe(0)
})

test('with --with-parent it ends when its standard input closes', async () => {
  const running = startBourse(['simulate', 'kraken', '--still', '--with-parent'], {}, 'pipe')
  await running.saying('"secret"')
  const exit = new Promise(resolve => running.process.once('exit', resolve))
  running.process.stdin!.end()
  expect(await exit).toBe(0)
})

const broken = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test.each([
  [['simulate', 'nasdaq'], /venue: is one of .*kraken/],
  [['simulate', 'kraken', '--port', 'x'], /--port: is a number from 0/],
  [['simulate', 'kraken', '--faults', join(folder, 'absent.json')], /absent\.json: cannot be read \(ENOENT\)/],
  [['simulate', 'kraken', '--faults', broken('text.json', 'no')], /text\.json: is JSON/],
  [['simulate', 'kraken', '--faults', broken('kind.json', '[{"kind":"fire"}]')], /kind\.json: 0\.kind: /],
])('%j is refused, and why is said', async (args, told) => {
  let said = ''
  vi.spyOn(console, 'error').mockImplementation(text => {
    said += text
  })
  expect(await runProgram(createProgram(), args)).toBe(1)
  expect(said).toMatch(told)
})
