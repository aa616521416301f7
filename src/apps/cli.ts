import { Command, CommanderError } from 'commander'
import { AppError } from '../kernel/index.ts'
import { backtestCommand } from './commands/backtest.ts'
import { databaseCommand } from './commands/db.ts'
import { importCommand } from './commands/import.ts'
import { replayCommand } from './commands/replay.ts'
import { startCommand } from './commands/start.ts'
import { strategiesCommand } from './commands/strategies.ts'

/** Exit codes: 0 done, 1 refused or failed, 2 called wrongly. */
const program = new Command('bourse')
  .description('Bourse: an open platform for trading crypto assets automatically.')
  .version('0.1.0')
  .showHelpAfterError('(bourse --help shows what there is)')
  .exitOverride()
  .configureHelp({ sortSubcommands: true })

for (const add of [startCommand, backtestCommand, importCommand, strategiesCommand, replayCommand, databaseCommand])
  add(program)

try {
  await program.parseAsync(process.argv)
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else if (error instanceof AppError) {
    console.error(`bourse: ${error.message}`)
    process.exitCode = 1
  } else {
    console.error(error)
    process.exitCode = 1
  }
}
