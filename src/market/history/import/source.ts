import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { createGunzip } from 'node:zlib'
import { AppError } from '../../../kernel/index.ts'

/** A path, or bytes that are already there or come as they come. */
export type ImportSource = string | Uint8Array | AsyncIterable<Uint8Array>

/** `bytes` as they lie in the file, so before decompression; `bytesTotal` is null for a stream of unknown length. */
export type ImportProgress = (bytes: number, bytesTotal: number | null) => void

/** A source whose first bytes have been looked at: file names lie, magic numbers do not. */
export interface OpenedSource {
  readonly kind: 'text' | 'parquet'
  /** The file's name without its folder, where there is one. */
  readonly name: string | null
  readonly path: string | null
  /** Decompressed bytes. */
  chunks(): AsyncIterable<Uint8Array>
}

const CHUNK_BYTES = 1_048_576
const MAGIC = { gzip: [0x1f, 0x8b], parquet: [0x50, 0x41, 0x52, 0x31], zip: [0x50, 0x4b, 0x03, 0x04] } as const
const startsWith = (bytes: Uint8Array, magic: readonly number[]) => magic.every((byte, i) => bytes[i] === byte)

/** @throws AppError `import.unrecognised` for a missing or unreadable file, or a zip archive */
export async function openSource(source: ImportSource, onProgress?: ImportProgress): Promise<OpenedSource> {
  const path = typeof source === 'string' ? source : null
  const name = path === null ? null : basename(path)
  const { head, total, raw } = await lookAt(source)
  if (startsWith(head, MAGIC.zip))
    throw new AppError('import.unrecognised', { field: 'file', rule: 'is a zip archive', fix: 'Unpack it first.' })
  const counted = () => count(raw(), total, onProgress)
  if (startsWith(head, MAGIC.parquet)) return { kind: 'parquet', name, path, chunks: counted }
  if (startsWith(head, MAGIC.gzip)) return { kind: 'text', name, path, chunks: () => gunzip(counted()) }
  return { kind: 'text', name, path, chunks: counted }
}

interface Looked {
  readonly head: Uint8Array
  readonly total: number | null
  raw(): AsyncIterable<Uint8Array>
}

async function lookAt(source: ImportSource): Promise<Looked> {
  if (typeof source === 'string') return lookAtFile(source)
  if (source instanceof Uint8Array) return { head: source, total: source.length, raw: () => slices(source) }
  const iterator = source[Symbol.asyncIterator]()
  const first = await iterator.next()
  const head = first.done ? new Uint8Array() : first.value
  async function* rest() {
    yield head
    for (;;) {
      const next = await iterator.next()
      if (next.done) return
      yield next.value
    }
  }
  return { head, total: null, raw: rest }
}

async function lookAtFile(path: string): Promise<Looked> {
  try {
    const { size } = await stat(path)
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0)
      const head = buffer.subarray(0, bytesRead)
      return { head, total: size, raw: () => createReadStream(path, { highWaterMark: CHUNK_BYTES }) }
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new AppError('import.unrecognised', { field: 'file', rule: `${path} cannot be read` }, { cause })
  }
}

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES)
}

async function* count(
  chunks: AsyncIterable<Uint8Array>,
  total: number | null,
  onProgress?: ImportProgress,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    yield chunk
    onProgress?.(bytes, total)
  }
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Readable } = await import('node:stream')
  const input = Readable.from(chunks)
  const output = createGunzip({ chunkSize: CHUNK_BYTES })
  input.on('error', error => output.destroy(error))
  input.pipe(output)
  try {
    yield* output
  } catch (cause) {
    throw new AppError(
      'import.unrecognised',
      { field: 'file', rule: 'is gzip that breaks off or is damaged' },
      { cause },
    )
  } finally {
    input.destroy()
  }
}
