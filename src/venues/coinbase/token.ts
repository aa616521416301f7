import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto'

/** How long a token is good for: https://docs.cdp.coinbase.com/coinbase-app/authentication-authorization/api-key-authentication */
const TOKEN_SECONDS = 120

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * Tokens for Coinbase, signed ES256 by Node's own cryptography: ccxt's does it in JavaScript, and takes as long as a venue
 * is away. `uri` is the method and the address of a call, without scheme and query; a stream's token has none.
 */
export function coinbaseTokens(apiKey: string, secret: string): (seconds: number, uri: string | null) => string {
  let key: KeyObject | null = null
  let issued = 0
  return (seconds, uri) => {
    key ??= createPrivateKey(secret.replaceAll('\\n', '\n'))
    const nonce = createHash('sha256').update(`${secret}:${seconds}:${issued++}`).digest('hex').slice(0, 32)
    const header = { alg: 'ES256', typ: 'JWT', kid: apiKey, nonce }
    const claims = {
      sub: apiKey,
      iss: 'cdp',
      nbf: seconds,
      iat: seconds,
      exp: seconds + TOKEN_SECONDS,
      ...(uri === null ? {} : { uri }),
    }
    const signed = `${encode(header)}.${encode(claims)}`
    const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
    return `${signed}.${signature.toString('base64url')}`
  }
}
