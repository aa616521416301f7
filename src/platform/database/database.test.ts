import { type ColumnType, sql } from 'kysely'
import { Client } from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { silentLog } from '../log/log.ts'
import { type FreshDatabase, freshDatabase, freshTenant } from '../testing.ts'
import { createDatabase } from './database.ts'
import { roleUrl } from './roles.ts'
import { isolateTables } from './tenancy.ts'

declare module './schema.ts' {
  interface Schema {
    note: { tenant_id: ColumnType<string, string, never>; text: string; amount: string | null; at: number | null }
  }
}

let fresh: FreshDatabase
beforeAll(async () => {
  fresh = await freshDatabase({ connectionsMax: 2 })
  await fresh.asOwner('CREATE TABLE note (tenant_id uuid NOT NULL, text text UNIQUE, amount numeric(38,0), at bigint)')
  const client = new Client({ connectionString: fresh.ownerUrl })
  await client.connect()
  await isolateTables(client, { exempt: new Map(), appendOnly: new Set() })
  await client.end()
})

const write = (tenant = freshTenant(), text: string = tenant) =>
  fresh.db.tenant(tenant, tx => tx.insertInto('note').values({ tenant_id: tx.tenant, text }).execute())
const read = (tenant = freshTenant()) => fresh.db.tenant(tenant, tx => tx.selectFrom('note').selectAll().execute())

test('SC-56 every table with a tenant has forced row-level security and a policy', async () => {
  const open = await fresh.asOwner(`
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
    WHERE c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity
      AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant_isolation'))`)
  expect(open).toEqual([])
})

test('SC-56 the roles of the product own nothing and bypass nothing', async () => {
  const roles = await fresh.asOwner(`
    SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb AS strong,
      EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid) AS owns,
      EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid) AS member
    FROM pg_roles r WHERE rolname IN ('bourse_app', 'dispatcher') ORDER BY rolname`)
  expect(roles).toEqual([
    { rolname: 'bourse_app', strong: false, owns: false, member: false },
    { rolname: 'dispatcher', strong: false, owns: false, member: false },
  ])
})

test('SC-57 without a tenant there are no rows, and none can be written', async () => {
  await write()
  const client = new Client({ connectionString: roleUrl(fresh.ownerUrl, 'bourse_app') })
  await client.connect()
  expect((await client.query('SELECT * FROM note')).rows).toEqual([])
  await expect(client.query(`INSERT INTO note VALUES ('${freshTenant()}', 'x')`)).rejects.toThrow(/row-level security/)
  await client.end()
})

test('a tenant sees and writes its own rows only', async () => {
  const [ours, theirs] = [freshTenant(), freshTenant()]
  await write(ours)
  await write(theirs)
  expect((await read(ours)).map(row => row.text)).toEqual([ours])
  await expect(
    fresh.db.tenant(ours, tx => tx.insertInto('note').values({ tenant_id: theirs, text: 'forged' }).execute()),
  ).rejects.toThrow(/row-level security/)
})

test('SC-57 the tenant does not leak over pooled connections, after commit, refusal or a failed statement', async () => {
  const db = createDatabase({ url: roleUrl(fresh.ownerUrl, 'bourse_app'), connectionsMax: 1, log: silentLog })
  const tenant = freshTenant()
  const bound = () => db.platform(tx => sql<{ t: string }>`SELECT current_setting('app.tenant', true) AS t`.execute(tx))
  await db.tenant(tenant, async () => {})
  await expect(db.tenant(tenant, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  await expect(db.tenant(tenant, tx => sql`SELECT 1/0`.execute(tx))).rejects.toThrow(/division/)
  expect((await bound()).rows).toEqual([{ t: '00000000-0000-0000-0000-000000000000' }])
  await db.close()
})

test('what fails inside rolls back, and a swallowed failure cannot commit', async () => {
  const tenant = freshTenant()
  await expect(
    fresh.db.tenant(tenant, async tx => {
      await tx.insertInto('note').values({ tenant_id: tenant, text: 'half' }).execute()
      await sql`SELECT 1/0`.execute(tx).catch(() => {})
    }),
  ).rejects.toThrow(/nothing was committed/)
  expect(await read(tenant)).toEqual([])
})

test('a broken unique key is a state conflict', async () => {
  const tenant = freshTenant()
  await write(tenant)
  await expect(write(tenant)).rejects.toMatchObject({ code: 'state.conflict' })
})

test('int8 comes as a safe number, numeric as text', async () => {
  const tenant = freshTenant()
  await fresh.db.tenant(tenant, tx =>
    tx
      .insertInto('note')
      .values({ tenant_id: tenant, text: tenant, amount: `${'9'.repeat(38)}`, at: 1_750_000_000_000_001 })
      .execute(),
  )
  expect(await read(tenant)).toMatchObject([{ amount: '9'.repeat(38), at: 1_750_000_000_000_001 }])
})

test('a wrong address is one clear line that holds no password', async () => {
  const db = createDatabase({ url: 'postgresql://u:canary@127.0.0.1:1/x', connectionsMax: 1, log: silentLog })
  const failure = await db.ping().catch(error => error)
  expect(failure).toMatchObject({ code: 'database.unavailable', details: { field: 'DATABASE_URL' } })
  expect(failure.message).toMatch(/refused/)
  expect(failure.message).not.toContain('canary')
})

test('a wrong password is told as such', async () => {
  const url = new URL(fresh.ownerUrl)
  url.password = 'canary'
  const db = createDatabase({ url: url.href, connectionsMax: 1, log: silentLog })
  await expect(db.ping()).rejects.toThrow(/DATABASE_URL: the password is refused/)
})

test('a database that goes away during a transaction is unavailable, and the next transaction works again', async () => {
  const tenant = freshTenant()
  const cut = fresh.db.tenant(tenant, async tx => {
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx)
    await fresh.asOwner('SELECT pg_terminate_backend($1, 5000)', [rows[0]!.pid])
    await tx.selectFrom('note').selectAll().execute()
  })
  await expect(cut).rejects.toMatchObject({ code: 'database.unavailable' })
  await write(tenant)
  expect(await read(tenant)).toHaveLength(1)
})
