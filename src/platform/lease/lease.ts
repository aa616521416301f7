import { AppError, type Timer, type Timers } from '../../kernel/index.ts'
import type { DatabaseSession } from '../database/session.ts'

/** An owner that has not renewed for so long is taken to be stuck, and is overtaken. */
const LEASE_TTL_MS = 2_000
const RENEW_EVERY_MS = 500
/** How long one wait for the owner's end lasts, before it is looked whether the owner is stuck. */
const WAIT_MS = 200
/** SQLSTATE of a lock that did not come in time. */
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * The right to be the only writer under a name. It is held by a session with the database and dies with it: the next owner
 * waits on an advisory lock and has it within milliseconds of the process's end. A process that stands still keeps its
 * session, so an owner that does not renew is overtaken after {@link LEASE_TTL_MS}.
 *
 * Neither keeps a late writer out: the epoch does. It grows with every owner, and every write names its own in the same
 * statement: `INSERT … SELECT … FROM lease WHERE name AND epoch FOR KEY SHARE`. No row written means that it is over.
 */
export interface Lease {
  readonly name: string
  readonly epoch: number
  /** Called once when somebody else owns it now, or the session is lost: nothing may be written any more. */
  onLost: ((reason: string) => void) | null
  /** Gives it up, so that whoever waits has it at once. */
  release(): Promise<void>
}

/**
 * Waits until the lease is free and takes it; null when `stop` says so meanwhile. The session must be used for nothing that
 * other leases need, and stays with the lease.
 * @throws AppError `database.unavailable`
 */
export async function acquireLease(options: {
  readonly session: DatabaseSession
  readonly tenant: string
  readonly name: string
  /** Who this is, for people: host and process. */
  readonly owner: string
  readonly timers: Timers
  readonly isStopping?: () => boolean
}): Promise<Lease | null> {
  const { session, tenant, name, owner, isStopping = () => false } = options
  const key = `${tenant}/${name}`
  await session.query(`SELECT set_config('lock_timeout', $1, false)`, [String(WAIT_MS)])
  while (!(await isLocked(session, key))) {
    if (isStopping()) return null
    await endStuckOwner(session, name, key)
  }
  if (isStopping()) {
    await session.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [key])
    return null
  }
  await session.query(`SELECT set_config('lock_timeout', '0', false)`)
  const { rows } = await session.query<{ epoch: string }>(
    `INSERT INTO lease (tenant_id, name, epoch, owner, backend, renewed_at)
     VALUES ($1, $2, 1, $3, pg_backend_pid(), clock_timestamp())
     ON CONFLICT (tenant_id, name) DO UPDATE SET epoch = lease.epoch + 1, owner = excluded.owner,
       backend = excluded.backend, renewed_at = excluded.renewed_at
     RETURNING epoch`,
    [tenant, name, owner],
  )
  return heldLease(options, key, Number(rows[0]!.epoch))
}

async function isLocked(session: DatabaseSession, key: string): Promise<boolean> {
  try {
    await session.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [key])
    return true
  } catch (error) {
    const { code } = ((error as Error).cause ?? error) as { code?: string }
    if (code === LOCK_NOT_AVAILABLE) return false
    throw error
  }
}

/**
 * Ends the session of an owner that has not renewed in time, and with it its hold on the lock: only if that session does
 * hold it, since numbers of server processes come again.
 */
const endStuckOwner = (session: DatabaseSession, name: string, key: string) =>
  session.query(
    `SELECT pg_terminate_backend(l.backend) FROM lease l
     JOIN pg_locks k ON k.pid = l.backend AND k.locktype = 'advisory' AND k.granted AND k.objsubid = 1
       AND ((k.classid::bigint << 32) | k.objid::bigint) = hashtextextended($3, 0)
     WHERE l.name = $1 AND l.renewed_at < clock_timestamp() - make_interval(secs => $2)`,
    [name, LEASE_TTL_MS / 1_000, key],
  )

function heldLease(
  { session, name, timers }: { session: DatabaseSession; name: string; timers: Timers },
  key: string,
  epoch: number,
): Lease {
  let isHeld = true
  let renewing: Timer | null = null
  const lose = (reason: string) => {
    if (!isHeld) return
    isHeld = false
    renewing?.cancel()
    lease.onLost?.(reason)
  }
  const renew = async () => {
    try {
      const { count } = await session.query(
        'UPDATE lease SET renewed_at = clock_timestamp() WHERE name = $1 AND epoch = $2',
        [name, epoch],
      )
      if (count === 0) lose('somebody else owns it now')
    } catch (error) {
      // A slow database is no loss yet: whether the lease is lost, the next write or the session's end says.
      if (!session.isOpen) lose(error instanceof AppError ? error.message : 'the session with the database was lost')
    }
  }
  const lease: Lease = {
    name,
    epoch,
    onLost: null,
    async release() {
      if (!isHeld) return
      isHeld = false
      renewing?.cancel()
      await session.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [key])
    },
  }
  session.onLost = () => lose('the session with the database was lost')
  renewing = timers.every(RENEW_EVERY_MS, renew)
  return lease
}
