import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

/** A clone in small: the script, a lock file, and an npm that does what the test says. */
let clone: string
const write = (path: string, text: string) => {
  mkdirSync(join(clone, path, '..'), { recursive: true })
  writeFileSync(join(clone, path), text)
}
const lock = (version: string) =>
  JSON.stringify({
    packages: {
      '': {},
      web: {},
      'node_modules/a': { version },
      'node_modules/web': { link: true },
      'node_modules/other-platform': { version: '1.0.0', optional: true },
    },
  })

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'bourse-clone-'))
  cpSync(join(import.meta.dirname, '../scripts/ready.mjs'), join(clone, 'scripts/ready.mjs'), { recursive: true })
  write('package-lock.json', lock('1.0.0'))
  write('bin/bourse.mjs', '#!/usr/bin/env node\n')
  npmThat(`
    const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs')
    appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n')
    if (process.argv[2] === 'ci') {
      mkdirSync('node_modules', { recursive: true })
      writeFileSync('node_modules/.package-lock.json', require('node:fs').readFileSync('package-lock.json'))
    } else {
      mkdirSync('web/dist', { recursive: true })
      writeFileSync('web/dist/index.html', 'page')
    }`)
})
afterEach(() => rmSync(clone, { recursive: true, force: true }))

const npmThat = (script: string) => write('npm.cjs.js', script)
function ready(purpose: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/ready.mjs', purpose], {
    cwd: clone,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, npm_execpath: join(clone, 'npm.cjs.js') },
  })
  return { status, stdout, stderr }
}
const calls = () =>
  existsSync(join(clone, 'calls')) ? readFileSync(join(clone, 'calls'), 'utf8').trim().split('\n') : []

test('a fresh clone gets its packages, the command and the pages, and then nothing more is done', () => {
  write('web/vite.config.ts', '')
  write('src/market/views.ts', 'one')
  expect(ready('start')).toMatchObject({ status: 0, stderr: '' })
  expect(calls()).toEqual(['ci --ignore-scripts --no-audit --no-fund', 'run build --workspace web'])
  expect(lstatSync(join(clone, 'node_modules/.bin/bourse')).isSymbolicLink()).toBe(true)
  expect(ready('start')).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(calls()).toHaveLength(2)
})

test('packages are installed again when the lock file asks for others, pages built again when their sources change', () => {
  write('web/vite.config.ts', '')
  write('src/market/views.ts', 'one')
  ready('start')
  write('package-lock.json', lock('2.0.0'))
  ready('check')
  expect(calls()).toHaveLength(3)
  write('src/market/views.ts', 'two')
  ready('check')
  expect(calls()).toHaveLength(3)
  ready('test')
  expect(calls().slice(3)).toEqual(['run build --workspace web'])
})

test('packages that fit are left alone, and a clone without pages is no fault', () => {
  write('node_modules/.package-lock.json', lock('1.0.0'))
  expect(ready('start')).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(calls()).toEqual([])
})

test.each([
  [
    'getaddrinfo ENOTFOUND registry',
    /^The packages could not be installed: the package registry cannot be reached\. To fix it/,
  ],
  ['npm error code ENOSPC', /: the disk is full\. To fix it, free about 1 GB/],
  ['npm error EACCES: permission denied', /: this folder cannot be written\./],
])('%s becomes one clear line', (said, line) => {
  npmThat(`console.error(${JSON.stringify(said)}); process.exit(1)`)
  const { status, stderr } = ready('start')
  expect([status, stderr.trim().split('\n').length]).toEqual([1, 1])
  expect(stderr).toMatch(line)
})
