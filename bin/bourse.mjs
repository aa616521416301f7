#!/usr/bin/env node
// The command line runs the TypeScript sources directly; tsx only erases the types.
import { register } from 'tsx/esm/api'

register()
await import('../src/apps/cli.ts')
