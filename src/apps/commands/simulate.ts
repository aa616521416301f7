import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import {
  FaultFile,
  type FaultRule,
  SIMULATED_VENUES,
  type SimulatedVenueDefinition,
  serve,
  VenueSimulator,
} from '../../../simulators/venues/index.ts'
import { AppError } from '../../kernel/index.ts'
import { createLog, createSupervisor, portFailure, systemClock, systemTimers } from '../../platform/index.ts'
import { numberOption } from '../support.ts'

interface Options {
  port?: string
  seed: string
  faults?: string
  still?: boolean
  withParent?: boolean
}

/** `bourse simulate`: venues on this machine, each on its own protocol. */
export function simulateCommand(program: Command): void {
  program
    .command('simulate <venue...>')
    .summary('simulated venues, for real clients')
    .description(
      "Puts simulated venues on ports of this machine. Each speaks its venue's own REST and WebSocket protocol under\n" +
        '/@<host> of the addresses that it prints: one JSON line a venue, once all are ready.\n' +
        `Venues: ${SIMULATED_VENUES.map(({ name }) => name).join(', ')}.`,
    )
    .option('--port <number>', 'of the first venue, the others follow; 0 takes free ones', '0')
    .option('--seed <text>', 'of the crowd, the faults and the ids', 'bourse')
    .option('--faults <file>', 'JSON list of faults; more at run time under /@control/faults')
    .option('--still', 'a fixed book without a crowd')
    .option('--with-parent', 'end when standard input closes, too')
    .addHelpText(
      'after',
      '\nExamples:\n  bourse simulate kraken\n  bourse simulate kraken --port 8800 --faults faults.json',
    )
    .action(simulate)
}

async function simulate(names: readonly string[], options: Options): Promise<void> {
  const definitions = [...new Set(names)].map(definitionNamed)
  const first = numberOption('--port', options.port, { min: 0, max: 65_535 - definitions.length, scale: 1 }) ?? 0
  const faults = options.faults === undefined ? [] : faultsIn(options.faults)
  const log = createLog({ level: 'warn' })
  const onError = (error: unknown) => log.error({ error }, 'a simulator failed')
  const [clock, timers] = [systemClock(), systemTimers(onError)]
  const supervisor = createSupervisor({ log, timers })
  supervisor.listen()
  if (options.withParent === true)
    for (const event of ['end', 'close']) process.stdin.resume().once(event, () => void end(supervisor))

  const lines: string[] = []
  for (const [index, definition] of definitions.entries()) {
    const simulator = new VenueSimulator({
      definition,
      seed: options.seed,
      start: clock.now(),
      market: options.still === true ? 'still' : 'living',
      faults,
    })
    const port = first === 0 ? 0 : first + index
    const served = await serve(simulator, { port, clock, timers, onError }).catch(async error => {
      await supervisor.stop('a port could not be opened')
      throw portFailure(error, '--port', '127.0.0.1', port) ?? error
    })
    supervisor.onStop(definition.name, served.close)
    lines.push(JSON.stringify({ venue: definition.name, rest: served.rest, ws: served.ws, ...definition.credentials }))
  }
  for (const line of lines) process.stdout.write(`${line}\n`)
}

/** The parent has gone: nobody is left to tell. */
async function end(supervisor: ReturnType<typeof createSupervisor>): Promise<void> {
  process.exit((await supervisor.stop('standard input was closed')) ? 0 : 1)
}

function definitionNamed(name: string): SimulatedVenueDefinition {
  const definition = SIMULATED_VENUES.find(one => one.name === name)
  if (definition === undefined)
    throw new AppError('request.invalid', {
      field: 'venue',
      rule: `is one of ${SIMULATED_VENUES.map(one => one.name).join(', ')}`,
      value: name,
    })
  return definition
}

function faultsIn(path: string): FaultRule[] {
  try {
    return FaultFile.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new AppError('request.invalid', { field: path, rule: whyUnreadable(error) }, { cause: error })
  }
}

function whyUnreadable(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues
    return `${issue!.path.join('.') || 'the file'}: ${issue!.message}`
  }
  if (error instanceof SyntaxError) return `is JSON (${error.message})`
  return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`
}
