// Keeps one PostgreSQL: starts it, and stops it when the process that asked for it is gone, however that ended.
// Plain JavaScript without imports of ours, since it runs detached and without a loader. Its standard input is a pipe
// from the owner; end of file on it is the owner's death, which even kill -9 cannot hide.
import { spawn } from 'node:child_process'

const { command, args, uid, gid, cwd, fastStopMs, immediateStopMs } = JSON.parse(process.argv[2])

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

const postgres = spawn(command, args, { uid, gid, cwd, stdio: ['ignore', 'inherit', 'inherit'] })
postgres.on('error', error => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
postgres.on('exit', code => process.exit(code ?? 1))

const stop = () => {
  postgres.kill('SIGINT') // fast: rolls back, checkpoints, ends
  setTimeout(() => postgres.kill('SIGQUIT'), fastStopMs) // immediate: recovers at the next start
  setTimeout(() => postgres.kill('SIGKILL'), fastStopMs + immediateStopMs)
}
process.stdin.on('error', stop)
process.stdin.on('end', stop)
process.stdin.resume()
