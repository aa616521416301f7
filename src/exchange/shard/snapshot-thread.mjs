// A thread begins without the loader of its process: this gives it one.
import { register } from 'tsx/esm/api'

register()
await import('./snapshot-thread.ts')
