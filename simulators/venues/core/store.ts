import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Where a simulated venue keeps what it knows. What `save` has returned from is there after a loss of power. */
export interface SimulatorStore {
  /** What was saved last; null before anything was. */
  load(): string | null
  save(text: string): void
  /** What is there cannot be used: it is put away for people to look at, and nothing is there any more. */
  setAside(): void
}

/** One file, which is replaced as a whole. */
export function fileStore(path: string): SimulatorStore {
  return {
    load() {
      try {
        return readFileSync(path, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
    save(text) {
      mkdirSync(dirname(path), { recursive: true })
      synced(`${path}.new`, 'w', file => writeFileSync(file, text))
      renameSync(`${path}.new`, path)
      // The name is in the folder, which has to be on disk, too.
      synced(dirname(path), 'r', () => {})
    },
    setAside: () => renameSync(path, `${path}.unreadable`),
  }
}

function synced(path: string, flags: string, work: (file: number) => void): void {
  const file = openSync(path, flags, 0o600)
  try {
    work(file)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
