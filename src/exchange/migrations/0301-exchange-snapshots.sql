-- A state is stored packed (gzip) and in parts. What was stored before is made again from the journal.
DELETE FROM exchange_snapshot;
ALTER TABLE exchange_snapshot DROP COLUMN state; -- `hash` is that of the text
CREATE TABLE exchange_snapshot_part (
  tenant_id uuid NOT NULL,
  shard integer NOT NULL,
  sequence bigint NOT NULL,
  part integer NOT NULL, -- from 0
  state bytea NOT NULL,
  PRIMARY KEY (tenant_id, shard, sequence, part),
  FOREIGN KEY (tenant_id, shard, sequence) REFERENCES exchange_snapshot (tenant_id, shard, sequence) ON DELETE CASCADE
);
ALTER TABLE exchange_snapshot_part ALTER COLUMN state SET STORAGE EXTERNAL;
