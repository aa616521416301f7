-- Posts as before, with less to do while the locks are held: the accounts come once each, `line_accounts` counts from 1 into them,
-- and each is looked up once instead of line by line.
DROP FUNCTION ledger_post(uuid[], text[], text[], text[], bigint[], text[], uuid[], uuid[], bigint[],
  integer[], integer[], uuid[], text[], numeric[]);

-- Posts journals in their order, all or none, and tells of each, in that order, its id and whether it is new: a key that is there
-- with the same contents answers as before. What needs no lock comes before the locks, since whoever holds those of a busy
-- account keeps everybody else waiting: so a journal has the time that was asked for, and its entries are booked then or, where an
-- account has later ones, with those. Lines come as columns; `line_journals` counts from 1 into the journals.
-- A line must leave its account at or above its minimum. Raises, with what is at fault as DETAIL:
-- BL001 too little money (account), BL002 lines that are not balanced (journal), BL003 no such account with that asset (account),
-- BL004 client's and house's funds in one journal (journal), BL005 the key has other contents (key), BL006 reversed already or
-- not a reversal (journal), BL007 a line on a held account without its hold (journal).
CREATE FUNCTION ledger_post(
  ids uuid[], keys text[], kinds text[], hashes text[], times bigint[], causes text[], reversed uuid[],
  holds uuid[], hold_ends bigint[],
  accounts uuid[],
  line_journals integer[], line_numbers integer[], line_accounts integer[], line_assets text[], line_amounts numeric[]
) RETURNS TABLE (id uuid, fresh boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  tenant uuid := ledger_tenant();
  earliest bigint;
  booked bigint[]; -- when each journal was asked for; null for one that was there
  news uuid[];
  counted record;
  lost text;
BEGIN
  IF cardinality(ids) <> (SELECT count(DISTINCT i) FROM unnest(ids) AS i) THEN
    RAISE EXCEPTION 'every journal has its own id' USING ERRCODE = 'BL002', DETAIL = ids[1];
  END IF;
  WITH inserted AS (
    INSERT INTO ledger_journal (tenant_id, id, key, kind, input_hash, at, cause, reverses, hold_id)
    SELECT tenant, j.id, j.key, j.kind, decode(j.hash, 'hex'), max(j.at) OVER (ORDER BY j.n),
      j.cause, j.reverses, j.hold
    FROM unnest(ids, keys, kinds, hashes, times, causes, reversed, holds) WITH ORDINALITY
      AS j (id, key, kind, hash, at, cause, reverses, hold, n)
    ORDER BY j.key -- as everybody does, so that nobody waits in a circle
    ON CONFLICT DO NOTHING
    RETURNING ledger_journal.id, ledger_journal.at
  )
  SELECT array_agg(i.at ORDER BY j.n), coalesce(array_agg(i.id) FILTER (WHERE i.id IS NOT NULL), '{}') INTO booked, news
  FROM unnest(ids) WITH ORDINALITY AS j (id, n) LEFT JOIN inserted i ON i.id = j.id;
  IF cardinality(news) < cardinality(ids) THEN
    SELECT k.key INTO lost FROM unnest(keys, hashes) AS k (key, hash)
    JOIN ledger_journal j ON j.tenant_id = tenant AND j.key = k.key
    WHERE j.input_hash <> decode(k.hash, 'hex') LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'the key was used with other contents' USING ERRCODE = 'BL005', DETAIL = lost;
    END IF;
    SELECT coalesce(k.reverses, k.id) INTO lost FROM unnest(ids, keys, reversed) AS k (id, key, reverses)
    WHERE NOT EXISTS (SELECT FROM ledger_journal j WHERE j.tenant_id = tenant AND j.key = k.key) LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'the journal has been reversed, or its id is taken' USING ERRCODE = 'BL006', DETAIL = lost;
    END IF;
  END IF;

  SELECT l.latest, l.missing INTO earliest, lost FROM ledger_lock(accounts) AS l;
  IF lost IS NOT NULL THEN
    RAISE EXCEPTION 'there is no such account' USING ERRCODE = 'BL003', DETAIL = lost;
  END IF;
  -- Accounts are looked up one by one and updated by where they lie: they are locked, and no plan can become slow.
  WITH account AS MATERIALIZED (
    SELECT w.n, a.ctid AS place, a.id, a.asset, a.minimum, a.balance, a.version, a.funds
    FROM unnest(accounts) WITH ORDINALITY AS w (id, n)
    CROSS JOIN LATERAL (
      SELECT a.ctid, a.*, CASE WHEN a.kind = 'client_held' THEN 5 WHEN a.kind ^@ 'client' THEN 1 WHEN a.kind ^@ 'house' THEN 2 ELSE 0 END AS funds
      FROM ledger_account a WHERE a.tenant_id = tenant AND a.id = w.id LIMIT 1) AS a
  ), line AS MATERIALIZED (
    SELECT l.journal, ids[l.journal] AS journal_id, greatest(earliest, booked[l.journal]) AS at, l.line, l.amount,
      a.place, a.id AS account_id, a.asset, a.funds, a.minimum, a.asset <> l.asset AS is_foreign,
      a.balance + sum(l.amount) OVER own AS balance_after, a.version + row_number() OVER own AS account_version
    FROM unnest(line_journals, line_numbers, line_accounts, line_assets, line_amounts)
      AS l (journal, line, account, asset, amount)
    JOIN account a ON a.n = l.account
    WHERE booked[l.journal] IS NOT NULL
    WINDOW own AS (PARTITION BY l.account ORDER BY l.journal, l.line ROWS UNBOUNDED PRECEDING)
  ), posted AS (
    INSERT INTO ledger_entry
      (tenant_id, journal_id, line, account_id, asset, amount, balance_after, account_version, at)
    SELECT tenant, journal_id, line, account_id, asset, amount, balance_after, account_version, at FROM line
  ), change AS MATERIALIZED (
    SELECT place, account_id, sum(amount) AS amount, max(account_version) AS version, max(at) AS at,
      coalesce(bool_or(balance_after < minimum), false) AS is_short
    FROM line GROUP BY place, account_id
  ), moved AS (
    UPDATE ledger_account a SET balance = a.balance + c.amount, version = c.version, updated_at = c.at
    FROM change c WHERE a.ctid = c.place AND NOT c.is_short
    RETURNING 1
  ), journal AS (
    SELECT journal, bit_or(funds) AS funds, min(account_id::text) FILTER (WHERE is_foreign) AS stranger
    FROM line GROUP BY journal
  )
  SELECT count(*) AS journals, (SELECT count(*) FROM line) AS entries, (SELECT count(*) FROM moved) AS accounts,
    (SELECT count(*) FROM change) AS accounts_due,
    CASE WHEN cardinality(news) = cardinality(ids) THEN cardinality(line_journals)
      ELSE (SELECT count(*) FROM unnest(line_journals) AS l (n) WHERE l.n > cardinality(ids) OR booked[l.n] IS NOT NULL) END AS entries_due,
    (SELECT min(c.account_id::text) FROM change c WHERE c.is_short) AS short,
    min(ids[journal]::text) FILTER (WHERE funds & 3 = 3) AS mixed,
    min(ids[journal]::text) FILTER (WHERE funds & 4 = 4 AND holds[journal] IS NULL) AS loose, min(stranger) AS stranger
  INTO counted FROM journal;

  IF counted.journals <> cardinality(news) OR counted.entries <> counted.entries_due THEN
    RAISE EXCEPTION 'every journal has lines, and every line a journal' USING ERRCODE = 'BL002', DETAIL = ids[1];
  END IF;
  IF counted.stranger IS NOT NULL THEN
    RAISE EXCEPTION 'there is no such account with that asset' USING ERRCODE = 'BL003', DETAIL = counted.stranger;
  END IF;
  IF counted.mixed IS NOT NULL THEN
    RAISE EXCEPTION 'funds of clients and of the house meet in clearing accounts only'
      USING ERRCODE = 'BL004', DETAIL = counted.mixed;
  END IF;
  IF counted.loose IS NOT NULL THEN
    RAISE EXCEPTION 'held money moves with its hold' USING ERRCODE = 'BL007', DETAIL = counted.loose;
  END IF;
  IF counted.short IS NOT NULL THEN
    RAISE EXCEPTION 'the account would fall below its minimum' USING ERRCODE = 'BL001', DETAIL = counted.short;
  END IF;
  IF counted.accounts <> counted.accounts_due THEN
    RAISE EXCEPTION 'an account was not moved: this is a bug';
  END IF;
  IF cardinality(array_remove(holds, NULL)) > 0 THEN
    PERFORM ledger_move_holds(tenant, news, ids, hold_ends);
  END IF;
  IF cardinality(array_remove(reversed, NULL)) > 0 THEN
    PERFORM ledger_check_reversals(tenant, news);
  END IF;
  IF cardinality(news) = cardinality(ids) THEN
    RETURN QUERY SELECT u, true FROM unnest(ids) AS u;
  ELSE
    RETURN QUERY SELECT j.id, booked[k.n] IS NOT NULL FROM unnest(keys) WITH ORDINALITY AS k (key, n)
      JOIN ledger_journal j ON j.tenant_id = tenant AND j.key = k.key ORDER BY k.n;
  END IF;
END $$;

REVOKE ALL ON FUNCTION ledger_post(uuid[], text[], text[], text[], bigint[], text[], uuid[], uuid[], bigint[],
  uuid[], integer[], integer[], integer[], text[], numeric[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_post(uuid[], text[], text[], text[], bigint[], text[], uuid[], uuid[], bigint[],
  uuid[], integer[], integer[], integer[], text[], numeric[]) TO bourse_app;

