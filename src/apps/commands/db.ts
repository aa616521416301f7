import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { AppError } from '../../kernel/index.ts'
import {
  createDatabase,
  createDispatcher,
  createLog,
  databaseStatus,
  loadConfig,
  migrate,
  roleUrl,
  startPostgres,
  systemClock,
  systemTimers,
} from '../../platform/index.ts'
import { tradingFeed } from '../../trading/index.ts'
import { DEMO_TENANT } from '../demo.ts'

interface Options {
  data?: string
  json?: boolean
  retry?: boolean
}

/** `bourse db`: the database by hand. */
export function databaseCommand(program: Command): void {
  const db = program
    .command('db')
    .summary('look after the database')
    .description('Looks after the database in DATABASE_URL, or the embedded one, which it starts and stops by itself.')
    .addHelpText(
      'after',
      '\nExamples:\n  bourse db status\n  DATABASE_URL=postgresql://bourse:secret@db/bourse bourse db migrate',
    )
  const add = (name: string, description: string, example: string, run: (options: Options) => Promise<void>) =>
    db
      .command(name)
      .description(description)
      .option('--data <folder>', 'of the embedded database (BOURSE_DATA, default ./data)')
      .option('--json', 'print one JSON object')
      .addHelpText('after', `\nExamples:\n  bourse db ${name}\n  bourse db ${name} ${example}`)
      .action(run)
  add('migrate', 'Brings the database up to date.', '--json', migrateNow)
  add('status', 'Tells what the database holds and what it waits for; changes nothing.', '--json', showStatus)
  add('dead-letters', 'Lists events that a subscription could not handle.', '--retry', deadLetters).option(
    '--retry',
    'handle each of them again',
  )
}

async function migrateNow(options: Options): Promise<void> {
  const applied = await withDatabase(options, { mayCreate: true }, url => migrate(url))
  if (options.json === true) return print({ applied })
  print(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`)
}

async function showStatus(options: Options): Promise<void> {
  const status = await withDatabase(options, { mayCreate: false }, databaseStatus)
  if (options.json === true) return print(status)
  const letters = status.deadLetters.map(({ subscription, count }) => `${subscription} ${count}`)
  print(`PostgreSQL ${status.server} answers.`)
  print(`Migrations: ${status.applied.length} applied, ${status.pending.length} pending${listed(status.pending)}`)
  print(`Events: ${status.events}`)
  for (const { subscription, position, behind } of status.checkpoints)
    print(`Subscription ${subscription}: at ${position}, ${behind} events behind`)
  print(`Dead letters: ${letters.length === 0 ? 'none' : letters.join(', ')}`)
}

async function deadLetters(options: Options): Promise<void> {
  const result = await withDatabase(options, { mayCreate: false }, ownerUrl =>
    handleLetters(ownerUrl, options.retry === true),
  )
  if (options.json === true) print(result)
  else if (result.letters.length === 0) print('There are no dead letters.')
  for (const letter of options.json === true ? [] : result.letters) print(textOf(letter))
  if (result.letters.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1
}

const textOf = ({ subscription, position, type, error, outcome }: Letter) =>
  `${subscription} ${position} ${type}: ${outcome === 'handled' ? 'handled now' : error}`

interface Letter {
  subscription: string
  position: number
  type: string
  error: string
  outcome: 'waiting' | 'handled' | 'failed'
}

async function handleLetters(ownerUrl: string, isRetry: boolean): Promise<{ letters: Letter[] }> {
  const log = quietLog()
  const clock = systemClock()
  const db = createDatabase({ url: roleUrl(ownerUrl, 'bourse_app'), connectionsMax: 2, log })
  const dispatcher = createDispatcher({
    db,
    url: roleUrl(ownerUrl, 'dispatcher'),
    // Pages read the committed state again by themselves; here nobody watches.
    subscriptions: [tradingFeed({ hub: { publish() {} }, db, tenant: DEMO_TENANT })],
    timers: systemTimers(),
    clock,
    log,
  })
  try {
    const letters: Letter[] = []
    for (const { subscription, position, type, error } of await dispatcher.deadLetters()) {
      const letter: Letter = { subscription, position, type, error, outcome: 'waiting' }
      letters.push(letter)
      if (!isRetry) continue
      try {
        await dispatcher.replayDeadLetter(subscription, position)
        letter.outcome = 'handled'
      } catch (failure) {
        letter.outcome = 'failed'
        letter.error = failure instanceof Error ? failure.message : String(failure)
      }
    }
    return { letters }
  } finally {
    await dispatcher.stop()
    await db.close()
  }
}

/** Runs `run` on the owner's URL; the embedded database is up for as long as that takes. */
export async function withDatabase<T>(
  options: { data?: string },
  { mayCreate }: { mayCreate: boolean },
  run: (ownerUrl: string) => Promise<T>,
): Promise<T> {
  const config = loadConfig({ ...process.env, ...(options.data === undefined ? {} : { BOURSE_DATA: options.data }) })
  if (config.databaseUrl !== undefined) return run(config.databaseUrl)
  const dataDir = resolve(config.dataDir)
  if (!mayCreate && !existsSync(join(dataDir, 'postgres')))
    throw new AppError('database.unavailable', {
      field: 'BOURSE_DATA',
      rule: `there is no database in ${dataDir} yet`,
      fix: 'Start Bourse or run `bourse db migrate` first, or name another folder with --data.',
    })
  const postgres = await startPostgres({ dataDir, log: quietLog() })
  try {
    return await run(postgres.url)
  } finally {
    await postgres.stop()
  }
}

/** The output is the command's own: the log goes to the error output, and tells of failures only. */
export const quietLog = () => createLog({ level: 'error', destination: process.stderr })
const listed = (names: readonly string[]) => (names.length === 0 ? '' : `: ${names.join(', ')}`)
const print = (what: object | string) => console.log(typeof what === 'string' ? what : JSON.stringify(what))
