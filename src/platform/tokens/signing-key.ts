import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** An Ed25519 key pair for access tokens; `id` is derived from the public key. */
export interface SigningKey {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

function keyOf(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey)
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 16)
  return { id, privateKey, publicKey }
}

/** A key that lives in this process only: for tests. */
export const ephemeralSigningKey = (): SigningKey => keyOf(generateKeyPairSync('ed25519').privateKey)

/** The key in `<dataDir>/keys`, readable by its owner only; made at the first start. */
export function signingKeyIn(dataDir: string): SigningKey {
  const folder = join(dataDir, 'keys')
  const file = join(folder, 'access-token.pem')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!existsSync(file)) {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
    writeFileSync(file, pem, { mode: 0o600, flag: 'wx' })
  }
  return keyOf(createPrivateKey(readFileSync(file)))
}
