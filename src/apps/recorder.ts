import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock, Instrument } from '../kernel/index.ts'
import type { Log } from '../platform/index.ts'
import { headerLine, type KillLatch, type NodeRecorder, recordLines } from '../trading/index.ts'
import { codeHash } from './code-hash.ts'

/** Bytes that may wait for the disk; past it the recording ends, and says so, rather than eat the memory. */
const WAITING_BYTES_MAX = 64 * 1_024 * 1_024

export interface Recorder extends NodeRecorder {
  close(): Promise<void>
}

/** Records a node's inputs and outputs to a file of JSON lines, which `bourse replay` and `bourse backtest` read. */
export async function openRecorder(options: {
  path: string
  /** What the market trades in. */
  instruments: readonly Instrument[]
  clock: Clock
  latch: KillLatch
  log: Log
}): Promise<Recorder> {
  const { path, instruments, clock, latch, log } = options
  await mkdir(dirname(path), { recursive: true })
  const file = createWriteStream(path)
  let isOpen = true
  const end = (error: unknown) => {
    if (isOpen) log.error({ error, path }, 'the recording has ended early')
    isOpen = false
  }
  file.on('error', end)
  let isFirst = true
  const hash = await codeHash()
  return {
    record(input, effects, position) {
      if (!isOpen) return
      if (isFirst) {
        const killed = latch.read() !== null
        file.write(headerLine({ recording: 1, startedAt: clock.now(), codeHash: hash, position, killed, instruments }))
      }
      isFirst = false
      file.write(recordLines(input, effects))
      if (file.writableLength > WAITING_BYTES_MAX) end(new Error('the disk is too slow'))
    },
    close: () =>
      new Promise(resolve => {
        isOpen = false
        file.end(resolve)
      }),
  }
}
