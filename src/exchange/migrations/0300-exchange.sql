-- The house exchange. Its journal is what happened, in order; everything else of it can be made again from that.

-- One row for each commit: the commands `first` to `last` of a shard. Written only by the owner of the lease
-- `exchange/<shard>`, who names its epoch in the same statement.
-- tenancy: append-only exchange_journal
CREATE TABLE exchange_journal (
  tenant_id uuid NOT NULL,
  shard integer NOT NULL CHECK (shard >= 0),
  first bigint NOT NULL CHECK (first > 0),
  last bigint NOT NULL CHECK (last >= first),
  epoch bigint NOT NULL,
  commands text NOT NULL, -- JSON: see src/exchange/shard/codec.ts
  PRIMARY KEY (tenant_id, shard, first)
);
-- Batches are read whole and written in a hurry: out of line, and without compression.
ALTER TABLE exchange_journal ALTER COLUMN commands SET STORAGE EXTERNAL;

-- A shard's state after the command `sequence`, so that a start need not replay everything.
CREATE TABLE exchange_snapshot (
  tenant_id uuid NOT NULL,
  shard integer NOT NULL,
  sequence bigint NOT NULL,
  hash text NOT NULL, -- SHA-256 of `state`, in hex
  state text NOT NULL,
  at bigint NOT NULL, -- microseconds UTC
  PRIMARY KEY (tenant_id, shard, sequence)
);

-- Projections of the journal, written in the order of its commands together with the ledger's postings. `sequence` says how far:
-- what is at or before it has been written, once.
CREATE TABLE exchange_checkpoint (
  tenant_id uuid NOT NULL,
  shard integer NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (tenant_id, shard)
);

CREATE TABLE exchange_order (
  tenant_id uuid NOT NULL,
  shard integer NOT NULL,
  id bigint NOT NULL, -- the number of the command that placed it
  owner text NOT NULL,
  pair text NOT NULL,
  client_id text NOT NULL,
  side text NOT NULL,
  type text NOT NULL,
  time_in_force text NOT NULL,
  post_only boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'open', 'filled', 'canceled', 'expired')),
  price numeric,
  trigger_price numeric,
  quantity numeric NOT NULL,
  display numeric,
  filled numeric NOT NULL,
  cost numeric NOT NULL, -- of what is filled, in the quote asset
  fees numeric NOT NULL, -- in the quote asset
  reason text,
  expire_at bigint,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, shard, id)
);
CREATE INDEX exchange_order_open ON exchange_order (tenant_id, owner) WHERE state IN ('waiting', 'open');
CREATE INDEX exchange_order_history ON exchange_order (tenant_id, owner, created_at DESC, id DESC);
CREATE INDEX exchange_order_client ON exchange_order (tenant_id, owner, client_id) WHERE client_id <> '';

-- One row for each side of a trade.
CREATE TABLE exchange_fill (
  tenant_id uuid NOT NULL,
  shard integer NOT NULL,
  sequence bigint NOT NULL, -- of the command that traded
  pair text NOT NULL,
  trade bigint NOT NULL,
  order_id bigint NOT NULL,
  owner text NOT NULL,
  client_id text NOT NULL,
  side text NOT NULL,
  price numeric NOT NULL,
  quantity numeric NOT NULL,
  fee numeric NOT NULL,
  liquidity text NOT NULL CHECK (liquidity IN ('maker', 'taker', 'auction')),
  at bigint NOT NULL,
  PRIMARY KEY (tenant_id, shard, pair, trade, order_id)
);
CREATE INDEX exchange_fill_owner ON exchange_fill (tenant_id, owner, at DESC, trade DESC);
CREATE INDEX exchange_fill_order ON exchange_fill (tenant_id, shard, order_id);

-- Money between a wallet and a trading account. One at a time for each account: its number is how the shard tells that it has
-- carried it out.
CREATE TABLE exchange_transfer (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  owner text NOT NULL,
  shard integer NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  asset text NOT NULL,
  amount numeric NOT NULL CHECK (amount > 0),
  state text NOT NULL CHECK (state IN ('requested', 'completed', 'failed')),
  reason text,
  requested_at bigint NOT NULL,
  finished_at bigint,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX exchange_transfer_one ON exchange_transfer (tenant_id, owner, shard) WHERE state = 'requested';
CREATE UNIQUE INDEX exchange_transfer_number ON exchange_transfer (tenant_id, owner, shard, number) WHERE state <> 'failed';
CREATE INDEX exchange_transfer_owner ON exchange_transfer (tenant_id, owner, requested_at DESC);
