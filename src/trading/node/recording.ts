import { AppError, decodeJson, encodeJson, type Instrument, type MarketInput, type Micros } from '../../kernel/index.ts'
import type { Effect, NodeInput } from './input.ts'
import { type StrategyLookup, TradingNode } from './node.ts'

/** The first line of a recording. Runs that were at work come right after it, as start commands with their snapshots. */
export interface RecordingHeader {
  readonly recording: 1
  readonly startedAt: Micros
  /** SHA-256 of the sources that decide; a replay by other code may rightly differ. */
  readonly codeHash: string
  /** The node's inputs before this recording. */
  readonly position: number
  readonly killed: boolean
  /** What the recorded market trades in, with ticks and lots. */
  readonly instruments?: readonly Instrument[]
}

/** Lines of JSON: the header, then every input, each followed by its effects when it had any. */
export const headerLine = (header: RecordingHeader): string => `${encodeJson(header)}\n`

export function recordLines(input: NodeInput, effects: readonly Effect[]): string {
  const line = `${encodeJson({ input })}\n`
  return effects.length === 0 ? line : `${line}${encodeJson({ effects })}\n`
}

/**
 * The instrument of a recording that is meant by `kraken:XRP/USD`, or by the pair where one venue alone has it.
 * @throws AppError `recording.invalid`; `resource.not_found` naming what there is
 */
export async function recordedInstrument(lines: AsyncIterable<string>, text: string): Promise<Instrument> {
  for await (const line of lines) {
    const { instruments = [] } = parse(line, 1) as unknown as RecordingHeader
    const found = instruments.filter(({ id, pair }) => id === text || pair === text)
    if (found.length === 1) return found[0]!
    throw new AppError('resource.not_found', {
      field: 'instrument',
      rule: `is one of ${instruments.map(({ id }) => id).join(', ')}`,
      value: text.slice(0, 80),
    })
  }
  throw invalid(1, 'it is empty')
}

export interface ReplayResult {
  readonly header: RecordingHeader
  readonly inputs: number
  readonly effects: number
  /** The first place where the replay gave something else, by line of the recording. */
  readonly difference: { readonly line: number; readonly recorded: string; readonly replayed: string } | null
}

/**
 * Feeds a recording's inputs to a new node and compares what it gives with what was recorded, byte for byte.
 * @throws AppError `recording.invalid` naming the line
 */
export async function replay(lines: AsyncIterable<string>, strategies: StrategyLookup): Promise<ReplayResult> {
  let header: RecordingHeader | null = null
  let node: TradingNode | null = null
  let inputs = 0
  let count = 0
  let number = 0
  /** What the last input gave, until its line has been compared. */
  let given: string | null = null
  const differs = (recorded: string, replayed: string): ReplayResult => ({
    header: header!,
    inputs,
    effects: count,
    difference: { line: number, recorded, replayed },
  })

  for await (const text of lines) {
    number += 1
    if (text === '') continue
    const line = parse(text, number)
    if (header === null || node === null) {
      header = line as unknown as RecordingHeader
      if (header.recording !== 1) throw invalid(number, 'the first line is the header of a recording of version 1')
      node = new TradingNode({ strategies, position: header.position, killed: header.killed })
    } else if ('input' in line) {
      if (given !== null) return differs('nothing', given)
      const effects = node.handle(line.input as NodeInput)
      inputs += 1
      count += effects.length
      given = effects.length === 0 ? null : encodeJson({ effects })
    } else if ('effects' in line) {
      if (given !== text) return differs(text, given ?? 'nothing')
      given = null
    } else throw invalid(number, 'a line is an input or effects')
  }
  if (header === null) throw invalid(1, 'it is empty')
  if (given !== null) return differs('nothing', given)
  return { header, inputs, effects: count, difference: null }
}

/** The market inputs of a recording, in order: what a backtest of the recorded market is fed. */
export async function* marketOf(lines: AsyncIterable<string>): AsyncGenerator<MarketInput> {
  let number = 0
  for await (const text of lines) {
    number += 1
    const line = text === '' ? {} : parse(text, number)
    if (!('input' in line)) continue
    const input = line.input as NodeInput
    if (input.kind === 'trade' || input.kind === 'book' || input.kind === 'candle') yield input
  }
}

function parse(text: string, number: number): Record<string, unknown> {
  try {
    const line = decodeJson<unknown>(text)
    if (typeof line === 'object' && line !== null) return line as Record<string, unknown>
  } catch {
    // Told below, with the line.
  }
  throw invalid(number, 'it is no JSON object')
}

const invalid = (line: number, rule: string) => new AppError('recording.invalid', { field: `line ${line}`, rule })
