// A thread begins without the loader of its process: this gives it one, and goes on with the module that it was started for.
import { setPriority } from 'node:os'
import { workerData } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

// On Linux a priority is that of the thread alone.
if (process.platform === 'linux') setPriority(workerData.priority)
register()
await import(workerData.module)
