// `npm run conformance`: every case at every venue, without a fault and with each, over two processes; writes the page of it.
// `npm run conformance -- kraken ORD-2 gap` runs what the words name, and writes nothing; `--seed` sets another one.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { FAULT_KINDS } from '../simulators/venues/index.ts'
import { CASES } from '../test/conformance/cases.ts'
import { cellsOf, excuseOf, HELD, type Held, isConnected, runCase, runCell, SEED } from '../test/conformance/matrix.ts'
import { conformancePage, type Outcome } from './conformance-page.ts'
import { type ScratchDatabase, scratchDatabase } from './scratch-database.ts'

const PAGE = 'docs/reference/conformance.md'
const PROCESSES = 2
const MESSAGE_LENGTH_MAX = 600

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: SEED }, child: { type: 'boolean', default: false } },
})
const { seed } = values
const unknown = words.filter(word => ![...HELD, ...CASES.map(({ id }) => id), ...FAULT_KINDS].includes(word as Held))
if (unknown.length > 0) {
  console.error(`No venue, case or fault: ${unknown.join(', ')}`)
  process.exit(2)
}
const named = <T extends string>(all: readonly T[]): readonly T[] => all.filter(one => words.includes(one))
const [venues, cases, faults] = [named(HELD), named(CASES.map(({ id }) => id)), named(FAULT_KINDS)]

/** What there is to run at a venue, as far as the words ask for it. */
function workOf(venue: Held) {
  const without = CASES.filter(one => excuseOf(venue, one) === null).map(one => ({ case: one, fault: null }))
  const all = [...(faults.length > 0 ? [] : without), ...(isConnected(venue) ? cellsOf(venue) : [])]
  return all.filter(
    cell =>
      (cases.length === 0 || cases.includes(cell.case.id)) &&
      (faults.length === 0 || (cell.fault !== null && faults.includes(cell.fault))),
  )
}

/** Runs one venue and says each cell in a line. */
async function runVenue(venue: Held): Promise<void> {
  let scratch: Promise<ScratchDatabase> | null = null
  const database = () => {
    scratch ??= scratchDatabase()
    return scratch
  }
  for (const { case: one, fault } of workOf(venue)) {
    const outcome: Outcome = { venue, case: one.id, fault, unmet: null, failure: null }
    try {
      const isFaulted = fault !== null && isConnected(venue)
      const unmet = isFaulted
        ? await runCell({ venue, case: one, fault }, seed)
        : await runCase(venue, one, { seed, database }).then(() => null)
      console.log(JSON.stringify({ ...outcome, unmet }))
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error)
      console.log(JSON.stringify({ ...outcome, failure: failure.slice(0, MESSAGE_LENGTH_MAX) }))
    }
  }
  await (await (scratch as Promise<ScratchDatabase> | null))?.close()
}

/** One venue in a process of its own. */
function outcomesOf(venue: Held, onCell: (outcome: Outcome) => void): Promise<void> {
  const args = ['--import', 'tsx', import.meta.filename, '--child', '--seed', seed, venue, ...cases, ...faults]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout }).on('line', line => onCell(JSON.parse(line) as Outcome))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => (code === 0 ? resolve() : reject(new Error(`${venue} ended with ${code}`))))
  })
}

async function runAll(): Promise<void> {
  const waiting = [...(venues.length > 0 ? venues : HELD)]
  const outcomes: Outcome[] = []
  const startedAt = performance.now()
  const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(1)} s`
  const work = async () => {
    for (let venue = waiting.shift(); venue !== undefined; venue = waiting.shift()) {
      const [name, due, since] = [venue, workOf(venue).length, performance.now()]
      let done = 0
      await outcomesOf(name, outcome => {
        outcomes.push(outcome)
        done += 1
        if (process.stdout.isTTY) process.stdout.write(`\r  ${name} ${done} of ${due} …\x1b[K`)
        if (outcome.failure === null) return
        const words = [name, outcome.case, outcome.fault ?? ''].join(' ').trim()
        console.log(`\rFAIL ${words}: ${outcome.failure}\n  again: npm run conformance -- ${words} --seed ${seed}`)
      })
      if (process.stdout.isTTY) process.stdout.write('\r\x1b[K')
      console.log(`${name.padEnd(10)} ${String(done).padStart(4)} cells, ${seconds(since)}`)
    }
  }
  await Promise.all(Array.from({ length: PROCESSES }, work))
  const failed = outcomes.filter(({ failure }) => failure !== null).length
  const unmet = outcomes.filter(one => one.unmet !== null).length
  console.log(
    `${outcomes.length - failed - unmet} passed, ${failed} failed, ${unmet} in which the fault could not happen, ${seconds(startedAt)}, seed ${seed}`,
  )
  process.exitCode = failed === 0 ? 0 : 1
  if (failed > 0 || words.length > 0 || seed !== SEED) return
  writeFileSync(join(import.meta.dirname, '..', PAGE), conformancePage(outcomes))
  console.log(PAGE)
}

await (values.child ? runVenue(venues[0]!) : runAll())
