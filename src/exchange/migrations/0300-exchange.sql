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
