import { VENUE_NAMES, type VenueName } from '../src/venues/index.ts'
import { readRecording } from './replay/recording.ts'
import { type Replayed, replay } from './replay/replay.ts'
import { surveyInstruments } from './replay/survey.ts'

/** `npm run --silent book:replay -- <venue> <file>`: one JSON object of what the venue's session made of a recording. */
const [venue, file, ...more] = process.argv.slice(2)
if (venue === undefined || !VENUE_NAMES.includes(venue as VenueName))
  refuse(`<venue> ${venue === undefined ? 'is missing' : `is not ${venue}`}: one of ${VENUE_NAMES.join(', ')}`)
if (file === undefined) refuse('<file> is missing: a recording, plain, gzip or zip')
if (more.length > 0) refuse(`${more[0]} is one argument too many`)

try {
  const recorded = readRecording(file)
  const instruments = surveyInstruments(venue as VenueName, recorded)
  if (instruments.length === 0) throw new Error(`${file} holds no book of ${venue} as the venue sends it today`)
  const { failures, snapshotsJoined, books, ...counts } = replay(venue as VenueName, recorded, instruments)
  console.log(JSON.stringify(counts satisfies Replayed))
  for (const failure of failures) console.error(`book:replay: the session ended: ${failure}`)
  if (failures.length > 0) process.exitCode = 1
} catch (error) {
  refuse((error as Error).message)
}

function refuse(what: string): never {
  console.error(`book:replay: ${what}. Usage: npm run --silent book:replay -- <venue> <file>`)
  process.exit(2)
}
