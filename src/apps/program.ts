import { Command, CommanderError } from 'commander'
import { AppError } from '../kernel/index.ts'
import { backtestCommand } from './commands/backtest.ts'
import { databaseCommand } from './commands/db.ts'
import { exchangeCommand } from './commands/exchange.ts'
import { importCommand } from './commands/import.ts'
import { ledgerCommand } from './commands/ledger.ts'
import { recordCommand } from './commands/record.ts'
import { replayCommand } from './commands/replay.ts'
import { simulateCommand } from './commands/simulate.ts'
import { startCommand } from './commands/start.ts'
import { strategiesCommand } from './commands/strategies.ts'
import { venuesCommand } from './commands/venues.ts'

/** The command line with all its commands; it does nothing until it is told to parse. */
export function createProgram(): Command {
  const program = new Command('bourse')
    .description('Bourse: an open platform for trading crypto assets automatically.')
    .version('0.1.0')
    .showHelpAfterError('(bourse --help shows what there is)')
    .exitOverride()
    .configureHelp({ sortSubcommands: true })
  for (const add of [
    startCommand,
    backtestCommand,
    importCommand,
    strategiesCommand,
    replayCommand,
    databaseCommand,
    exchangeCommand,
    ledgerCommand,
    venuesCommand,
    simulateCommand,
    recordCommand,
  ])
    add(program)
  return program
}

/** Runs one command line and gives the exit code: 0 done, 1 refused or failed, 2 called wrongly. */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    console.error(error instanceof AppError ? `bourse: ${error.message}` : error)
    return 1
  }
}
