import type { Command } from 'commander'

/** `bourse db`: the database by hand. */
export function databaseCommand(program: Command): void {
  program.command('db')
}
