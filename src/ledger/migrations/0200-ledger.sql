-- The books. An amount is a whole number of the asset's smallest unit; what comes in is positive. An account's balance is what
-- the house owes its owner, so that `outside`, where money comes from, is below zero and everything together is zero.
-- The application reads these tables and opens accounts; it moves money through `ledger_post` alone (see also 0201).

-- tenancy: append-only ledger_asset
CREATE TABLE ledger_asset (
  tenant_id uuid NOT NULL,
  code text NOT NULL CHECK (code ~ '^[A-Z0-9]{1,20}$'),
  scale smallint NOT NULL CHECK (scale BETWEEN 0 AND 30), -- decimals of the smallest unit; never changed
  PRIMARY KEY (tenant_id, code)
);

CREATE TABLE ledger_account (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  asset text NOT NULL,
  kind text NOT NULL CHECK (kind IN
    ('client_wallet', 'client_trading', 'client_held', 'house_fees', 'house_equity', 'clearing', 'outside')),
  owner text NOT NULL CHECK (length(owner) BETWEEN 1 AND 120), -- the client, or the name of one of the house's accounts
  shard text, -- of the exchange, for client_trading
  minimum numeric(38, 0) DEFAULT 0, -- null: none
  balance numeric(38, 0) NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 0, -- entries so far
  updated_at bigint NOT NULL DEFAULT 0, -- of the last entry, microseconds UTC
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, asset) REFERENCES ledger_asset (tenant_id, code),
  -- The tenant comes last: with it in front, plans made before there are statistics take this index to find an id.
  CONSTRAINT ledger_account_one UNIQUE NULLS NOT DISTINCT (owner, kind, asset, shard, tenant_id),
  CONSTRAINT ledger_account_shard CHECK ((kind = 'client_trading') = (shard IS NOT NULL)),
  CONSTRAINT ledger_account_may_owe CHECK (kind IN ('clearing', 'outside') OR minimum IS NOT DISTINCT FROM 0),
  CONSTRAINT ledger_account_minimum CHECK (balance >= minimum)
) WITH (fillfactor = 50);

-- tenancy: append-only ledger_journal
CREATE TABLE ledger_journal (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  kind text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_.]{0,59}$'),
  input_hash bytea NOT NULL CHECK (length(input_hash) = 32),
  at bigint NOT NULL, -- microseconds UTC; never before an earlier journal of one of its accounts
  cause text CHECK (length(cause) BETWEEN 1 AND 200),
  reverses uuid,
  hold_id uuid, -- the hold that it places (its own id), captures or voids
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(), -- with the id, the order in which journals are sealed
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT ledger_journal_key UNIQUE (tenant_id, key)
);
CREATE UNIQUE INDEX ledger_journal_reverses ON ledger_journal (tenant_id, reverses) WHERE reverses IS NOT NULL;
CREATE INDEX ledger_journal_cause ON ledger_journal (tenant_id, cause, xid, id) WHERE cause IS NOT NULL;
CREATE INDEX ledger_journal_order ON ledger_journal (tenant_id, xid, id);

-- No foreign keys: only `ledger_post` writes, and it joins both. The verifier looks for what should be impossible.
-- tenancy: append-only ledger_entry
CREATE TABLE ledger_entry (
  tenant_id uuid NOT NULL,
  journal_id uuid NOT NULL,
  line integer NOT NULL,
  account_id uuid NOT NULL,
  asset text NOT NULL,
  amount numeric(38, 0) NOT NULL CHECK (amount <> 0),
  balance_after numeric(38, 0) NOT NULL,
  account_version bigint NOT NULL,
  at bigint NOT NULL, -- the journal's; never falls as the versions of an account rise
  PRIMARY KEY (tenant_id, journal_id, line),
  CONSTRAINT ledger_entry_version UNIQUE (tenant_id, account_id, account_version)
);

-- Money set aside: it lies in a client_held account until it is captured, voided or out of time. Its id is that of the journal
-- that placed it; `remaining` moves with the lines that journals of this hold have on the held account, and by nothing else.
CREATE TABLE ledger_hold (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  account_id uuid NOT NULL, -- where it came from, and goes when voided
  held_id uuid NOT NULL,
  asset text NOT NULL,
  amount numeric(38, 0) NOT NULL CHECK (amount > 0),
  remaining numeric(38, 0) NOT NULL,
  expires_at bigint, -- microseconds UTC; null: never
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT ledger_hold_remaining CHECK (remaining >= 0 AND remaining <= amount)
) WITH (fillfactor = 70);
CREATE INDEX ledger_hold_due ON ledger_hold (tenant_id, expires_at) WHERE remaining > 0;

-- A hash chain over the journals in the order (xid, id): each seal covers those after the one before it.
-- tenancy: append-only ledger_seal
CREATE TABLE ledger_seal (
  tenant_id uuid NOT NULL,
  sequence bigint NOT NULL CHECK (sequence >= 1),
  from_journal uuid NOT NULL,
  to_xid xid8 NOT NULL,
  to_journal uuid NOT NULL,
  journals integer NOT NULL CHECK (journals > 0),
  previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
  hash bytea NOT NULL CHECK (length(hash) = 32),
  at bigint NOT NULL, -- microseconds UTC
  PRIMARY KEY (tenant_id, sequence)
);

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what is in % stays as it is', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['ledger_asset', 'ledger_journal', 'ledger_entry', 'ledger_seal'] LOOP
    EXECUTE format('CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
      FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['ledger_account', 'ledger_hold'] LOOP
    EXECUTE format('CREATE TRIGGER lasting BEFORE DELETE OR TRUNCATE ON %I
      FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()', name);
  END LOOP;
END $$;
CREATE TRIGGER immutable BEFORE UPDATE OF tenant_id, id, asset, kind, owner, shard, minimum ON ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER immutable BEFORE UPDATE OF tenant_id, id, account_id, held_id, asset, amount, expires_at ON ledger_hold
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- All lines of a journal come in one statement, so that each statement is balanced by itself.
CREATE FUNCTION ledger_check_sums() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  unbalanced uuid;
BEGIN
  SELECT e.journal_id INTO unbalanced FROM added e
  GROUP BY e.tenant_id, e.journal_id, e.asset HAVING sum(e.amount) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the lines of a journal do not add up to zero' USING ERRCODE = 'BL002', DETAIL = unbalanced;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zero_sum AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_sums();

-- The tenant of the transaction: never an argument, so that no caller can name another.
CREATE FUNCTION ledger_tenant() RETURNS uuid LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
BEGIN
  IF tenant IS NULL THEN
    RAISE EXCEPTION 'the transaction belongs to no tenant' USING ERRCODE = '42501';
  END IF;
  RETURN tenant;
END $$;

-- Locks accounts in the order of their ids, as everybody does; tells when the last of them was moved, and of one that is missing.
CREATE FUNCTION ledger_lock(accounts uuid[], OUT latest bigint, OUT missing text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  tenant uuid := ledger_tenant();
BEGIN
  SELECT coalesce(max(a.updated_at), 0), min(w.id::text) FILTER (WHERE a.id IS NULL) INTO latest, missing
  FROM (SELECT DISTINCT u AS id FROM unnest(accounts) AS u ORDER BY u) AS w
  LEFT JOIN LATERAL (
    SELECT a.id, a.updated_at FROM ledger_account a WHERE a.tenant_id = tenant AND a.id = w.id FOR NO KEY UPDATE) AS a ON true;
END $$;

-- The version of an account at a moment, 0 before its first entry: by bisection, since times never fall as versions rise.
CREATE FUNCTION ledger_version_at(account uuid, moment bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  tenant uuid := ledger_tenant();
  low bigint := 0;
  high bigint := (SELECT a.version FROM ledger_account a WHERE a.tenant_id = tenant AND a.id = account);
  middle bigint;
BEGIN
  WHILE low < high LOOP
    middle := (low + high + 1) / 2;
    IF (SELECT e.at FROM ledger_entry e
        WHERE e.tenant_id = tenant AND e.account_id = account AND e.account_version = middle) <= moment THEN
      low := middle;
    ELSE
      high := middle - 1;
    END IF;
  END LOOP;
  RETURN low;
END $$;
