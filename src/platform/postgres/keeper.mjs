// Keeps one PostgreSQL: starts it, starts it again if it ends by itself, and stops it when the process that asked for it is
// gone, however that ended. Plain JavaScript without imports of ours, since it runs detached and without a loader. Its
// standard input is a pipe from the owner; end of file on it is the owner's death, which even kill -9 cannot hide.
import { spawn } from 'node:child_process'

const { command, args, uid, gid, cwd, fastStopMs, immediateStopMs } = JSON.parse(process.argv[2])
/** One that ends sooner than this could not start; starting it again would end the same way. */
const livedMs = 5_000
const restartMs = 500

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

let isStopping = false
let postgres = start()

function start() {
  const startedAt = Date.now()
  const child = spawn(command, args, { uid, gid, cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  child.on('error', error => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', code => {
    if (isStopping || Date.now() - startedAt < livedMs) process.exit(code ?? 1)
    setTimeout(() => {
      if (isStopping) process.exit(code ?? 1)
      postgres = start()
    }, restartMs)
  })
  return child
}

const stop = () => {
  isStopping = true
  postgres.kill('SIGINT') // fast: rolls back, checkpoints, ends
  setTimeout(() => postgres.kill('SIGQUIT'), fastStopMs) // immediate: recovers at the next start
  setTimeout(() => postgres.kill('SIGKILL'), fastStopMs + immediateStopMs)
}
process.stdin.on('error', stop)
process.stdin.on('end', stop)
process.stdin.resume()
