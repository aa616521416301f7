import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

/** `scripts/test.mjs` with a vitest that ends as the test says. */
let clone: string
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'bourse-counts-'))
  cpSync(join(import.meta.dirname, '../scripts/test.mjs'), join(clone, 'scripts/test.mjs'), { recursive: true })
  mkdirSync(join(clone, 'node_modules/vitest'), { recursive: true })
})
afterEach(() => rmSync(clone, { recursive: true, force: true }))

type File = { status: string; assertionResults: { status: string }[] }
const file = (status: string, ...tests: readonly string[]): File => ({
  status,
  assertionResults: tests.map(one => ({ status: one })),
})

function endsWith(files: readonly File[] | null, code: number, args: readonly string[] = [], env = {}) {
  writeFileSync(
    join(clone, 'node_modules/vitest/vitest.mjs'),
    `import { writeFileSync } from 'node:fs'
    const path = process.argv.find(arg => arg.startsWith('--outputFile.json=')).slice(18)
    console.log('browser: ' + process.env.BOURSE_BROWSER + ', args: ' + process.argv.slice(6).join(' '))
    ${files === null ? '' : `writeFileSync(path, ${JSON.stringify(JSON.stringify({ testResults: files }))})`}
    process.exit(${code})`,
  )
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/test.mjs', ...args], {
    cwd: clone,
    encoding: 'utf8',
    env: { PATH: clone, ...env },
  })
  const lines = stdout.trimEnd().split('\n')
  return { status, last: lines.at(-1), said: stdout, stderr }
}

test.each([
  ['all pass', [file('passed', 'passed', 'passed')], 0, 0, '2 passed, 0 failed'],
  ['one fails', [file('failed', 'passed', 'failed')], 1, 1, '1 passed, 1 failed'],
  ['some are skipped', [file('passed', 'passed', 'pending', 'todo')], 0, 0, '1 passed, 0 failed, 2 skipped'],
  ['a file does not load', [file('failed'), file('passed', 'passed')], 1, 1, '1 passed, 1 failed'],
  ['a set-up fails', [file('failed', 'skipped')], 1, 1, '0 passed, 1 failed, 1 skipped'],
  ['an error is caught by nobody', [file('passed', 'passed')], 1, 1, '1 passed, 1 failed'],
  ['vitest crashes before it can tell', null, 139, 1, '0 passed, 1 failed'],
])('when %s, the last line and the exit code say so', (_, files, code, status, last) => {
  expect(endsWith(files, code)).toMatchObject({ status, last })
})

test('arguments reach vitest; tests that were not asked for are not called skipped', () => {
  const { said, last } = endsWith([file('passed', 'passed', 'skipped')], 0, ['-t', 'SC-'])
  expect(said).toContain('args: -t SC-')
  expect(last).toBe('1 passed, 0 failed')
})

test('without a browser it says so and how to get one; a wrong one is refused', () => {
  expect(endsWith([], 0).said).toMatch(/^No browser found: browser tests are skipped\. To run them: .*\nbrowser: ,/)
  writeFileSync(join(clone, 'chromium'), '', { mode: 0o755 })
  expect(endsWith([], 0).said).toContain(`browser: ${join(clone, 'chromium')}`)
  expect(endsWith([], 0, [], { BOURSE_BROWSER: 'nowhere' })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('BOURSE_BROWSER names nowhere, which cannot be run.'),
  })
})
