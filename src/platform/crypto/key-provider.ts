/**
 * Keeps the keys that wrap data keys, and never gives them out: a file here, a hardware module elsewhere. `context` is bound
 * to what is wrapped: with another one it does not unwrap.
 */
export interface KeyProvider {
  /** The version of the key that wraps from now on. */
  currentKeyId(): Promise<string>
  /** Wraps 32 bytes with the current version. */
  wrap(dataKey: Uint8Array, context: Uint8Array): Promise<WrappedKey>
  /** @throws AppError `secret.unreadable` for an unknown version, another context, or anything that was changed */
  unwrap(wrapped: WrappedKey, context: Uint8Array): Promise<Uint8Array>
  /** Makes a new version the current one; earlier ones still unwrap. Gives its id. */
  rotate(): Promise<string>
}

export interface WrappedKey {
  readonly keyId: string
  readonly bytes: Uint8Array
}
