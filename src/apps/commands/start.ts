import type { Command } from 'commander'
import { createLog, createSupervisor, loadConfig, systemTimers } from '../../platform/index.ts'
import { startServer } from '../server.ts'

interface Options {
  demo?: boolean
  port?: string
  data?: string
  record?: string
}

/** `bourse start`: the server with all its roles. */
export function startCommand(program: Command): void {
  program
    .command('start')
    .summary('start the server: market, node, API and pages')
    .description('Starts everything in one process: PostgreSQL, the market, the node, the API and the pages.')
    .option('--demo', 'simulated market, no sign-in, this machine only')
    .option('--port <number>', 'of pages and API (BOURSE_PORT, default 3000)')
    .option('--data <folder>', 'for the database, keys and recordings (BOURSE_DATA, default ./data)')
    .option('--record <file>', "write the node's inputs and outputs to this file")
    .addHelpText(
      'after',
      '\nExamples:\n  bourse start --demo\n  bourse start --demo --port 3100 --record data/recording.jsonl',
    )
    .action(start)
}

async function start(options: Options): Promise<void> {
  const config = loadConfig({
    ...process.env,
    ...(options.demo === true ? { BOURSE_DEMO: 'true' } : {}),
    ...(options.port === undefined ? {} : { BOURSE_PORT: options.port }),
    ...(options.data === undefined ? {} : { BOURSE_DATA: options.data }),
  })
  const log = createLog({
    level: process.stdout.isTTY && process.env.BOURSE_LOG_LEVEL === undefined ? 'warn' : config.logLevel,
  })
  for (const name of config.unknownVariables) log.warn({ variable: name }, 'nothing reads this variable')
  const timers = systemTimers(error => log.error({ error }, 'something that is done regularly failed'))
  const supervisor = createSupervisor({ log, timers })
  supervisor.listen()
  const server = await startServer({ config, log, timers, supervisor, recordTo: options.record })
  supervisor.onStop('notice', () => say('Stopping; Ctrl-C once more stops at once.'))
  say(`Bourse is at ${server.origin.replace('127.0.0.1', 'localhost')}`)
  if (config.isDemo) say('Demo mode: paper money on a simulated market, this machine only. No sign-in is needed.')
  say(`Metrics: ${server.metricsOrigin}/metrics · API: ${server.origin}/docs · Ctrl-C stops it.`)
  await server.trading
  say('The market is open and the strategies are at work.')
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
