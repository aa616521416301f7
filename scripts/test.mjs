// `npm test`: every test, then one plain line with the counts. Arguments go to vitest: `npm test -- -t SC-`.
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chromium-headless-shell']

const canRun = path => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The browser that BOURSE_BROWSER names, or the first one in the path; empty when there is none. */
function findBrowser() {
  const named = process.env.BOURSE_BROWSER
  if (named) {
    if (canRun(named)) return named
    console.error(`BOURSE_BROWSER names ${named}, which cannot be run. Name a Chromium or Chrome, or leave it unset.`)
    process.exit(1)
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return BROWSERS.flatMap(name => folders.map(folder => join(folder, name))).find(canRun) ?? ''
}

const count = (report, status) => report.testResults.flatMap(file => file.assertionResults).filter(status).length

/** What vitest wrote, in numbers. A file that failed without a failing test (it did not load, or its set-up failed) is one more. */
function countsOf(path) {
  if (!existsSync(path)) return { passed: 0, failed: 0, skipped: 0 }
  const report = JSON.parse(readFileSync(path, 'utf8'))
  const brokenFiles = report.testResults.filter(
    file => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  )
  return {
    passed: count(report, ({ status }) => status === 'passed'),
    failed: count(report, ({ status }) => status === 'failed') + brokenFiles.length,
    skipped: count(report, ({ status }) => status !== 'passed' && status !== 'failed'),
  }
}

const browser = findBrowser()
if (browser === '')
  console.log(
    'No browser found: browser tests are skipped. To run them: apt-get install chromium, or set BOURSE_BROWSER.',
  )

const args = process.argv.slice(2)
const cache = join(root, '.cache')
const reportPath = join(cache, `test-report-${process.pid}.json`)
mkdirSync(cache, { recursive: true })
const child = spawn(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportPath}`,
    ...args,
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, BOURSE_BROWSER: browser } },
)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
const exitCode = await new Promise(resolve => {
  child.on('error', error => {
    console.error(error.message)
    resolve(1)
  })
  child.on('close', code => resolve(code ?? 1))
})

const { passed, failed, skipped } = countsOf(reportPath)
rmSync(reportPath, { force: true })
// Whatever vitest fails for beside tests (it crashed, an error that nobody caught, nothing to run) counts as well.
const failures = failed === 0 && exitCode !== 0 ? 1 : failed
// Tests that -t did not ask for are not skipped ones.
const isChosen = args.some(arg => /^(-t|--testNamePattern)/.test(arg))
const tail = skipped > 0 && !isChosen ? `, ${skipped} skipped` : ''
console.log(`${passed} passed, ${failures} failed${tail}`)
process.exitCode = failures === 0 ? 0 : 1
