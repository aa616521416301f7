-- tenancy: append-only event

-- The event log. `position` is handed out before the commit, so a later position can become visible before an earlier one:
-- readers that must see everything order by (xid, position) and stop below the oldest running transaction.
CREATE SEQUENCE event_position AS bigint;
GRANT USAGE ON SEQUENCE event_position TO bourse_app;
GRANT SELECT ON SEQUENCE event_position TO dispatcher;

CREATE TABLE event (
  position bigint NOT NULL DEFAULT nextval('event_position'),
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  id uuid NOT NULL,
  type text NOT NULL,
  version integer NOT NULL,
  tenant_id uuid NOT NULL,
  subject text NOT NULL,
  sequence bigint NOT NULL,
  at bigint NOT NULL, -- microseconds UTC
  cause text,
  trace text,
  data jsonb NOT NULL
) PARTITION BY RANGE (at);
-- Whatever fits no month (a clock far off, simulated time): nothing is ever refused for its time.
CREATE TABLE event_default PARTITION OF event DEFAULT;
CREATE INDEX event_dispatch ON event (xid, position);
CREATE INDEX event_subject ON event (tenant_id, subject, sequence);
CREATE INDEX event_tenant ON event (tenant_id, position);

-- The head of every stream: the optimistic lock. See docs/decisions/0002-event-stream-heads.md.
CREATE TABLE event_stream (
  tenant_id uuid NOT NULL,
  subject text NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (tenant_id, subject)
) WITH (fillfactor = 80);

-- Appends events of many streams in one round trip. Streams come sorted, new ones (`…_new`) apart from known ones, so that
-- writers lock in one order. Raises BE001 when a stream is not where the caller thinks it is.
CREATE FUNCTION append_events(
  tenant uuid,
  subjects_new text[], last_new bigint[],
  subjects_known text[], previous_known bigint[], last_known bigint[],
  events jsonb
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  moved bigint;
  lost text;
BEGIN
  IF cardinality(subjects_new) > 0 THEN
    INSERT INTO event_stream (tenant_id, subject, sequence)
    SELECT tenant, s.subject, s.last FROM unnest(subjects_new, last_new) AS s (subject, last)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> cardinality(subjects_new) THEN
      SELECT s.subject INTO lost FROM unnest(subjects_new, last_new) AS s (subject, last)
      JOIN event_stream h ON h.tenant_id = tenant AND h.subject = s.subject AND h.sequence <> s.last LIMIT 1;
      RAISE EXCEPTION 'the stream exists already' USING ERRCODE = 'BE001', DETAIL = coalesce(lost, subjects_new[1]);
    END IF;
  END IF;
  IF cardinality(subjects_known) > 0 THEN
    UPDATE event_stream AS h SET sequence = s.last
    FROM unnest(subjects_known, previous_known, last_known) AS s (subject, previous, last)
    WHERE h.tenant_id = tenant AND h.subject = s.subject AND h.sequence = s.previous;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> cardinality(subjects_known) THEN
      SELECT s.subject INTO lost FROM unnest(subjects_known, last_known) AS s (subject, last)
      WHERE NOT EXISTS (
        SELECT 1 FROM event_stream h WHERE h.tenant_id = tenant AND h.subject = s.subject AND h.sequence = s.last) LIMIT 1;
      RAISE EXCEPTION 'the stream has moved on' USING ERRCODE = 'BE001', DETAIL = coalesce(lost, subjects_known[1]);
    END IF;
  END IF;
  INSERT INTO event (id, type, version, tenant_id, subject, sequence, at, cause, trace, data)
  SELECT e.id, e.type, e.version, tenant, e.subject, e.sequence, e.at, e.cause, e.trace, e.data
  FROM jsonb_to_recordset(events) AS e (
    id uuid, type text, version integer, subject text, sequence bigint, at bigint, cause text, trace text, data jsonb);
END $$;

-- Creates the monthly partitions from the month of `at` on, with the policy of their parent. A month whose rows already lie in
-- the default partition stays there.
CREATE FUNCTION event_partitions_ahead(at bigint, months integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  first timestamp := date_trunc('month', to_timestamp(at / 1e6) AT TIME ZONE 'UTC');
  month timestamp;
  name text;
BEGIN
  FOR month IN SELECT generate_series(first, first + make_interval(months => months), interval '1 month') LOOP
    name := 'event_' || to_char(month, 'YYYY_MM');
    CONTINUE WHEN to_regclass(name) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE %I PARTITION OF event FOR VALUES FROM (%s) TO (%s)', name,
        (extract(epoch FROM month) * 1e6)::bigint, (extract(epoch FROM month + interval '1 month') * 1e6)::bigint);
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
      EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', name);
    EXCEPTION WHEN check_violation OR lock_not_available THEN
      RAISE NOTICE 'the month % stays in the default partition', name;
    END;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION event_partitions_ahead(bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION event_partitions_ahead(bigint, integer) TO dispatcher;
SELECT event_partitions_ahead((extract(epoch FROM now()) * 1e6)::bigint, 3);

-- The one reader across tenants, and read it may only.
CREATE POLICY dispatcher_reads ON event FOR SELECT TO dispatcher USING (true);
GRANT SELECT ON event TO dispatcher;

-- How far each subscription has come. It has no tenant: it is moved in the transaction of the tenant's work.
CREATE TABLE subscription_checkpoint (
  name text PRIMARY KEY,
  xid xid8 NOT NULL,
  position bigint NOT NULL
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON subscription_checkpoint TO bourse_app, dispatcher;

-- Events that a subscription could not handle, with the reason; handled again on demand.
CREATE TABLE dead_letter (
  subscription text NOT NULL,
  xid xid8 NOT NULL,
  position bigint NOT NULL,
  tenant_id uuid NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  attempts integer NOT NULL,
  error text NOT NULL,
  at bigint NOT NULL, -- microseconds UTC
  PRIMARY KEY (subscription, position)
);
CREATE POLICY dispatcher_reads ON dead_letter FOR SELECT TO dispatcher USING (true);
GRANT SELECT ON dead_letter TO dispatcher;
