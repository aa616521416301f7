import { writeSync } from 'node:fs'
import { Shards } from '../src/exchange/testing.ts'
import type { TenantId } from '../src/kernel/index.ts'
import { createDatabase, silentLog, systemClock, systemTimers } from '../src/platform/index.ts'
import { ENGINE, LIMITS } from './exchange-market.ts'

/**
 * An exchange in a process of its own: `<url> <tenant>`. It tells, with the time in milliseconds, when it begins, when it follows
 * and when it was first acknowledged a command as the owner. Commands go on until it is stopped by SIGTERM or killed.
 */
const [url, tenant] = process.argv.slice(2) as [string, TenantId]
const tell = (what: string) => writeSync(1, `${what} ${performance.timeOrigin + performance.now()}\n`)
const db = createDatabase({ url, connectionsMax: 4, log: silentLog })
const shards = new Shards({
  tenant,
  shards: 1,
  maker: ENGINE,
  limits: LIMITS,
  db,
  url,
  owner: `process ${process.pid}`,
  // Nothing is written behind the acknowledgements: what is measured is the journal's part.
  history: (_, onWritten) => {
    onWritten(0)
    return { follow() {}, pause: async () => false, goTo: async () => false, goOn() {}, stop: async () => {} }
  },
  clock: systemClock(),
  timers: systemTimers(),
  log: silentLog,
})
process.on('SIGTERM', async () => {
  tell('stopping')
  await shards.stop()
  await db.close()
  process.exit(0)
})
tell('begins')
await shards.start()
tell('follows')
await shards.opened()
const { shard } = shards.parts[0]!
await shard.submit({ kind: 'tick' })
tell('owns')
while (shard.state === 'owning') await shard.submit({ kind: 'tick' }).catch(() => {})
