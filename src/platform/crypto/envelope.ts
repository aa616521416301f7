import { AppError, assert } from '../../kernel/index.ts'
import { joined, newKey, open, seal } from './aead.ts'
import type { KeyProvider } from './key-provider.ts'

/** What a secret belongs to. It is bound to what is encrypted: moved to another row or tenant, it cannot be read. */
export interface SecretPlace {
  readonly tenant: string
  /** What it is for: `venue_credential`. */
  readonly purpose: string
  readonly record: string
}

export interface Envelopes {
  /** @throws AppError `secret.too_large` */
  encrypt(plain: string, place: SecretPlace): Promise<Uint8Array>
  /** @throws AppError `secret.unreadable` when anything at all differs from what was encrypted */
  decrypt(envelope: Uint8Array, place: SecretPlace): Promise<string>
  /** The version of the key that an envelope is wrapped with. */
  keyIdOf(envelope: Uint8Array): string
  /** The same secret under the current key; the data key and its one use stay what they were. */
  rewrap(envelope: Uint8Array, place: SecretPlace): Promise<Uint8Array>
}

/** First byte of an envelope. */
const FORMAT = 1
const SECRET_BYTES_MAX = 64 * 1_024
const KEY_ID_BYTES_MAX = 255
/** Names of keys, of hardware modules and of cloud providers too, are printable ASCII. */
const KEY_ID = /^[\x21-\x7e]+$/

/**
 * Envelope encryption: every secret has a data key of its own, used for this one encryption and wrapped by a key of `keys`.
 * A data key is never used twice, so that with it no nonce can repeat. The layout: format, length and text of the key id,
 * length (two bytes) and bytes of the wrapped key, then nonce, ciphertext and tag. All that comes before the nonce is authenticated.
 */
export function createEnvelopes(keys: KeyProvider): Envelopes {
  return {
    async encrypt(plain, place) {
      const bytes = Buffer.from(plain, 'utf8')
      if (bytes.byteLength > SECRET_BYTES_MAX)
        throw new AppError('secret.too_large', { rule: `it has ${SECRET_BYTES_MAX} bytes at most` })
      const dataKey = newKey()
      const wrapped = await keys.wrap(dataKey, contextOf(place))
      const head = headOf(wrapped.keyId, wrapped.bytes)
      return Buffer.concat([head, seal(dataKey, bytes, sealedContext(place))])
    },
    async decrypt(envelope, place) {
      const { wrapped, sealed } = partsOf(envelope)
      const dataKey = await keys.unwrap(wrapped, contextOf(place))
      return Buffer.from(open(dataKey, sealed, sealedContext(place))).toString('utf8')
    },
    keyIdOf: envelope => partsOf(envelope).wrapped.keyId,
    async rewrap(envelope, place) {
      const { wrapped, sealed } = partsOf(envelope)
      const dataKey = await keys.unwrap(wrapped, contextOf(place))
      open(dataKey, sealed, sealedContext(place))
      const anew = await keys.wrap(dataKey, contextOf(place))
      return Buffer.concat([headOf(anew.keyId, anew.bytes), sealed])
    },
  }
}

const contextOf = ({ tenant, purpose, record }: SecretPlace) =>
  joined('data-key', String(FORMAT), tenant, purpose, record)
const sealedContext = ({ tenant, purpose, record }: SecretPlace) =>
  joined('secret', String(FORMAT), tenant, purpose, record)

function headOf(keyId: string, wrapped: Uint8Array): Uint8Array {
  const id = Buffer.from(keyId, 'utf8')
  assert(KEY_ID.test(keyId) && id.byteLength <= KEY_ID_BYTES_MAX, 'a key id has 1 to 255 printable characters of ASCII')
  const length = Buffer.alloc(2)
  length.writeUInt16BE(wrapped.byteLength)
  return Buffer.concat([Buffer.from([FORMAT, id.byteLength]), id, length, wrapped])
}

function partsOf(envelope: Uint8Array): { wrapped: { keyId: string; bytes: Uint8Array }; sealed: Uint8Array } {
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength)
  const format = bytes[0]
  if (format !== FORMAT)
    throw new AppError('secret.unreadable', { rule: `it has format ${format ?? '(none)'}; ${FORMAT} is known here` })
  const idEnd = 2 + (bytes[1] ?? 0)
  const lengthEnd = idEnd + 2
  const wrappedEnd = bytes.byteLength >= lengthEnd ? lengthEnd + bytes.readUInt16BE(idEnd) : Number.POSITIVE_INFINITY
  if (wrappedEnd > bytes.byteLength) throw new AppError('secret.unreadable', { rule: 'it is cut short' })
  const keyId = bytes.toString('utf8', 2, idEnd)
  // Errors and events quote it, and here it may be anything that somebody has put there.
  if (!KEY_ID.test(keyId)) throw new AppError('secret.unreadable', { rule: 'it names no key' })
  return {
    wrapped: { keyId, bytes: bytes.subarray(lengthEnd, wrappedEnd) },
    sealed: bytes.subarray(wrappedEnd),
  }
}
