#!/usr/bin/env -S node --max-semi-space-size=64 --initial-heap-size=256 --v8-pool-size=1
// Requests leave much that is garbage at once: with room for it there is less to move, and seldom all of it to be looked through.
// One thread beside us collects it: more of them take time from the database, on which orders wait.
// The command line runs the TypeScript sources directly; tsx only erases the types.
import { register } from 'tsx/esm/api'

register()
await import('../src/apps/cli.ts')
