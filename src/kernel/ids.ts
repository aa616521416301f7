import type { Random } from './random.ts'

declare const brand: unique symbol
/** A string that carries its meaning in the type; costs nothing at run time. */
export type Branded<Name extends string> = string & { readonly [brand]: Name }

export type TenantId = Branded<'TenantId'>
export type OrderId = Branded<'OrderId'>
export type RunId = Branded<'RunId'>
export type InstrumentId = Branded<'InstrumentId'>

/** Facts of the platform itself carry this tenant. */
export const PLATFORM_TENANT = '00000000-0000-0000-0000-000000000000' as TenantId

/** Where ids come from; time-ordered UUIDs (RFC 9562, version 7) in `platform/`, seeded ones in tests. */
export interface IdSource {
  next(): string
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

/** UUID-shaped ids from a seeded generator: reproducible, for tests, simulations and replays. */
export function seededIds(random: Random): IdSource {
  const word = () => Math.floor(random.next() * 4_294_967_296)
  return {
    next() {
      const [a, b, c, d] = [hex(word()), hex(word()), hex(word()), hex(word())]
      return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-8${c.slice(1, 4)}-${c.slice(4)}${d}`
    },
  }
}
