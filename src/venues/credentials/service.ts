import { z } from 'zod'
import {
  AppError,
  accepted,
  type Clock,
  type ErrorCode,
  fold,
  type IdSource,
  isRefusal,
  type TenantId,
} from '../../kernel/index.ts'
import { appendEvents, type Database, type Envelopes, eventTypes, type TenantTx } from '../../platform/index.ts'
import type { Endpoint } from '../connector/endpoint.ts'
import { venueEvents } from '../events.ts'
import { type KeyPermissions, VENUE_NAMES, type VenueName } from '../port/index.ts'
import { type Credential, type CredentialCommand, type CredentialState, credentialDecider } from './credential.ts'
import { decodeKey, encodeKey, type VenueKey, withoutKey } from './key.ts'
import {
  CREDENTIALS_MAX,
  credentialNamed,
  credentialsOf,
  deleteCredential,
  type StoredCredential,
  saveCredential,
} from './store.ts'

/** Where a key is good for. */
export interface KeyPlace {
  readonly venue: VenueName
  readonly isTestnet: boolean
  readonly endpoint: Endpoint | null
}

/** Asks a venue what a key may do; its errors may quote anything, and are not passed on as they are. */
export type ReadPermissions = (place: KeyPlace, key: VenueKey) => Promise<KeyPermissions>

export interface CredentialName {
  readonly venue: VenueName
  readonly label: string
}

export interface NewCredential extends CredentialName {
  readonly key: VenueKey
  readonly isTestnet: boolean
  readonly endpoint: Endpoint | null
  readonly isWithdrawAllowed: boolean
}

export interface Tested {
  readonly credential: Credential
  /** In words, without anything of the key; null when it passed. */
  readonly reason: string | null
}

export interface Rewrapped {
  readonly rewrapped: number
  readonly unreadable: readonly CredentialName[]
}

export interface OpenCredential extends KeyPlace {
  readonly key: VenueKey
}

export interface CredentialsOptions {
  readonly db: Database
  readonly envelopes: Envelopes
  readonly readPermissions: ReadPermissions
  readonly ids: IdSource
  readonly clock: Clock
}

const PURPOSE = 'venue_credential'
const REASON_LENGTH_MAX = 300

const Name = z.strictObject({
  venue: z.enum(VENUE_NAMES, `is one of ${VENUE_NAMES.join(', ')}`),
  label: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,59}$/i, 'has 1 to 60 letters, digits, dots, hyphens or underscores'),
})

/** @throws AppError `request.invalid` naming the field */
export function credentialName(given: { venue: string; label: string }): CredentialName {
  const parsed = Name.safeParse(given)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(issue => ({ field: issue.path.join('.'), rule: issue.message }))
  throw new AppError('request.invalid', { faults })
}

export type Credentials = ReturnType<typeof createCredentials>

/** Keys to venues: encrypted where they lie, and shown to nobody but the connector that signs with them. */
export function createCredentials({ db, envelopes, readPermissions, ids, clock }: CredentialsOptions) {
  const types = eventTypes(venueEvents)
  const placeOf = (tenant: TenantId, name: CredentialName, id: string) => ({
    tenant,
    purpose: PURPOSE,
    record: `${name.venue}/${id}`,
  })

  /** Decides, writes the events, and gives what follows from them. */
  async function change(
    tx: TenantTx,
    name: CredentialName,
    stored: { id: string; sequence: number; state: CredentialState },
    command: CredentialCommand,
  ): Promise<{ state: CredentialState; sequence: number }> {
    const decision = credentialDecider.decide(stored.state, command)
    if (isRefusal(decision)) throw refusalOf(decision.refused as ErrorCode, name)
    const events = accepted(decision)
    await appendEvents(
      tx,
      events.map(({ type, at, ...rest }, index) => ({
        type,
        version: 1,
        tenant: tx.tenant,
        subject: `credential/${stored.id}`,
        sequence: stored.sequence + index + 1,
        at,
        data: 'facts' in rest ? rest.facts : rest,
      })),
      { ids, types },
    )
    return { state: fold(credentialDecider, events, stored.state), sequence: stored.sequence + events.length }
  }

  const kept = async (tx: TenantTx, name: CredentialName): Promise<StoredCredential> => {
    const found = await credentialNamed(tx, name.venue, name.label)
    if (found === undefined) throw refusalOf('credential.unknown', name)
    return found
  }

  /** Writes what a command makes of a credential that is there. */
  const update = (
    tenant: TenantId,
    name: CredentialName,
    command: CredentialCommand,
    sealed?: (stored: StoredCredential) => Promise<Uint8Array>,
  ): Promise<Credential> =>
    db.tenant(tenant, async tx => {
      const stored = await kept(tx, name)
      const { id, sequence, credential } = stored
      const next = await change(tx, name, { id, sequence, state: { state: 'kept', ...credential } }, command)
      if (next.state.state !== 'kept') {
        await deleteCredential(tx, id)
        return credential
      }
      const { state: _, ...changed } = next.state
      const envelope = await sealed?.(stored)
      await saveCredential(tx, {
        id,
        credential: changed,
        envelope: envelope ?? stored.envelope,
        // What lies there may be damaged, and is not looked into.
        keyId: envelope === undefined ? stored.keyId : envelopes.keyIdOf(envelope),
        sequence: next.sequence,
      })
      return changed
    })

  const noteUnreadable = (tenant: TenantId, name: CredentialName, error: AppError): Promise<Credential> => {
    const reason = String(error.details.rule).slice(0, REASON_LENGTH_MAX)
    return update(tenant, name, { type: 'find_unreadable', at: clock.now(), reason })
  }

  async function open(tenant: TenantId, name: CredentialName): Promise<OpenCredential> {
    const stored = await db.tenant(tenant, tx => kept(tx, name), { isolation: 'read committed' })
    const { id, credential, envelope } = stored
    const text = await envelopes.decrypt(envelope, placeOf(tenant, name, id)).catch(async (error: unknown) => {
      if (isUnreadable(error)) await noteUnreadable(tenant, name, error)
      throw error
    })
    const { venue, isTestnet, endpoint } = credential
    return { venue, isTestnet, endpoint, key: decodeKey(text) }
  }

  const ask = async (place: KeyPlace, key: VenueKey): Promise<KeyPermissions> => {
    try {
      return await readPermissions(place, key)
    } catch (error) {
      throw withoutSecrets(error, place.venue, key)
    }
  }

  return {
    /**
     * Takes a key, after asking the venue what it may do.
     * @throws AppError `credential.exists`, `credential.limit`, `venue.key_may_withdraw`, or `venue.*` when it cannot be asked
     */
    async add(tenant: TenantId, given: NewCredential): Promise<Credential> {
      const { key, ...facts } = given
      const permissions = await ask(given, key)
      const id = ids.next()
      const envelope = await envelopes.encrypt(encodeKey(key), placeOf(tenant, given, id))
      return db.tenant(tenant, async tx => {
        const present = await credentialsOf(tx)
        if (present.some(one => one.credential.venue === given.venue && one.credential.label === given.label))
          throw refusalOf('credential.exists', given)
        if (present.length >= CREDENTIALS_MAX)
          throw new AppError('credential.limit', { rule: `there are ${CREDENTIALS_MAX} at most` })
        const command = { type: 'add', at: clock.now(), facts: { ...facts, permissions } } as const
        const { state, sequence } = await change(tx, given, { id, sequence: 0, state: { state: 'none' } }, command)
        if (state.state !== 'kept') throw refusalOf('credential.unknown', given)
        const { state: _, ...credential } = state
        await saveCredential(tx, { id, credential, envelope, keyId: envelopes.keyIdOf(envelope), sequence })
        return credential
      })
    },

    list: (tenant: TenantId): Promise<Credential[]> =>
      db.tenant(tenant, async tx => (await credentialsOf(tx)).map(one => one.credential), { readOnly: true }),

    /** Asks the venue with the key, and records what came of it. @throws AppError `credential.unknown`, `secret.unreadable` */
    async test(tenant: TenantId, name: CredentialName): Promise<Tested> {
      const opened = await open(tenant, name)
      const asked = await ask(opened, opened.key).catch((error: unknown) => error as AppError)
      const result = asked instanceof AppError ? (asked.code === 'venue.refused' ? 'refused' : 'unavailable') : asked
      const credential = await update(tenant, name, { type: 'test', at: clock.now(), result })
      if (asked instanceof AppError) return { credential, reason: asked.message }
      return { credential, reason: credential.test?.outcome === 'may_withdraw' ? 'the key may withdraw now' : null }
    },

    /** A new key in the place of the old one, which is gone with it. @throws AppError as {@link add} does */
    async rotate(
      tenant: TenantId,
      name: CredentialName,
      key: VenueKey,
      { isWithdrawAllowed = false } = {},
    ): Promise<Credential> {
      const { credential } = await db.tenant(tenant, tx => kept(tx, name))
      const permissions = await ask(credential, key)
      const command = { type: 'rotate', at: clock.now(), permissions, isWithdrawAllowed } as const
      return update(tenant, name, command, ({ id }) => envelopes.encrypt(encodeKey(key), placeOf(tenant, name, id)))
    },

    /** The versions of the wrapping key that the tenant's keys are wrapped with. */
    wrappedWith: (tenant: TenantId): Promise<string[]> =>
      db.tenant(tenant, async tx => [...new Set((await credentialsOf(tx)).map(({ keyId }) => keyId))], {
        readOnly: true,
      }),

    /**
     * Wraps every key of the tenant with the current version of the wrapping key, each in a transaction of its own: broken
     * off at any point, all of them can be read, and the next time the rest is done. Gives what was done and what cannot
     * be read, which is an event as well.
     */
    async rewrap(tenant: TenantId, keyId: string): Promise<Rewrapped> {
      const stored = await db.tenant(tenant, tx => credentialsOf(tx), { readOnly: true })
      const unreadable: CredentialName[] = []
      let rewrapped = 0
      for (const { credential, keyId: present } of stored) {
        if (present === keyId) continue
        const { venue, label } = credential
        const name = { venue, label }
        try {
          await update(tenant, name, { type: 'rewrap', at: clock.now() }, ({ id, envelope }) =>
            envelopes.rewrap(envelope, placeOf(tenant, name, id)),
          )
          rewrapped += 1
        } catch (error) {
          if (error instanceof AppError && error.code === 'credential.unknown') continue
          if (!isUnreadable(error)) throw error
          await noteUnreadable(tenant, name, error)
          unreadable.push(name)
        }
      }
      return { rewrapped, unreadable }
    },

    /** @throws AppError `credential.unknown` */
    remove: (tenant: TenantId, name: CredentialName): Promise<Credential> =>
      update(tenant, name, { type: 'remove', at: clock.now() }),

    /** For a connector, to sign with. @throws AppError `credential.unknown`; `secret.unreadable`, which is an event as well */
    open,
  }
}

const isUnreadable = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === 'secret.unreadable'

function refusalOf(code: ErrorCode, { venue, label }: CredentialName): AppError {
  const field = `${venue} ${label}`
  if (code === 'venue.key_may_withdraw')
    return new AppError(code, {
      field,
      rule: 'the venue says that it may',
      fix: 'Make a key without that right, or say --allow-withdraw.',
    })
  return new AppError(code, { field })
}

/** What a venue or its client says in an error, without the key and without the causes that may hold it. */
function withoutSecrets(error: unknown, venue: VenueName, key: VenueKey): AppError {
  const isOurs = error instanceof AppError && error.code.startsWith('venue.')
  const code = isOurs ? error.code : 'venue.unavailable'
  const told =
    isOurs && typeof error.details.reason === 'string'
      ? error.details.reason
      : String((error as Error)?.message ?? error)
  const waitMs = isOurs && typeof error.details.waitMs === 'number' ? { waitMs: error.details.waitMs } : {}
  return new AppError(code, { field: venue, rule: withoutKey(told, key).slice(0, REASON_LENGTH_MAX), ...waitMs })
}
