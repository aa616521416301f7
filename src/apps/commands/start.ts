import type { Command } from 'commander'

/** `bourse start`: the server with all its roles. */
export function startCommand(program: Command): void {
  program.command('start')
}
