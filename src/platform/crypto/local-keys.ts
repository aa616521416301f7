import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../kernel/index.ts'
import { joined, newKey, open, seal } from './aead.ts'
import type { KeyProvider } from './key-provider.ts'

/** Versions that one file keeps; to go beyond, everything has to be wrapped anew and old ones taken out. */
const VERSIONS_MAX = 100

const KeyFile = z.strictObject({
  format: z.literal(1),
  current: z.string(),
  keys: z
    .array(z.strictObject({ id: z.string().min(1).max(40), key: z.string().regex(/^[A-Za-z0-9+/]{43}=$/) }))
    .min(1)
    .max(VERSIONS_MAX),
})
type KeyFile = z.infer<typeof KeyFile>

/**
 * Keys in `<dataDir>/keys/key-encryption.json`, for its owner alone, made at first use. Whoever has this file and the database
 * has the secrets: it belongs into another back-up than the database.
 * @throws AppError `secret.keys_unusable` when the file is damaged or others may read it
 */
export function localKeys(dataDir: string): KeyProvider {
  const folder = join(dataDir, 'keys')
  const file = join(folder, 'key-encryption.json')
  let known: KeyFile | null = null

  const load = (): KeyFile => {
    if (known !== null) return known
    if (existsSync(file)) known = read(file)
    else {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const first = freshKey()
      known = create(file, { format: 1, current: first.id, keys: [first] })
    }
    return known
  }
  /** Another process may have rotated since. */
  const keyOf = (id: string): Uint8Array => {
    const isKnown = load().keys.some(one => one.id === id)
    if (!isKnown) known = read(file)
    const found = load().keys.find(one => one.id === id)
    if (found === undefined) throw new AppError('secret.unreadable', { rule: `there is no key ${id} here` })
    return Buffer.from(found.key, 'base64')
  }
  const associated = (id: string, context: Uint8Array) => Buffer.concat([joined('wrap', id), context])

  /** What wraps from now on is asked of the file each time: another process may have rotated. */
  const currentId = (): string => {
    load()
    known = read(file)
    return known.current
  }

  return {
    currentKeyId: async () => currentId(),
    async wrap(dataKey, context) {
      const current = currentId()
      return { keyId: current, bytes: seal(keyOf(current), dataKey, associated(current, context)) }
    },
    unwrap: async ({ keyId, bytes }, context) => open(keyOf(keyId), bytes, associated(keyId, context)),
    async rotate() {
      load()
      const present = read(file)
      if (present.keys.length >= VERSIONS_MAX)
        throw new AppError('secret.keys_unusable', { field: file, rule: `it keeps ${VERSIONS_MAX} versions at most` })
      const next = freshKey()
      known = replace(file, { ...present, current: next.id, keys: [...present.keys, next] })
      return next.id
    },
  }
}

const freshKey = () => ({ id: randomBytes(6).toString('hex'), key: Buffer.from(newKey()).toString('base64') })

function read(file: string): KeyFile {
  const { mode } = statSync(file)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new AppError('secret.keys_unusable', {
      field: file,
      rule: 'others than its owner may read it',
      fix: `Find out who did, then: chmod 600 ${file}`,
    })
  const parsed = KeyFile.safeParse(jsonIn(file))
  if (!parsed.success || !parsed.data.keys.some(one => one.id === parsed.data.current))
    throw new AppError('secret.keys_unusable', {
      field: file,
      rule: 'it is damaged',
      fix: 'Bring it back from a back-up.',
    })
  return parsed.data
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // The parser's message quotes what it read, which are keys.
    return null
  }
}

/** Whole or not at all, and on the disk before anything is wrapped with it. Who comes second takes what the first has made. */
function create(file: string, content: KeyFile): KeyFile {
  const draft = `${file}.${process.pid}.first`
  write(draft, content)
  try {
    linkSync(draft, file)
    return content
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return read(file)
  } finally {
    unlinkSync(draft)
  }
}

/** The draft is the lock: two that add a version at once would lose one of them, and all that was wrapped with it. */
function replace(file: string, content: KeyFile): KeyFile {
  const draft = `${file}.new`
  try {
    write(draft, content)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new AppError('secret.keys_unusable', {
      field: file,
      rule: 'another process is adding a version',
      fix: `If none is: remove ${draft}`,
    })
  }
  renameSync(draft, file)
  return content
}

function write(draft: string, content: KeyFile): void {
  const handle = openSync(draft, 'wx', 0o600)
  try {
    writeSync(handle, JSON.stringify(content))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
