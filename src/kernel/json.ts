/** A bigint as JSON: `{ "$n": "123" }`. Nothing else of ours has a single key `$n`. */
const tag = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? { $n: value.toString() } : value)

const untag = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && '$n' in value && typeof value.$n === 'string'
    ? BigInt(value.$n)
    : value

/** JSON text with exact bigints; the same value in the same key order gives the same bytes. */
export const encodeJson = (value: unknown): string => JSON.stringify(value, tag)

/** What {@link encodeJson} wrote. The caller knows the type: the text is our own. */
export const decodeJson = <T>(text: string): T => JSON.parse(text, untag) as T
