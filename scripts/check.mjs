// `npm run check`: everything that can be known without running the product. One line a step; of a step that fails, all it said.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const TIMEOUT_MS = 180_000
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024

/** The longest first, so that none of them is left alone at the end. */
const STEPS = [
  [
    'types of the pages',
    'typescript/bin/tsc',
    '-p',
    'web',
    '--incremental',
    '--tsBuildInfoFile',
    '.cache/web.tsbuildinfo',
  ],
  ['types', 'typescript/bin/tsc', '-p', '.'],
  ['boundaries', null, 'scripts/boundaries.mjs'],
  ['tidy', 'vitest/vitest.mjs', 'run', '--config', 'test/tidy/vitest.config.ts'],
  ['dead code', 'knip/bin/knip.js', '--no-progress', '--no-config-hints'],
  ['lint and format', '@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '--colors=off'],
].map(([name, program, ...args]) => ({ name, args: program === null ? args : [programOf(program), ...args] }))

/** A workspace may bring its own version; the root's is the one that counts. */
function programOf(program) {
  const path = join(root, 'node_modules', program)
  if (existsSync(path)) return path
  console.error(`${program} is not installed: run npm ci --ignore-scripts.`)
  process.exit(1)
}

function run({ name, args }) {
  const startedAt = performance.now()
  return new Promise(resolve => {
    let said = ''
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', data => {
        if (said.length < OUTPUT_BYTES_MAX) said += data
      })
    const finish = isGood => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      console.log(`${isGood ? 'ok  ' : 'FAIL'} ${name.padEnd(20)} ${seconds.padStart(5)} s`)
      resolve({ name, said, isGood })
    }
    child.on('error', error => {
      said += error.message
      finish(false)
    })
    child.on('close', (code, signal) => {
      if (signal) said += `\nended by ${signal}, after at most ${TIMEOUT_MS / 1000} s\n`
      finish(code === 0)
    })
  })
}

const startedAt = performance.now()
const waiting = [...STEPS]
const results = []
await Promise.all(
  Array.from({ length: Math.max(2, Math.min(4, availableParallelism())) }, async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) results.push(await run(step))
  }),
)
const failed = results.filter(({ isGood }) => !isGood)
for (const { name, said } of failed) console.log(`\n── ${name} ──\n${said.trim()}`)
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
console.log(`${failed.length === 0 ? 'All is well' : `${failed.length} of ${STEPS.length} failed`}, ${seconds} s`)
process.exitCode = failed.length === 0 ? 0 : 1
