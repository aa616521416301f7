import type { Client } from 'pg'
import { AppError } from '../../kernel/index.ts'

/** What the SQL files say about tenancy beyond the default. */
export interface TenancyNotes {
  /** Tables that row-level security leaves alone, each with its reason. */
  readonly exempt: ReadonlyMap<string, string>
  /** Tables whose rows are never changed or deleted. */
  readonly appendOnly: ReadonlySet<string>
}

const NOTE = /^--\s*tenancy:\s*(.*)$/gm
const EXEMPT = /^exempt\s+(\w+):\s*(\S.*)$/
const APPEND_ONLY = /^append-only\s+(\w+)\s*$/

/** Reads the `-- tenancy:` lines. @throws AppError `database.migration_failed` for a line that is not understood. */
export function tenancyNotes(files: readonly { name: string; sql: string }[]): TenancyNotes {
  const exempt = new Map<string, string>()
  const appendOnly = new Set<string>()
  for (const { name, sql } of files)
    for (const [, note = ''] of sql.matchAll(NOTE)) {
      const exemption = EXEMPT.exec(note)
      const append = APPEND_ONLY.exec(note)
      if (exemption) exempt.set(exemption[1]!, exemption[2]!)
      else if (append) appendOnly.add(append[1]!)
      else
        throw new AppError('database.migration_failed', {
          field: name,
          rule: `the line "-- tenancy: ${note}" is neither "exempt <table>: <reason>" nor "append-only <table>"`,
        })
    }
  return { exempt, appendOnly }
}

/** Every table with a tenant, and whether its policy is there. Partitions are listed too: nobody may go round the parent. */
const TENANT_TABLES = `
  SELECT c.relname AS name, c.relispartition AS "isPartition"
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant_isolation')
  ORDER BY c.relname`

/** Isolation is the default: every table with `tenant_id` gets forced row-level security, the policy and the grants. */
export async function isolateTables(client: Client, notes: TenancyNotes): Promise<void> {
  const { rows } = await client.query<{ name: string; isPartition: boolean }>(TENANT_TABLES)
  for (const { name, isPartition } of rows) {
    if (notes.exempt.has(name)) continue
    const table = client.escapeIdentifier(name)
    const own = `tenant_id = nullif(current_setting('app.tenant', true), '')::uuid`
    await client.query(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant_isolation ON ${table} USING (${own}) WITH CHECK (${own})`)
    if (isPartition) continue
    const rights = notes.appendOnly.has(name) ? 'SELECT, INSERT' : 'SELECT, INSERT, UPDATE, DELETE'
    await client.query(`GRANT ${rights} ON ${table} TO bourse_app`)
  }
}
