import { existsSync } from 'node:fs'
import { createFastEngine } from '../src/matching/index.ts'
import { consensusHash, readEdgeCases, readScenario } from '../src/matching/testing.ts'

/**
 * `npm run --silent matching:replay -- <folder> --scenario <name>`: SHA-256 of the reports of a million orders and what becomes of
 * them; `-- --edges <file>`: of each short case. The lines are told in `src/matching/engine/consensus.ts`.
 */
// Whoever reads may have had enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
const USAGE = '<folder> --scenario <name>, or --edges <file>'
const [first = '', second = '', third = '', ...more] = process.argv.slice(2)
if (more.length > 0) refuse(`${more[0]} is one argument too many`)
const path = first === '--edges' ? second : first
if (path === '') refuse('nothing to replay')
if (!existsSync(path)) refuse(`there is no ${path}`)
try {
  if (first === '--edges')
    for (const { name, messages } of readEdgeCases(path))
      console.log(`${consensusHash(createFastEngine, messages)}  ${name}`)
  else if (second === '--scenario' && third !== '')
    console.log(`${consensusHash(createFastEngine, readScenario(path, third))}  ${third}`)
  else refuse('--scenario is missing')
} catch (error) {
  refuse((error as Error).message)
}

function refuse(what: string): never {
  console.error(`matching:replay: ${what}. Usage: npm run --silent matching:replay -- ${USAGE}`)
  process.exit(2)
}
