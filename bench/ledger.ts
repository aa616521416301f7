import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TenantId } from '../src/kernel/index.ts'
import { type AccountId, type NewJournal, openAccounts, openAssets, postEach } from '../src/ledger/index.ts'
import {
  createDatabase,
  type Database,
  migrate,
  roleUrl,
  silentLog,
  startPostgres,
  systemClock,
  systemIds,
} from '../src/platform/index.ts'
import type { Figure } from './report.ts'

/**
 * Fills posted to the books, durably: each is one journal of five entries in two assets between two of 200 clients, and the
 * fee of each goes to the same account. Batches of 1,000 journals, one transaction each, from two writers: the next batch is made
 * ready while the one before it commits. The peer moves money as
 * pgledger does: one transfer a transaction in a function of PL/pgSQL that locks both accounts' rows, updates them and writes
 * the transfer and its two entries, from four connections, the fee account in each. The floor inserts the same entries into a
 * table of the same columns and indexes, without a trigger, in as large and as durable transactions, from two connections as well. Three rounds, the median.
 */
const JOURNALS = 40_000
const JOURNALS_PER_BATCH = 1_000
const WRITERS = 2
const ENTRIES_PER_JOURNAL = 5
const CLIENTS = 200
const PEER_TRANSFERS = 2_000
const PEER_CONNECTIONS = 4
const ROUNDS = 3
const clock = systemClock()
const ids = systemIds()

export async function run(): Promise<readonly Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bourse-bench-'))
  const postgres = await startPostgres({ dataDir, log: silentLog })
  const db = createDatabase({ url: roleUrl(postgres.url, 'bourse_app'), log: silentLog })
  const raw = new pg.Client({ connectionString: postgres.url })
  try {
    await migrate(postgres.url)
    await raw.connect()
    await raw.query(PEER)
    await raw.query('CREATE TABLE floor_entry (LIKE ledger_entry INCLUDING ALL)')
    const rates = { ours: [] as number[], peer: [] as number[], floor: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      rates.floor.push(await floorRate(postgres.url))
      rates.peer.push(await peerRate(postgres.url))
      rates.ours.push(await ledgerRate(db))
    }
    return [
      {
        metric: 'entriesPerSecond',
        value: median(rates.ours),
        unit: 'entries/s',
        goal: 40_000,
        ratioGoal: 20,
        peer: 'pgledger’s way, one transfer a transaction',
        peerValue: median(rates.peer),
        floor: 'raw multi-row inserts',
        floorValue: median(rates.floor),
      },
    ]
  } finally {
    await raw.end()
    await db.close()
    await postgres.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const perSecond = (count: number, started: number): number => (count * 1_000) / (performance.now() - started)

/** Every batch once, by its first number, from as many writers as there are. */
async function inBatches(write: (from: number, writer: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const work = async (_: unknown, writer: number) => {
    while (next < JOURNALS) {
      const from = next
      next += JOURNALS_PER_BATCH
      await write(from, writer)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, work))
}

async function ledgerRate(db: Database): Promise<number> {
  const tenant = ids.next() as TenantId
  const clients = Array.from({ length: CLIENTS }, (_, i) => `client-${i}`)
  const trading = (asset: string) =>
    clients.map(owner => ({ kind: 'client_trading' as const, owner, asset, shard: 'main' }))
  const opened = await db.tenant(tenant, async tx => {
    await openAssets(tx, [
      { code: 'USD', scale: 2 },
      { code: 'BTC', scale: 8 },
    ])
    const outside = ['USD', 'BTC'].map(asset => ({ kind: 'outside' as const, owner: 'bank', asset, minimum: null }))
    const fees = { kind: 'clearing' as const, owner: 'fees', asset: 'USD' }
    return openAccounts(tx, [...trading('USD'), ...trading('BTC'), ...outside, fees], ids)
  })
  const id = opened.map(account => account.id)
  const [usd, btc, [outUsd, outBtc, fees]] = [
    id.slice(0, CLIENTS),
    id.slice(CLIENTS, 2 * CLIENTS),
    id.slice(2 * CLIENTS),
  ]
  const deposit = (account: AccountId, from: AccountId, asset: string, i: number): NewJournal => ({
    key: `deposit/${asset}/${i}`,
    kind: 'deposit',
    at: clock.now(),
    lines: [
      { account: from, asset, amount: -(10n ** 15n) },
      { account, asset, amount: 10n ** 15n },
    ],
  })
  const deposits = [
    ...usd.map((account, i) => deposit(account, outUsd!, 'USD', i)),
    ...btc.map((account, i) => deposit(account, outBtc!, 'BTC', i)),
  ]
  await postEach(db, tenant, deposits, ids)
  const fill = (n: number): NewJournal => {
    const [buyer, seller] = [n % CLIENTS, (n * 7 + 1 + (n % 3)) % CLIENTS]
    const [quantity, cost, fee] = [1_000n + BigInt(n % 977), 60_000n + BigInt(n % 4_999), 60n]
    return {
      key: `fill/${n}`,
      kind: 'trade',
      at: clock.now(),
      cause: `main/${n}`,
      lines: [
        { account: usd[buyer]!, asset: 'USD', amount: -(cost + fee) },
        { account: usd[seller]!, asset: 'USD', amount: cost },
        { account: fees!, asset: 'USD', amount: fee },
        { account: btc[seller]!, asset: 'BTC', amount: -quantity },
        { account: btc[buyer]!, asset: 'BTC', amount: quantity },
      ],
    }
  }
  const started = performance.now()
  await inBatches(async from => {
    const batch = Array.from({ length: JOURNALS_PER_BATCH }, (_, i) => fill(from + i))
    const outcomes = await postEach(db, tenant, batch, ids)
    if (outcomes.some(({ outcome }) => outcome !== 'posted')) throw new Error('a fill was not posted')
  })
  return perSecond(JOURNALS * ENTRIES_PER_JOURNAL, started)
}

/** After pgledger (github.com/pgr0ss/pgledger, MIT): its tables, indexes and the order of its statements. */
const PEER = `
  CREATE TABLE peer_account (id uuid PRIMARY KEY, name text NOT NULL, currency text NOT NULL, balance numeric NOT NULL,
    version bigint NOT NULL, allow_negative boolean NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);
  CREATE TABLE peer_transfer (id uuid PRIMARY KEY, from_account_id uuid NOT NULL REFERENCES peer_account (id),
    to_account_id uuid NOT NULL REFERENCES peer_account (id), amount numeric NOT NULL CHECK (amount > 0),
    created_at timestamptz NOT NULL, event_at timestamptz NOT NULL, metadata jsonb);
  CREATE INDEX ON peer_transfer (from_account_id);
  CREATE INDEX ON peer_transfer (to_account_id);
  CREATE TABLE peer_entry (id uuid PRIMARY KEY, account_id uuid NOT NULL REFERENCES peer_account (id),
    transfer_id uuid NOT NULL REFERENCES peer_transfer (id), amount numeric NOT NULL, account_previous_balance numeric NOT NULL,
    account_current_balance numeric NOT NULL, account_version bigint NOT NULL, created_at timestamptz NOT NULL);
  CREATE INDEX ON peer_entry (account_id);
  CREATE INDEX ON peer_entry (transfer_id);
  CREATE FUNCTION peer_move(source uuid, target uuid, moved numeric) RETURNS uuid LANGUAGE plpgsql AS $$
  DECLARE
    giver peer_account;
    taker peer_account;
    transfer uuid := gen_random_uuid();
  BEGIN
    PERFORM 1 FROM peer_account WHERE id IN (source, target) ORDER BY id FOR UPDATE;
    INSERT INTO peer_transfer VALUES (transfer, source, target, moved, now(), now(), null);
    UPDATE peer_account SET balance = balance - moved, version = version + 1, updated_at = now()
      WHERE id = source RETURNING * INTO giver;
    IF giver.balance < 0 AND NOT giver.allow_negative THEN RAISE EXCEPTION 'too little'; END IF;
    UPDATE peer_account SET balance = balance + moved, version = version + 1, updated_at = now()
      WHERE id = target RETURNING * INTO taker;
    INSERT INTO peer_entry VALUES (gen_random_uuid(), source, transfer, -moved, giver.balance + moved, giver.balance, giver.version, now());
    INSERT INTO peer_entry VALUES (gen_random_uuid(), target, transfer, moved, taker.balance - moved, taker.balance, taker.version, now());
    RETURN transfer;
  END $$`

async function peerRate(url: string): Promise<number> {
  const clients = Array.from({ length: PEER_CONNECTIONS }, () => new pg.Client({ connectionString: url }))
  await Promise.all(clients.map(client => client.connect()))
  try {
    const accounts = Array.from({ length: CLIENTS + 1 }, () => ids.next())
    await clients[0]!.query(
      `INSERT INTO peer_account SELECT id, 'client', 'USD', 1e15, 0, false, now(), now() FROM unnest($1::uuid[]) AS id`,
      [accounts],
    )
    const fees = accounts[CLIENTS]
    const started = performance.now()
    const work = clients.map(async (client, c) => {
      for (let n = c; n < PEER_TRANSFERS; n += PEER_CONNECTIONS)
        await client.query('SELECT peer_move($1, $2, $3)', [accounts[n % CLIENTS], fees, 60])
    })
    await Promise.all(work)
    return perSecond(PEER_TRANSFERS * 2, started)
  } finally {
    await Promise.all(clients.map(client => client.end()))
  }
}

async function floorRate(url: string): Promise<number> {
  const clients = Array.from({ length: WRITERS }, () => new pg.Client({ connectionString: url }))
  await Promise.all(clients.map(client => client.connect()))
  const [tenant, accounts] = [ids.next(), Array.from({ length: 2 * CLIENTS }, () => ids.next())]
  const started = performance.now()
  await inBatches((from, writer) => {
    const numbers = Array.from(
      { length: JOURNALS_PER_BATCH * ENTRIES_PER_JOURNAL },
      (_, i) => from * ENTRIES_PER_JOURNAL + i,
    )
    const journals = Array.from({ length: JOURNALS_PER_BATCH }, () => ids.next())
    return clients[writer]!.query(
      `INSERT INTO floor_entry SELECT $1, e.*, $8 FROM unnest($2::uuid[], $3::int[], $4::uuid[], $5::text[],
        $6::numeric[], $6::numeric[], $7::bigint[]) AS e`,
      [
        tenant,
        numbers.map((_, i) => journals[Math.floor(i / ENTRIES_PER_JOURNAL)]),
        numbers.map(n => n % ENTRIES_PER_JOURNAL),
        numbers.map(n => accounts[(n * 7) % accounts.length]),
        numbers.map(n => (n % ENTRIES_PER_JOURNAL < 3 ? 'USD' : 'BTC')),
        numbers.map(n => `${60_000 + (n % 4_999)}`),
        numbers,
        clock.now(),
      ],
    )
  })
  const rate = perSecond(JOURNALS * ENTRIES_PER_JOURNAL, started)
  await Promise.all(clients.map(client => client.end()))
  return rate
}
