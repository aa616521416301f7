import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Micros } from '../../kernel/index.ts'

const Latched = z.object({ since: z.number(), by: z.string(), reason: z.string() })
const LatchFile = z.object({ latched: Latched.nullable() })

export interface Latched {
  readonly since: Micros
  readonly by: string
  readonly reason: string
}

/** Whether the kill switch is on. Local and synchronous: it needs neither database nor network, and survives a restart. */
export interface KillLatch {
  read(): Latched | null
  pull(latched: Latched): void
  lift(): void
}

/**
 * The latch in a file, written and synced before it returns. A file that cannot be read as ours counts as pulled: a
 * switch that fails must fail to the safe side.
 */
export function fileLatch(path: string): KillLatch {
  let latched = readLatch(path)
  const write = (next: Latched | null) => {
    mkdirSync(dirname(path), { recursive: true })
    const file = openSync(`${path}.new`, 'w', 0o600)
    try {
      writeSync(file, JSON.stringify({ latched: next }))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(`${path}.new`, path)
    latched = next
  }
  return {
    read: () => latched,
    pull(next) {
      // On in memory before the disk is asked: a full disk must not keep orders flowing.
      latched = next
      write(next)
    },
    lift: () => write(null),
  }
}

function readLatch(path: string): Latched | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    return { since: 0, by: 'system', reason: 'the latch file cannot be read' }
  }
  try {
    return LatchFile.parse(JSON.parse(text)).latched
  } catch {
    return { since: 0, by: 'system', reason: 'the latch file is damaged' }
  }
}

/** A latch in memory, for tests and backtests. */
export function memoryLatch(): KillLatch {
  let latched: Latched | null = null
  return {
    read: () => latched,
    pull(next) {
      latched = next
    },
    lift() {
      latched = null
    },
  }
}
