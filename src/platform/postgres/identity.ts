import { execFileSync } from 'node:child_process'
import { chownSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../../kernel/index.ts'
import type { Binaries } from './binaries.ts'

/** How to start a PostgreSQL program: PostgreSQL refuses to run as root, so root has to become somebody else. */
export interface Identity {
  /** Put before the program and its arguments. */
  readonly prefix: readonly string[]
  readonly uid?: number
  readonly gid?: number
  /** The owner that the data must have. */
  readonly owner: { uid: number; gid: number }
}

const NOBODY = 65_534
const PROBE_TIMEOUT_MS = 10_000

/**
 * The first way to run PostgreSQL that works here: as ourselves; or, being root, as `nobody` of a user namespace (the files
 * stay root's), as the owner of the programs, or as the system's `nobody`.
 * @throws AppError `database.start_failed` when none works.
 */
export function findIdentity(binaries: Binaries): Identity {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  const asNobodyHere: Identity = {
    prefix: ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`],
    owner: { uid, gid },
  }
  if (uid !== 0) return hasName() ? { prefix: [], owner: { uid, gid } } : asNobodyHere
  const owner = statSync(binaries.postgres)
  const candidates: Identity[] = [
    asNobodyHere,
    ...(owner.uid === 0 ? [] : [as(owner.uid, owner.gid)]),
    as(NOBODY, NOBODY),
  ]
  const found = candidates.find(candidate => works(candidate, binaries))
  if (found) return found
  throw new AppError('database.start_failed', {
    rule: 'PostgreSQL does not run as root, and neither a user namespace nor `nobody` can reach its programs',
    fix: 'Start Bourse as a normal user, or set DATABASE_URL to a PostgreSQL of your own.',
  })
}

/** Containers may run us as a number that no user has; initdb wants a name. */
function hasName(): boolean {
  try {
    return userInfo().username !== ''
  } catch {
    return false
  }
}

const as = (uid: number, gid: number): Identity => ({ prefix: [], uid, gid, owner: { uid, gid } })

function works(identity: Identity, binaries: Binaries): boolean {
  const [command = '', ...args] = [...identity.prefix, binaries.postgres, '--version']
  try {
    execFileSync(command, args, {
      uid: identity.uid,
      gid: identity.gid,
      cwd: '/',
      stdio: 'ignore',
      timeout: PROBE_TIMEOUT_MS,
    })
    return true
  } catch {
    return false
  }
}

/** Gives the folder and all in it to the owner that PostgreSQL will run as; does nothing when it is so already. */
export function giveTo(owner: { uid: number; gid: number }, path: string): void {
  if (process.getuid?.() !== 0 || lstatSync(path).uid === owner.uid) return
  const stats = lstatSync(path)
  if (stats.isDirectory()) for (const entry of readdirSync(path)) giveTo(owner, join(path, entry))
  if (!stats.isSymbolicLink()) chownSync(path, owner.uid, owner.gid)
}
