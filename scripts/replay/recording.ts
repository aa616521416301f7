import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gunzipSync, inflateRawSync } from 'node:zlib'
import type { Micros } from '../../src/kernel/index.ts'

/** What was received: a frame of the socket, or a snapshot that had been asked for by REST. */
export type Recorded =
  | { readonly kind: 'frame'; readonly at: Micros; readonly frame: string | Uint8Array }
  | { readonly kind: 'snapshot'; readonly at: Micros; readonly symbol: string | null; readonly body: string }

/** Seconds with a fraction, then what came: `1633998512.0633569: {…}`. A binary frame is written as Python does. */
const RECEIVED = /^(\d+\.\d+): (.*)$/
/** `https://… -> 1633998512.32: {…}`: an answer of REST. */
const ANSWERED = /^(https?:\S+) -> (\d+\.\d+): (.*)$/
/** Nanoseconds and JSON. */
const STAMPED = /^(\d{19}) (.*)$/
/** What connects and what was sent. */
const OUTGOING = /^wss?:\S+ <-/

/**
 * Reads a recording in any of the layouts that are about: lines of `time: frame` (with the answers of REST in a file
 * beside it, `….http.…`), lines of `nanoseconds frame`, or bare JSON a line; plain, gzip or zip.
 * @throws Error that names the line which cannot be read
 */
export function readRecording(file: string): Recorded[] {
  const recorded = linesOf(file).flatMap((line, i) => readLine(line, i, file))
  const beside = answersBeside(file).flatMap(one => linesOf(one).flatMap((line, i) => readLine(line, i, one)))
  return beside.length === 0 ? recorded : [...recorded, ...beside].sort((a, b) => a.at - b.at)
}

function readLine(line: string, index: number, file: string): Recorded[] {
  if (line === '' || OUTGOING.test(line) || line.startsWith('configuration:')) return []
  const stamped = STAMPED.exec(line)
  if (stamped) return [read(Math.floor(Number(stamped[1]) / 1_000), stamped[2]!)]
  const received = RECEIVED.exec(line)
  if (received) return [read(Math.floor(Number(received[1]) * 1e6), received[2]!)]
  const answered = ANSWERED.exec(line)
  if (answered) {
    const symbol = new URL(answered[1]!).searchParams.get('symbol')
    return [{ kind: 'snapshot', at: Math.floor(Number(answered[2]) * 1e6), symbol, body: answered[3]! }]
  }
  if (line.startsWith('{') || line.startsWith('[')) return [read((index + 1) * 1_000, line)]
  throw new Error(`${basename(file)}, line ${index + 1}: neither a frame nor an answer`)
}

function read(at: Micros, text: string): Recorded {
  if (text.startsWith('{"lastUpdateId"')) return { kind: 'snapshot', at, symbol: null, body: text }
  const isBytes = text.startsWith("b'") || text.startsWith('b"')
  return { kind: 'frame', at, frame: isBytes ? pythonBytes(text) : text }
}

const ESCAPES: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, '\\': 92, "'": 39, '"': 34 }

/** `b'\x1f\x8b…'` as Python prints bytes. */
function pythonBytes(text: string): Uint8Array {
  const bytes: number[] = []
  for (let i = 2; i < text.length - 1; i++) {
    if (text[i] !== '\\') bytes.push(text.charCodeAt(i))
    else if (text[i + 1] === 'x') {
      bytes.push(Number.parseInt(text.slice(i + 2, i + 4), 16))
      i += 3
    } else bytes.push(ESCAPES[text[++i]!]!)
  }
  return Uint8Array.from(bytes)
}

function answersBeside(file: string): string[] {
  const match = /^(\w+)\.ws\./.exec(basename(file))
  if (!match) return []
  return readdirSync(dirname(file))
    .filter(name => name.startsWith(`${match[1]}.http.`))
    .map(name => join(dirname(file), name))
}

function linesOf(file: string): string[] {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) throw new Error(`there is no file ${file}`)
  if (stat.isDirectory()) throw new Error(`${file} is a folder`)
  return unpack(readFileSync(file)).toString('utf8').split(/\r?\n/)
}

const GZIP = 0x1f8b
const ZIP = 0x504b
/** Fields of the header of a zip's first file (APPNOTE.TXT, 4.3.7). */
const [METHOD, PACKED_BYTES, NAME_BYTES, EXTRA_BYTES, HEADER_BYTES] = [8, 18, 26, 28, 30]

function unpack(bytes: Buffer): Buffer {
  const magic = bytes.length < HEADER_BYTES ? 0 : bytes.readUInt16BE(0)
  if (magic === GZIP) return gunzipSync(bytes)
  if (magic !== ZIP) return bytes
  const start = HEADER_BYTES + bytes.readUInt16LE(NAME_BYTES) + bytes.readUInt16LE(EXTRA_BYTES)
  const packed = bytes.subarray(start, start + bytes.readUInt32LE(PACKED_BYTES))
  return bytes.readUInt16LE(METHOD) === 0 ? packed : inflateRawSync(packed)
}
