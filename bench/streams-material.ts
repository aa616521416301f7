import { gzipSync } from 'node:zlib'
import { readRecording } from '../scripts/replay/recording.ts'
import { surveyInstruments } from '../scripts/replay/survey.ts'
import { defineInstrument, type Instrument } from '../src/kernel/index.ts'
import type { VenueName } from '../src/venues/index.ts'
import { KrakenVersion1, OldCoinbase } from '../test/recordings/old-protocols.ts'
import { sharedFile } from './shared.ts'

export interface Material {
  readonly instruments: readonly Instrument[]
  /** What comes before the clock runs: acknowledgements and snapshots. */
  readonly opening: readonly Uint8Array[]
  /** Of REST. */
  readonly snapshots: readonly { readonly symbol: string; readonly body: string }[]
  readonly frames: readonly Uint8Array[]
  readonly isPacked: boolean
  /** As long as the venue's checksum text is for these books; null where it sends none. */
  readonly checksumText: string | null
}

const cryptofeed = (name: string) => sharedFile(`cases/wire/cryptofeed/${name}`)
const bytes = (text: string) => Buffer.from(text)
const PLAIN = { isPacked: false, checksumText: null, opening: [], snapshots: [] }
const BINANCE = 'data/ticks/hftbacktest_binance_spot_ethusdt_20240808.gz'

/** The frames of books alone, by venue. */
export function materialOf(venue: VenueName): Material {
  return MATERIALS[venue]()
}

const MATERIALS: Readonly<Record<VenueName, () => Material>> = {
  /** A recording of 2024: 3,434 differences of 31 levels on average, over a snapshot of a thousand. */
  binance() {
    const recorded = readRecording(sharedFile(BINANCE))
    const at = recorded.findIndex(one => one.kind === 'snapshot')
    const snapshot = recorded[at]!
    const depth = textsOf(recorded).filter(text => text.includes('"depthUpdate"'))
    const instruments = surveyInstruments('binance', recorded).slice(0, 1)
    const body = snapshot.kind === 'snapshot' ? snapshot.body : ''
    return {
      ...PLAIN,
      instruments,
      snapshots: [{ symbol: instruments[0]!.symbol!, body }],
      frames: depth.filter(text => JSON.parse(text).data.u > JSON.parse(body).lastUpdateId).map(bytes),
    }
  },
  /** No recording of Advanced Trade is known: ten products of the old feed (2021), told as Advanced Trade tells them. */
  coinbase() {
    const old = new OldCoinbase()
    const texts = textsOf(readRecording(cryptofeed('COINBASE.ws.28.0.gz'))).flatMap(text => old.translate(text) ?? [])
    const [opening, frames] = [texts.slice(0, 10), texts.slice(10)]
    const isSorted = opening.every(text => text.includes('"type":"snapshot"'))
    const all = isSorted
      ? { opening: opening.map(bytes), frames: frames.map(bytes) }
      : { opening: [], frames: texts.map(bytes) }
    return { ...PLAIN, ...all, instruments: [...old.instruments.values()] }
  },
  /** No recording of version 2 is known: ten pairs of version 1 (2021), told as version 2 tells them, checksums as recorded. */
  kraken() {
    const old = new KrakenVersion1()
    const texts = textsOf(readRecording(cryptofeed('KRAKEN.ws.50.0.gz'))).flatMap(text => old.translate(text) ?? [])
    const instruments = [...old.instruments.values()].map(one => ({ ...one, symbol: one.pair }))
    return { ...PLAIN, instruments, frames: texts.map(bytes), checksumText: '1234567123456789'.repeat(20) }
  },
  /** A recording of 2021 in today's protocol, numbered, without checksums. */
  bitfinex() {
    const recorded = readRecording(cryptofeed('BITFINEX.ws.11.0.gz'))
    const books = new Set<number>()
    const texts = textsOf(recorded).filter(text => {
      const message = JSON.parse(text)
      if (message.event === 'subscribed' && message.channel === 'book') books.add(message.chanId)
      return message.channel === 'book' || (books.has(message[0]) && Array.isArray(message[1]))
    })
    // Other channels are left out, so the messages are numbered anew.
    let number = 0
    const numbered = texts.map(text => (text.startsWith('[') ? text.replace(/,\d+\]$/, () => `,${++number}]`) : text))
    return { ...PLAIN, instruments: surveyInstruments('bitfinex', recorded), frames: numbered.map(bytes) }
  },
  /** No recording of today's protocol is known: the differences of Binance, written and packed as HTX does. */
  htx() {
    const { snapshots, frames } = MATERIALS.binance()
    const { lastUpdateId, bids, asks } = JSON.parse(snapshots[0]!.body)
    const numbers = (pairs: string[][]) => pairs.map(pair => pair.map(Number))
    const pack = (message: unknown) => new Uint8Array(gzipSync(JSON.stringify(message)))
    let prevSeqNum = lastUpdateId
    const changes = frames.map(frame => {
      const { u, b, a } = JSON.parse(String(frame)).data
      const tick = { seqNum: u, prevSeqNum, bids: numbers(b), asks: numbers(a) }
      prevSeqNum = u
      return pack({ ch: 'market.ethusdt.mbp.150', ts: 1723161255308, tick })
    })
    const data = { seqNum: lastUpdateId, bids: numbers(bids), asks: numbers(asks) }
    return {
      ...PLAIN,
      isPacked: true,
      instruments: [
        defineInstrument({ venue: 'htx', pair: 'ETH/USDT', symbol: 'ethusdt', tick: '0.01', lot: '0.0001' }),
      ],
      opening: [
        pack({ id: '1', status: 'ok', subbed: 'market.ethusdt.mbp.150', ts: 1 }),
        pack({ id: '2', status: 'ok', rep: 'market.ethusdt.mbp.150', ts: 1, data }),
      ],
      frames: changes,
    }
  },
  /** A recording of 2022 in today's protocol, of before the sequence numbers, with checksums. */
  okx() {
    const recorded = readRecording(cryptofeed('OKX.ws.1.0.gz'))
    const frames = textsOf(recorded).filter(text => text.includes('"books"') && text.includes('"action"'))
    const instruments = surveyInstruments('okx', recorded)
    return { ...PLAIN, instruments, frames: frames.map(bytes), checksumText: '30243.5:1.44679:'.repeat(50) }
  },
  /** A recording of 2024 in version 5: 500 levels. Of its 50 messages the first is the snapshot. */
  bybit() {
    const recorded = readRecording(sharedFile('data/ticks/nautilus_bybit_xrpusdt-ob500.data.zip'))
    return { ...PLAIN, instruments: surveyInstruments('bybit', recorded), frames: textsOf(recorded).map(bytes) }
  },
  /** A recording of 2021 in today's protocol, over snapshots of REST; the book whose numbers do not fit is left out. */
  kucoin() {
    const recorded = readRecording(cryptofeed('KUCOIN.ws.1.0.gz'))
    const instruments = surveyInstruments('kucoin', recorded).filter(one => one.symbol !== 'CAPP-BTC')
    const snapshots = recorded.flatMap(one =>
      one.kind === 'snapshot' && instruments.some(({ symbol }) => symbol === one.symbol)
        ? [{ symbol: one.symbol!, body: one.body, sequence: Number(JSON.parse(one.body).data.sequence) }]
        : [],
    )
    const frames = textsOf(recorded).filter(text => {
      if (!text.includes('"trade.l2update"')) return false
      const { symbol, sequenceEnd } = JSON.parse(text).data
      return snapshots.some(one => one.symbol === symbol && sequenceEnd > one.sequence)
    })
    return { ...PLAIN, instruments, snapshots, frames: frames.map(bytes) }
  },
}

const textsOf = (recorded: ReturnType<typeof readRecording>): string[] =>
  recorded.flatMap(one => (one.kind === 'frame' && typeof one.frame === 'string' ? [one.frame] : []))
