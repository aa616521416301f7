import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshDatabase } from '../testing.ts'
import { migrate, migrationFolders, readMigrations } from './migrate.ts'
import { tenancyNotes } from './tenancy.ts'

function folderWith(files: Record<string, string>): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'bourse-sql-')), 'sample', 'migrations')
  mkdirSync(folder, { recursive: true })
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql)
  return folder
}

const rights = `SELECT privilege_type AS right FROM information_schema.role_table_grants
  WHERE table_name = $1 AND grantee = 'bourse_app' ORDER BY 1`

test('a new table with a tenant is isolated and granted by default', async () => {
  const fresh = await freshDatabase()
  const folder = folderWith({
    '0001-a.sql': 'CREATE TABLE plain (tenant_id uuid NOT NULL); CREATE TABLE without (id int)',
    '0002-b.sql': '-- tenancy: append-only grow\nCREATE TABLE grow (tenant_id uuid NOT NULL)',
  })
  expect(await migrate(fresh.ownerUrl, [folder])).toEqual(['sample/0001-a.sql', 'sample/0002-b.sql'])
  expect((await fresh.asOwner(rights, ['plain'])).map(row => row.right)).toEqual([
    'DELETE',
    'INSERT',
    'SELECT',
    'UPDATE',
  ])
  expect((await fresh.asOwner(rights, ['grow'])).map(row => row.right)).toEqual(['INSERT', 'SELECT'])
  expect(await fresh.asOwner(rights, ['without'])).toEqual([])
  expect(await migrate(fresh.ownerUrl, [folder])).toEqual([])
})

test('an exemption shows in the SQL with its reason', async () => {
  const fresh = await freshDatabase()
  const folder = folderWith({
    '0001-a.sql': '-- tenancy: exempt shared: everybody reads it\nCREATE TABLE shared (tenant_id uuid)',
  })
  await migrate(fresh.ownerUrl, [folder])
  expect(await fresh.asOwner(`SELECT relrowsecurity AS on FROM pg_class WHERE relname = 'shared'`)).toEqual([
    { on: false },
  ])
  expect(() => tenancyNotes([{ name: 'x', sql: '-- tenancy: exempt shared' }])).toThrow(/reason/)
})

test('a file that fails leaves nothing of itself and names the fault', async () => {
  const fresh = await freshDatabase()
  const folder = folderWith({ '0001-a.sql': 'CREATE TABLE half (id int); SELECT nonsense' })
  await expect(migrate(fresh.ownerUrl, [folder])).rejects.toMatchObject({
    code: 'database.migration_failed',
    details: { field: 'sample/0001-a.sql' },
  })
  expect(await fresh.asOwner(`SELECT to_regclass('half') AS t`)).toEqual([{ t: null }])
})

test('a file changed after it was applied is refused', async () => {
  const fresh = await freshDatabase()
  const folder = folderWith({ '0001-a.sql': 'SELECT 1' })
  await migrate(fresh.ownerUrl, [folder])
  writeFileSync(join(folder, '0001-a.sql'), 'SELECT 2')
  await expect(migrate(fresh.ownerUrl, [folder])).rejects.toThrow(/changed after/)
})

test('concurrent migrations apply each file once', async () => {
  const fresh = await freshDatabase()
  const folder = folderWith({ '0001-a.sql': 'CREATE TABLE once (id int)' })
  const applied = await Promise.all([1, 2, 3].map(() => migrate(fresh.ownerUrl, [folder])))
  expect(applied.flat()).toEqual(['sample/0001-a.sql'])
})

test('the files of the product are well named and their notes understood', () => {
  const files = readMigrations(migrationFolders())
  expect(files.length).toBeGreaterThan(0)
  expect(() => tenancyNotes(files)).not.toThrow()
})
