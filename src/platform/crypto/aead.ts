import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { AppError, assert } from '../../kernel/index.ts'

/** AES-256-GCM as NIST SP 800-38D has it: 96 bits of nonce, 128 bits of tag. */
const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
export const NONCE_BYTES = 12
export const TAG_BYTES = 16

/** Nonce, ciphertext and tag in one piece. The nonce is random and fresh. */
export function seal(key: Uint8Array, plain: Uint8Array, associated: Uint8Array): Uint8Array {
  assert(key.byteLength === KEY_BYTES, 'a key of AES-256 has 32 bytes')
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associated)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** @throws AppError `secret.unreadable` when a single bit, the key or the associated data differs */
export function open(key: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
  if (sealed.byteLength < NONCE_BYTES + TAG_BYTES) throw new AppError('secret.unreadable', { rule: 'it is cut short' })
  const end = sealed.byteLength - TAG_BYTES
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(associated)
  decipher.setAuthTag(sealed.subarray(end))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()])
  } catch {
    // Node's reason tells nothing but that it failed, and what failed is nobody's business.
    throw new AppError('secret.unreadable', { rule: 'it was changed, or belongs to something else' })
  }
}

export const newKey = (): Uint8Array => randomBytes(KEY_BYTES)

/** Parts in an order, each with its length in front, so that no two lists of parts give the same bytes. */
export function joined(...parts: readonly string[]): Uint8Array {
  return Buffer.concat(
    parts.flatMap(part => {
      const bytes = Buffer.from(part, 'utf8')
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.byteLength)
      return [length, bytes]
    }),
  )
}
