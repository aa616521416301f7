// A thread begins without the loader of its process: this gives it one, and goes on with the module that it was started for.
import { setPriority } from 'node:os'
import { workerData } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

const LOW = 10

// On Linux a priority is that of the thread alone: whoever carries out commands goes first.
if (process.platform === 'linux') setPriority(LOW)
register()
await import(workerData.module)
