import { MICROS_PER_MS, type Micros } from '../../kernel/index.ts'

/** Samples that are kept, and how many of them, those with the shortest way, are believed. */
const SAMPLES_MAX = 32
const BELIEVED = 5
/** A sample older than this says nothing of now: clocks drift. */
const AGE_MAX: Micros = 15 * 60 * 1_000 * MICROS_PER_MS
/** A round trip longer than this may hide as much error as it lasts. */
const ROUND_TRIP_MAX: Micros = 5_000 * MICROS_PER_MS

/** What a venue's clock said to a request that left and was answered at these times of ours. A wait before it left is no part. */
export interface ClockReading {
  readonly sentAt: Micros
  readonly server: Micros
  readonly receivedAt: Micros
}

interface Sample {
  readonly at: Micros
  readonly roundTrip: Micros
  readonly offset: Micros
}

/**
 * How far a venue's clock is from ours, as NTP measures it (RFC 5905, section 8, with one server time in place of two): the
 * venue's time less the middle between sending and receiving. What a sample may be wrong by is half its round trip, so those
 * with the shortest are believed (section 10, the clock filter).
 */
export class ClockSkew {
  #samples: Sample[] = []

  /** All three in microseconds; the first and last by our clock. */
  sample(sent: Micros, server: Micros, received: Micros): void {
    const roundTrip = received - sent
    if (roundTrip < 0 || roundTrip > ROUND_TRIP_MAX) return
    this.#samples.push({ at: received, roundTrip, offset: server - (sent + received) / 2 })
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift()
  }

  /** What to add to our clock to have the venue's; null while nothing is known. `errorMax` bounds the mistake. */
  read(now: Micros): { readonly offset: Micros; readonly errorMax: Micros } | null {
    this.#samples = this.#samples.filter(one => one.at >= now - AGE_MAX)
    const believed = this.#samples.toSorted((a, b) => a.roundTrip - b.roundTrip).slice(0, BELIEVED)
    if (believed.length === 0) return null
    const offsets = believed.map(one => one.offset).sort((a, b) => a - b)
    return {
      offset: Math.round(offsets[Math.floor((offsets.length - 1) / 2)]!),
      errorMax: Math.ceil(believed.at(-1)!.roundTrip / 2),
    }
  }

  /** For signed calls: milliseconds to add, 0 while nothing is known. */
  readMs(now: Micros): number {
    return (this.read(now)?.offset ?? 0) / MICROS_PER_MS
  }
}
