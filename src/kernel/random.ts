import { assert } from './assert.ts'

/** Where randomness comes from. Seeded everywhere but in `platform/`, so that a failure replays from its seed. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer in [0, bound). */
  below(bound: number): number
  /** Standard normal, by the polar method (Marsaglia and Bray 1964). */
  normal(): number
  /** Exponential with mean 1. */
  exponential(): number
  /** An independent stream named by `label`; the same label gives the same stream. */
  fork(label: string): Random
  /** Four 32-bit words that `restoreRandom` accepts. */
  state(): RandomState
}

export type RandomState = readonly [number, number, number, number]

/** FNV-1a, 32 bits: spreads labels and seeds over generator states. Not for security. */
function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}

/** sfc32 (Doty-Humphrey, PractRand): small, fast, passes PractRand to 32 TB. */
class Sfc32 implements Random {
  #a: number
  #b: number
  #c: number
  #counter: number
  readonly #label: string

  constructor(state: RandomState, label: string) {
    ;[this.#a, this.#b, this.#c, this.#counter] = state
    this.#label = label
  }

  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    this.#c |= 0
    return (t >>> 0) / 4_294_967_296
  }

  below(bound: number): number {
    assert(Number.isSafeInteger(bound) && bound > 0, 'below(bound) takes a positive safe integer')
    return Math.floor(this.next() * bound)
  }

  normal(): number {
    for (;;) {
      const u = 2 * this.next() - 1
      const v = 2 * this.next() - 1
      const s = u * u + v * v
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s)
    }
  }

  exponential(): number {
    return -Math.log(1 - this.next())
  }

  fork(label: string): Random {
    return seededRandom(`${this.#label}/${label}`)
  }

  state(): RandomState {
    return [this.#a, this.#b, this.#c, this.#counter]
  }
}

/** A generator from a seed. The same seed gives the same sequence on every machine. */
export function seededRandom(seed: string | number): Random {
  const label = String(seed)
  const random = new Sfc32([hash32(`${label}:a`), hash32(`${label}:b`), hash32(`${label}:c`), 1], label)
  for (let i = 0; i < 12; i++) random.next()
  return random
}

/** Goes on where `state()` was taken; `label` names the stream that `fork` starts from. */
export const restoreRandom = (state: RandomState, label = 'restored'): Random => new Sfc32(state, label)
