import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bourse, startBourse } from './process.ts'

const folder = mkdtempSync(join(tmpdir(), 'bourse-record-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a venue’s live market is written down, and traded again by a backtest', async () => {
  const simulator = startBourse(['simulate', 'kraken'])
  const said = await simulator.saying('"venue":"kraken"')
  const { rest } = JSON.parse(said.split('\n').find(line => line.startsWith('{'))!) as { rest: string }
  const out = join(folder, 'kraken.jsonl')
  const recorded = bourse(['record', 'kraken', 'XRP/USD', '--out', out, '--seconds', '6', '--endpoint', rest])
  expect([recorded.code, recorded.err]).toEqual([0, ''])
  const lines = readFileSync(out, 'utf8').trim().split('\n')
  const header = JSON.parse(lines[0]!) as { instruments: { id: string }[] }
  expect(header.instruments.map(({ id }) => id)).toEqual(['kraken:XRP/USD'])
  const kinds = new Set(lines.slice(1).map(line => (JSON.parse(line) as { input: { kind: string } }).input.kind))
  expect([...kinds].sort()).toEqual(['book', 'trade'])

  const traded = bourse([
    'backtest',
    '--recording',
    out,
    '--instrument',
    'XRP/USD',
    '--interval',
    '5s',
    '--strategy',
    'trend',
    '--json',
  ])
  expect([traded.code, JSON.parse(traded.out)]).toMatchObject([0, { instrument: 'kraken:XRP/USD' }])
  const unknown = bourse(['record', 'kraken', 'XRP/EUR', '--out', out, '--endpoint', rest])
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('XRP/EUR')])
  expect(await simulator.end('SIGINT')).toBe(0)
}, 60_000)
