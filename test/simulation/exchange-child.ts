import { writeSync } from 'node:fs'
import {
  Exchange,
  exchangePosting,
  type HistoryMaker,
  historyThreads,
  JournalWriter,
  listMarket,
  Shards,
  setPhase,
  snapshotThread,
} from '../../src/exchange/testing.ts'
import { AppError, type Random, seededRandom } from '../../src/kernel/index.ts'
import { createFastEngine, restoreFastEngine } from '../../src/matching/index.ts'
import { createDatabase, createLog, systemClock, systemIds, systemTimers } from '../../src/platform/index.ts'
import {
  CRASH_INSTRUMENT,
  CRASH_LIMITS,
  CRASH_MARKET,
  CRASH_SCALES,
  CRASH_SNAPSHOT_EVERY,
  clientId,
  type Death,
  type ExchangePlan,
  orderNamed,
  ownerOf,
  PARTICIPANTS,
  STREAMS,
  type Told,
} from './exchange-plan.ts'

/**
 * An exchange in a process of its own, on which participants trade as fast as they are answered. It tells every
 * acknowledgement as it comes, kills itself where its plan says, and stops in order at SIGTERM. While it does not own the
 * exchange its participants wait, and whoever was not answered sends the same order again.
 */
const plan: ExchangePlan = JSON.parse(process.argv[2]!)
const [clock, timers] = [systemClock(), systemTimers()]
const log = createLog({ level: 'warn', destination: process.stderr })
const pause = (ms: number) => new Promise<void>(resolve => timers.after(ms, resolve))
const wallMs = () => performance.timeOrigin + performance.now()

/** Synchronous: what was told before a SIGKILL is with whoever reads. */
function tell(told: Told): void {
  let text = Buffer.from(`${JSON.stringify(told)}\n`)
  while (text.length > 0)
    try {
      text = text.subarray(writeSync(1, text))
    } catch (error) {
      // Whoever reads has not come so far yet.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
}

let moments = 0
function point(name: Death['point']): void {
  if (plan.death?.point !== name) return
  moments += 1
  if (moments === plan.death.count) process.kill(process.pid, 'SIGKILL')
}

const maker = { create: createFastEngine, restore: restoreFastEngine }
const given = { url: plan.database, limits: CRASH_LIMITS }
const sources = new URL(plan.sources)
/** In a thread as in production; here, where a moment within it is to be the last. */
const writeHere: HistoryMaker = (name, onWritten) => {
  const write = exchangePosting({ ids: systemIds(), shard: name.shard })
  const post: typeof write = async (...posted) => {
    await write(...posted)
    point('posting')
  }
  return new JournalWriter({ name, db, maker, limits: CRASH_LIMITS, post, onWritten, timers, log })
}
const db = createDatabase({ url: plan.database, connectionsMax: 4, log })
const shards = new Shards({
  tenant: plan.tenant,
  shards: 1,
  maker,
  limits: CRASH_LIMITS,
  db,
  url: plan.database,
  owner: `life ${plan.life}`,
  history: plan.death?.point === 'posting' ? writeHere : historyThreads(given, { timers, log, sources }),
  clock,
  timers,
  log,
  snapshots: name => snapshotThread({ ...name, ...given }, log, sources),
  snapshotEvery: { commands: CRASH_SNAPSHOT_EVERY, rows: CRASH_SNAPSHOT_EVERY },
})
const exchange = new Exchange(shards, { db, tenant: plan.tenant, clock })
const [part] = shards.parts
part!.feed.listener = {
  onTrade: () => point('committed'),
  onL2() {},
  onL3() {},
  onPhase() {},
}

let isStopping = false
process.on('SIGTERM', async () => {
  isStopping = true
  tell({ what: 'stopping', t: wallMs() })
  await shards.stop()
  await db.close()
  process.exit(0)
})

/** Until it is answered: taken, or refused. Null when it is refused, or the process stops. */
async function answered<T>(run: () => Promise<T>): Promise<T | null> {
  while (!isStopping) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.status < 500) return null
      await pause(5)
      if (error.code === 'exchange.unavailable') await shards.opened()
    }
  }
  return null
}

/** Places an order and gives its id, or null. */
async function place(client: string): Promise<string | null> {
  tell({ what: 'sent', client })
  const ack = await answered(() => exchange.place(ownerOf(client), orderNamed(plan, client)))
  if (isStopping && ack === null) return null
  if (ack === null) tell({ what: 'refused', client })
  else {
    tell({ what: 'acknowledged', client, id: ack.id, filled: ack.filled, t: wallMs() })
    point('acknowledged')
  }
  return ack?.id ?? null
}

async function move(owner: string, random: Random): Promise<void> {
  const transfer = exchange.transfersOf(0, owner) + 1
  const asset = random.below(2) === 0 ? 'ABC' : 'USD'
  const amount = (1 + random.below(1_000_000)) * (random.below(3) === 0 ? -1 : 1)
  const done = await answered(() => exchange.move(0, owner, asset, amount, transfer))
  if (done?.reports[0]?.type === 'moved') tell({ what: 'moved', owner, asset, amount, transfer })
}

async function trade(owner: string, stream: number): Promise<void> {
  const random = seededRandom(`${plan.seed}/${plan.life}/${owner}/${stream}`)
  const placed: string[] = []
  for (let n = 0; !isStopping; n++) {
    const dice = random.below(20)
    const id = placed.length > 0 ? placed[random.below(placed.length)]! : undefined
    if (dice < 3 && id !== undefined) {
      const isDone = await answered(() => exchange.cancel(owner, id).then(() => true))
      if (isDone) tell({ what: 'canceled', id, t: wallMs() })
    } else if (dice === 3 && id !== undefined)
      await answered(() =>
        exchange.amend(owner, id, { quantity: '2.000', price: random.below(2) ? '100.05' : undefined }),
      )
    else if (dice === 4 && random.below(20) === 0) await answered(() => exchange.cancelAll(owner))
    // Transfers are numbered, so one stream of each participant makes them, one after the other.
    else if (dice === 5 && stream === 0) await move(owner, random)
    else {
      const given = await place(clientId(owner, plan.life, stream, n))
      if (given !== null) placed.push(given)
      if (placed.length > 30) placed.shift()
    }
  }
}

await shards.start()
tell({ what: 'following' })
await shards.opened()
await answered(() => listMarket(shards, 0, CRASH_MARKET, CRASH_SCALES))
tell({ what: 'owning', t: wallMs() })
for (const owner of PARTICIPANTS)
  if (exchange.transfersOf(0, owner) === 0)
    for (const [i, asset] of ['ABC', 'USD'].entries()) {
      const amount = 1_000_000 * 10 ** (i === 0 ? CRASH_SCALES.base : CRASH_SCALES.quote)
      const done = await answered(() => exchange.move(0, owner, asset, amount, i + 1))
      if (done?.reports[0]?.type === 'moved') tell({ what: 'moved', owner, asset, amount, transfer: i + 1 })
    }
// One life in three begins with an auction.
const until = clock.now() + 50_000
await answered(() =>
  plan.life % 3 === 2
    ? setPhase(shards, CRASH_INSTRUMENT, 'auction', until)
    : setPhase(shards, CRASH_INSTRUMENT, 'trading'),
)
await Promise.all(plan.doubtful.map(place))
await Promise.all(PARTICIPANTS.flatMap(owner => Array.from({ length: STREAMS }, (_, stream) => trade(owner, stream))))
