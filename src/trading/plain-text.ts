import { z } from 'zod'

/** NUL and halves of surrogate pairs: PostgreSQL stores neither, and one such text would fail every commit it is in. */
const UNSTORABLE = /\0|\p{Cs}/gu

/** Text from a strategy or an error as it can be stored: at most `lengthMax` long, what cannot be stored replaced. */
export const storable = (text: string, lengthMax: number): string =>
  text.slice(0, lengthMax).replace(UNSTORABLE, '\ufffd')

/** Text from people: line breaks and tabs, but no other control character. */
export const PlainText = z.string().regex(/^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u, 'has no control characters')
