import { z } from 'zod'
import { AppError } from '../../kernel/index.ts'
import { Secret } from '../../platform/index.ts'
import type { ApiCredentials } from '../connector/exchange.ts'

/** Characters that a key, a secret (a private key in PEM, say) or a passphrase may have. */
const KEY_LENGTH_MAX = 1_024
const SECRET_LENGTH_MAX = 8_192

/** A key to a venue, as it is handed around: it cannot be printed. */
export interface VenueKey {
  readonly apiKey: Secret
  readonly secret: Secret
  readonly passphrase: Secret | null
}

const KeyText = z.strictObject({
  apiKey: z.string().trim().min(1, 'is not empty').max(KEY_LENGTH_MAX, `has ${KEY_LENGTH_MAX} characters at most`),
  secret: z
    .string()
    .trim()
    .min(1, 'is not empty')
    .max(SECRET_LENGTH_MAX, `has ${SECRET_LENGTH_MAX} characters at most`),
  passphrase: z
    .string()
    .max(KEY_LENGTH_MAX, `has ${KEY_LENGTH_MAX} characters at most`)
    .nullish()
    .transform(text => (text === undefined || text === '' ? null : text)),
})

/**
 * A key from `{ apiKey, secret, passphrase? }`. @throws AppError `request.invalid` that names the fields at fault and
 * quotes nothing of what was given
 */
export function venueKey(given: unknown, field = 'key'): VenueKey {
  const parsed = KeyText.safeParse(given)
  if (!parsed.success)
    throw new AppError('request.invalid', {
      faults: parsed.error.issues.map(issue =>
        issue.code === 'unrecognized_keys'
          ? { field, rule: 'has apiKey, secret and, where the venue wants one, passphrase; nothing else' }
          : {
              field: [field, ...issue.path].join('.'),
              rule: issue.code === 'invalid_type' ? 'is a text' : issue.message,
            },
      ),
    })
  const { apiKey, secret, passphrase } = parsed.data
  return {
    apiKey: new Secret(apiKey),
    secret: new Secret(secret),
    passphrase: passphrase === null ? null : new Secret(passphrase),
  }
}

/** What a connector signs with: the one place where a key is taken out of its wrapping. */
export function signingKey(key: VenueKey): ApiCredentials {
  const passphrase = key.passphrase?.reveal()
  return {
    apiKey: key.apiKey.reveal(),
    secret: key.secret.reveal(),
    ...(passphrase === undefined ? {} : { passphrase }),
  }
}

/** The text of an envelope. */
export const encodeKey = (key: VenueKey): string => JSON.stringify(signingKey(key))
export const decodeKey = (text: string): VenueKey => venueKey(JSON.parse(text))

/** Parts of a secret shorter than this are too common to look for. */
const PART_LENGTH_MIN = 6

/** The text without anything of the key: venues quote what they were sent. */
export function withoutKey(text: string, { apiKey, secret, passphrase }: VenueKey): string {
  const parts = [apiKey, secret, passphrase].flatMap(part => (part === null ? [] : part.reveal().split('\n')))
  return parts
    .flatMap(part => [part.trim(), encodeURIComponent(part.trim()), JSON.stringify(part.trim()).slice(1, -1)])
    .filter(part => part.length >= PART_LENGTH_MIN)
    .sort((a, b) => b.length - a.length)
    .reduce((current, part) => current.replaceAll(part, '[secret]'), text)
}
