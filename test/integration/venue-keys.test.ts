import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedVenue, SIMULATED_VENUES, serve, VenueSimulator } from '../../simulators/venues/index.ts'
import { systemClock, systemTimers } from '../../src/platform/index.ts'
import { type FreshDatabase, freshDatabase } from '../../src/platform/testing.ts'

/** `bourse venues` as people call it: a process of its own, a real database, and Kraken's protocol at the other end. */

const kraken = SIMULATED_VENUES.find(one => one.name === 'kraken')!
const folder = mkdtempSync(join(tmpdir(), 'bourse-venues-'))
let fresh: FreshDatabase
let trading: ServedVenue
let withdrawing: ServedVenue

const serveKraken = (withdraw: boolean) => {
  const clock = systemClock()
  const definition = { ...kraken, credentials: { ...kraken.credentials, permissions: { trade: true, withdraw } } }
  return serve(new VenueSimulator({ definition, seed: 'keys', start: clock.now() }), {
    port: 0,
    clock,
    timers: systemTimers(),
  })
}

beforeAll(async () => {
  fresh = await freshDatabase()
  ;[trading, withdrawing] = await Promise.all([serveKraken(false), serveKraken(true)])
})
afterAll(async () => {
  await Promise.all([trading?.close(), withdrawing?.close()])
  rmSync(folder, { recursive: true })
})

interface Run {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function bourse(args: readonly string[], input?: string): Promise<Run> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['bin/bourse.mjs', 'venues', ...args], {
      env: { ...process.env, DATABASE_URL: fresh.ownerUrl, BOURSE_DATA: folder },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let [out, err] = ['', '']
    child.stdout.on('data', data => {
      out += data
    })
    child.stderr.on('data', data => {
      err += data
    })
    child.on('close', code => resolve({ code, out, err }))
    child.stdin.end(input ?? '')
  })
}

const { apiKey, secret } = kraken.credentials
const keyText = JSON.stringify({ apiKey, secret })

describe('bourse venues', { timeout: 120_000 }, () => {
  test('SC-85 a key is added, listed, tested, replaced and removed, and is shown nowhere', async () => {
    const file = join(folder, 'kraken.json')
    writeFileSync(file, keyText, { mode: 0o600 })
    const runs = [
      await bourse(['add', 'kraken', '--key-file', file, '--endpoint', trading.rest, '--json']),
      await bourse(['list', '--json']),
      await bourse(['test', 'kraken']),
      await bourse(['rotate', 'kraken', '--json'], keyText),
      await bourse(['rewrap', '--json']),
      await bourse(['test', 'kraken', '--json']),
      await bourse(['remove', 'kraken']),
      await bourse(['list']),
    ]
    expect(runs.map(run => run.err)).toEqual(runs.map(() => ''))
    expect(runs.map(run => run.code)).toEqual(runs.map(() => 0))
    const permissions = { read: true, trade: true, withdraw: false }
    expect(JSON.parse(runs[0]!.out)).toMatchObject({ venue: 'kraken', label: 'main', permissions, test: null })
    expect(JSON.parse(runs[1]!.out).credentials).toHaveLength(1)
    expect(runs[2]!.out).toMatch(/kraken\s+main\s+read yes, trade yes, withdraw no; passed \d{4}-/)
    expect(JSON.parse(runs[4]!.out)).toMatchObject({ isRotated: true, rewrapped: 1, unreadable: [] })
    expect(JSON.parse(runs[5]!.out)).toMatchObject({ reason: null, test: { outcome: 'passed' } })
    expect(runs[7]!.out.trim()).toBe('There are no keys.')
    const rows = await fresh.asOwner('SELECT e::text AS row FROM event e')
    expect(rows.length).toBeGreaterThanOrEqual(5)
    for (const text of [...runs.flatMap(run => [run.out, run.err]), JSON.stringify(rows)]) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(apiKey)
    }
    const keys = join(folder, 'keys')
    expect(readdirSync(keys)).toContain('key-encryption.json')
    expect(statSync(join(keys, 'key-encryption.json')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(keys, 'key-encryption.json'), 'utf8')).not.toContain(secret)
  })

  test('a key that may withdraw is refused, unless that is wished for', async () => {
    const args = ['add', 'kraken', '--label', 'rich', '--endpoint', withdrawing.rest]
    const refused = await bourse(args, keyText)
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('--allow-withdraw')
    const allowed = await bourse([...args, '--allow-withdraw', '--json'], keyText)
    expect(JSON.parse(allowed.out)).toMatchObject({ label: 'rich', permissions: { withdraw: true } })
  })

  test('a wrong key, a venue that is not there, and wrong flags are each one clear error', async () => {
    const wrong = JSON.stringify({ apiKey: 'canary-wrong-key', secret: Buffer.from('canary-wrong').toString('base64') })
    const cases: readonly (readonly [readonly string[], string, RegExp])[] = [
      [['add', 'kraken', '--endpoint', trading.rest], wrong, /The venue refuses this.*EAPI:Invalid key/],
      [['add', 'kraken', '--endpoint', 'http://127.0.0.1:1'], keyText, /The venue does not answer/],
      [['add', 'kraken', '--endpoint', 'ftp://x'], keyText, /--endpoint: is an address/],
      [['add', 'kraken', '--endpoint', 'http://example.com'], keyText, /--endpoint: is https/],
      [['add', 'mtgox'], keyText, /<venue>: is one of binance/],
      [['add', 'kraken', '--label', '!'], keyText, /--label: has 1 to 60/],
      [['add', 'kraken', '--testnet'], keyText, /--testnet: kraken has no testnet; there is one of binance/],
      [['add', 'kraken'], '{"apiKey": "canary-half', /standard input: is JSON/],
      [['add', 'kraken', '--key-file', join(folder, 'none.json')], '', /--key-file: .* cannot be read \(ENOENT\)/],
      [['test', 'kraken', '--label', 'nobody'], '', /There is no such key.*kraken nobody/],
    ]
    const runs = await Promise.all(cases.map(([args, input]) => bourse(args, input)))
    runs.forEach((run, index) => {
      expect(run.err).toMatch(cases[index]![2])
      expect(run.err.trim().split('\n')).toHaveLength(1)
      expect(run.err + run.out).not.toContain('canary')
      expect(run.code).toBe(1)
    })
  })
})
