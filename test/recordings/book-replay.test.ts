import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'bourse-replay-'))
afterAll(() => rmSync(folder, { recursive: true }))

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'scripts/book-replay.ts', ...args],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  return { status, stdout, lines: stderr.split('\n').filter(line => line !== '') }
}

const frame = (type: string, u: number, b: string[][], a: string[][]) =>
  JSON.stringify({ topic: 'orderbook.50.XRPUSDT', type, ts: 1, data: { s: 'XRPUSDT', b, a, u, seq: 1 } })

describe('book:replay', () => {
  test('counts what a session makes of bare frames, a gap among them', () => {
    const file = join(folder, 'frames.jsonl')
    const frames = [
      frame('snapshot', 5, [['0.5', '1']], [['0.6', '2']]),
      frame('delta', 6, [['0.51', '1']], []),
      frame('delta', 8, [['0.52', '1']], []),
    ]
    writeFileSync(file, `${frames.join('\n')}\n`)
    const { status, stdout, lines } = run('bybit', file)
    expect([status, lines]).toEqual([0, []])
    expect(JSON.parse(stdout)).toEqual({
      messages: 3,
      applied: 2,
      gaps: 1,
      checksumsOk: 0,
      checksumsBad: 0,
      comparedWithTicker: 0,
      tickerMismatches: 0,
    })
  })

  test.each([
    [[], '<venue> is missing'],
    [['mtgox', 'x'], '<venue> is not mtgox'],
    [['kraken'], '<file> is missing'],
    [['kraken', 'x', 'y'], 'y is one argument too many'],
    [['kraken', join(folder, 'none')], 'there is no file'],
    [['kraken', root], 'is a folder'],
  ])('%j: one clear line and exit code 2', (args, what) => {
    const { status, stdout, lines } = run(...args)
    expect([status, stdout, lines.length]).toEqual([2, '', 1])
    expect(lines[0]).toContain(what)
  })

  test('a line that is no frame is named', () => {
    const file = join(folder, 'bad.jsonl')
    writeFileSync(file, `${frame('snapshot', 5, [['0.5', '1']], [])}\nhello\n`)
    expect(existsSync(file)).toBe(true)
    expect(run('bybit', file).lines).toEqual([expect.stringContaining('bad.jsonl, line 2')])
    writeFileSync(file, '{"a":\n')
    expect(run('bybit', file)).toMatchObject({
      status: 2,
      lines: [expect.stringContaining('frame 1 is not what bybit sends')],
    })
  })
})
