-- A state is stored packed (gzip). What was stored before is made again from the journal.
DELETE FROM exchange_snapshot;
ALTER TABLE exchange_snapshot DROP COLUMN state;
ALTER TABLE exchange_snapshot ADD COLUMN state bytea NOT NULL; -- `hash` is that of the text in it
ALTER TABLE exchange_snapshot ALTER COLUMN state SET STORAGE EXTERNAL;
