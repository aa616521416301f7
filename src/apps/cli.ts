import { CommanderError } from 'commander'
import { AppError } from '../kernel/index.ts'
import { createProgram } from './program.ts'

/** Exit codes: 0 done, 1 refused or failed, 2 called wrongly. */
try {
  await createProgram().parseAsync(process.argv)
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
