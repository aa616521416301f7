import { createProgram, runProgram } from './program.ts'

// Whoever reads what is written may have had enough, as `head` has: what is at work goes on. A full disk is another matter.
for (const output of [process.stdout, process.stderr])
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
process.exitCode = await runProgram(createProgram(), process.argv.slice(2))
