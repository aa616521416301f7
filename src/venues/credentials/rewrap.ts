import type { TenantId } from '../../kernel/index.ts'
import type { KeyProvider } from '../../platform/index.ts'
import type { CredentialName, Credentials } from './service.ts'

export interface RewrapResult {
  /** The version that everything readable is wrapped with now. */
  readonly keyId: string
  /** False where an earlier run was broken off and has been finished. */
  readonly isRotated: boolean
  readonly tenants: number
  readonly rewrapped: number
  /** They stay as they were, under their old version. */
  readonly unreadable: readonly (CredentialName & { readonly tenant: TenantId })[]
}

/**
 * Makes a new version of the wrapping key and wraps every key of every tenant with it. Broken off, it goes on where it was
 * when it is run again, without a further version; earlier versions are kept, so that everything can be read at any point.
 */
export async function rewrapAll(options: {
  readonly keys: KeyProvider
  readonly credentials: Pick<Credentials, 'wrappedWith' | 'rewrap'>
  readonly tenants: () => AsyncIterable<TenantId>
}): Promise<RewrapResult> {
  const { keys, credentials, tenants } = options
  const present = await keys.currentKeyId()
  let isUnfinished = false
  for await (const tenant of tenants())
    isUnfinished ||= (await credentials.wrappedWith(tenant)).some(keyId => keyId !== present)
  const keyId = isUnfinished ? present : await keys.rotate()
  const result = { keyId, isRotated: !isUnfinished, tenants: 0, rewrapped: 0 }
  const unreadable: RewrapResult['unreadable'][number][] = []
  for await (const tenant of tenants()) {
    const done = await credentials.rewrap(tenant, keyId)
    result.tenants += 1
    result.rewrapped += done.rewrapped
    unreadable.push(...done.unreadable.map(name => ({ tenant, ...name })))
  }
  return { ...result, unreadable }
}
