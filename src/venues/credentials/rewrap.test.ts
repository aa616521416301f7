import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ManualClock, type TenantId } from '../../kernel/index.ts'
import {
  createEnvelopes,
  type Envelopes,
  localKeys,
  readEvents,
  roleUrl,
  systemIds,
  tenantsWith,
} from '../../platform/index.ts'
import { type FreshDatabase, freshDatabase, freshTenant } from '../../platform/testing.ts'
import { signingKey, venueKey } from './key.ts'
import { rewrapAll } from './rewrap.ts'
import { createCredentials } from './service.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase()
})

let folder: string
/** Three tenants with two keys each. */
let kept: { tenant: TenantId; label: string }[]
const PER_TENANT = ['main', 'second']

/** As another process finds it. */
const credentials = (envelopes: Envelopes = createEnvelopes(localKeys(folder))) =>
  createCredentials({
    db: fresh.db,
    envelopes,
    readPermissions: async () => ({ read: true, trade: true, withdraw: false }),
    ids: systemIds(),
    clock: new ManualClock(1_763_726_400_000_000),
  })

/** The tenants of this test alone: others have their keys elsewhere. */
const tenants = async function* () {
  for await (const tenant of tenantsWith(roleUrl(fresh.ownerUrl, 'dispatcher'), 'credential.added'))
    if (kept.some(one => one.tenant === tenant)) yield tenant
}

const rewrap = (envelopes?: Envelopes) =>
  rewrapAll({ keys: localKeys(folder), credentials: credentials(envelopes), tenants })

const secrets = () =>
  Promise.all(
    kept.map(async ({ tenant, label }) => {
      const { key } = await credentials().open(tenant, { venue: 'kraken', label })
      return signingKey(key).secret === `secret ${tenant} ${label}`
    }),
  )

const versions = async () => {
  const rows = await fresh.asOwner<{ key_id: string }>(
    'SELECT DISTINCT key_id FROM venue_credential WHERE tenant_id = ANY($1::uuid[])',
    [kept.map(({ tenant }) => tenant)],
  )
  return rows.map(row => row.key_id)
}

/** Envelopes of a process that ends at its nth rewrapping. */
function killedAt(nth: number): Envelopes {
  const envelopes = createEnvelopes(localKeys(folder))
  let count = 0
  return {
    ...envelopes,
    rewrap(envelope, place) {
      count += 1
      if (count === nth) throw new Error('killed')
      return envelopes.rewrap(envelope, place)
    },
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bourse-rewrap-'))
  folders.push(folder)
  kept = []
  for (let i = 0; i < 3; i++) {
    const tenant = freshTenant()
    for (const label of PER_TENANT) {
      const key = venueKey({ apiKey: 'api', secret: `secret ${tenant} ${label}` })
      const facts = { venue: 'kraken', label, isTestnet: false, endpoint: null, isWithdrawAllowed: false } as const
      await credentials().add(tenant, { ...facts, key })
      kept.push({ tenant, label })
    }
  }
})

test('every key of every tenant is wrapped with a new version, opens as before, and its history says so', async () => {
  const [before] = await versions()
  const result = await rewrap()
  expect(result).toMatchObject({ isRotated: true, tenants: 3, rewrapped: 6, unreadable: [] })
  expect(await versions()).toEqual([result.keyId])
  expect(result.keyId).not.toBe(before)
  expect(await secrets()).toEqual(kept.map(() => true))
  const events = await fresh.db.tenant(kept[0]!.tenant, tx => readEvents(tx, { order: 'oldest first' }))
  expect(events.map(({ type }) => type).filter(type => type === 'credential.rewrapped')).toHaveLength(2)
  // The next time there is nothing unfinished: another version is made.
  expect(await rewrap()).toMatchObject({ isRotated: true, rewrapped: 6 })
})

test('broken off anywhere, all keys can be read; run again, it goes on without a further version', async () => {
  for (const nth of [1, 3, 6]) {
    await expect(rewrap(killedAt(nth))).rejects.toThrow('killed')
    const current = await localKeys(folder).currentKeyId()
    expect(await secrets()).toEqual(kept.map(() => true))
    expect(await rewrap()).toMatchObject({ keyId: current, isRotated: false, rewrapped: 6 - (nth - 1) })
    expect(await versions()).toEqual([current])
    expect(await secrets()).toEqual(kept.map(() => true))
  }
})

test('one that cannot be read is named, left as it is, and holds up no other', async () => {
  const [damaged] = kept
  await fresh.asOwner(
    'UPDATE venue_credential SET envelope = set_byte(envelope, length(envelope) - 1, get_byte(envelope, length(envelope) - 1) # 1) WHERE tenant_id = $1 AND label = $2',
    [damaged!.tenant, damaged!.label],
  )
  const result = await rewrap()
  expect(result).toMatchObject({ rewrapped: 5, unreadable: [{ ...damaged, venue: 'kraken' }] })
  expect(await versions()).toHaveLength(2)
  const events = await fresh.db.tenant(damaged!.tenant, tx => readEvents(tx, { order: 'newest first' }))
  expect(events.map(({ type }) => type)).toContain('credential.unreadable')
  await credentials().remove(damaged!.tenant, { venue: 'kraken', label: damaged!.label })
  expect(await versions()).toEqual([result.keyId])
})
