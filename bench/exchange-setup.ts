import { historyThreads, Shards, snapshotThread } from '../src/exchange/testing.ts'
import type { TenantId } from '../src/kernel/index.ts'
import { openAccounts, openAssets, post } from '../src/ledger/index.ts'
import { silentLog, systemClock, systemIds, systemTimers } from '../src/platform/index.ts'
import { ACCOUNTS, type BenchDatabase, ENGINE, LIMITS, marketCommands, SCALES, UNITS } from './exchange-market.ts'

/** As the streams are flushed in production. */
const FLUSH_MS = 50

/**
 * The exchange as it is in production, feeds and snapshots on, with one open market and money in every account. Without
 * `history` nothing is written behind the acknowledgements.
 */
export async function openBenchExchange({ db, url }: BenchDatabase, { history }: { history: boolean }) {
  const [clock, timers] = [systemClock(), systemTimers()]
  const tenant = systemIds().next() as TenantId
  const shards = new Shards({
    tenant,
    shards: 1,
    maker: ENGINE,
    limits: LIMITS,
    db,
    url,
    owner: 'bench',
    history: historyThreads({ url, limits: LIMITS }, { timers, log: silentLog }),
    clock,
    timers,
    log: silentLog,
    snapshots: name => snapshotThread({ ...name, url, limits: LIMITS }, silentLog),
  })
  await db.tenant(tenant, fund)
  await shards.start()
  await shards.opened()
  const { shard, projector } = shards.parts[0]!
  for (const command of marketCommands()) await shard.submit(command)
  await projector.reached(shard.replica.sequence)
  if (!history) await projector.stop()
  const telling = timers.every(FLUSH_MS, () => shards.parts[0]!.feed.flush(clock.now()))
  const stop = async () => {
    telling.cancel()
    await shards.stop()
  }
  return { tenant, shards, stop }
}

/** Money on its way to the trading accounts, as their owners' wallets would have sent it. */
async function fund(tx: Parameters<typeof openAssets>[0]): Promise<void> {
  const ids = systemIds()
  const assets = [
    { code: 'ABC', scale: SCALES.base },
    { code: 'USD', scale: SCALES.quote },
  ]
  await openAssets(tx, assets)
  const amount = BigInt(UNITS) * BigInt(ACCOUNTS)
  for (const { code: asset } of assets) {
    const [outside, wallet, clearing] = await openAccounts(
      tx,
      [
        { kind: 'outside', owner: 'bench', asset, minimum: null },
        { kind: 'client_wallet', owner: 'everybody', asset },
        { kind: 'clearing', owner: 'exchange transfers', asset },
      ],
      ids,
    )
    const lines = (from: typeof outside, to: typeof outside) => [
      { account: from!.id, asset, amount: -amount },
      { account: to!.id, asset, amount },
    ]
    await post(tx, [{ key: `${asset} in`, kind: 'deposit', at: 1, lines: lines(outside, wallet) }], ids)
    await post(tx, [{ key: `${asset} on`, kind: 'deposit', at: 1, lines: lines(wallet, clearing) }], ids)
  }
}
