-- Orders at outside venues, and what comparing our books with theirs has found.

ALTER TABLE orders ADD COLUMN venue_order_id text;
CREATE INDEX orders_venue ON orders (tenant_id, instrument, venue_order_id) WHERE venue_order_id IS NOT NULL;

-- tenancy: append-only reconciliation
CREATE TABLE reconciliation (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  venue text NOT NULL,
  trigger text NOT NULL CHECK (trigger IN ('start', 'reconnect', 'schedule', 'request')),
  started_at bigint NOT NULL,
  finished_at bigint NOT NULL,
  error text, -- null when all was asked and answered
  orders integer NOT NULL,
  fills integer NOT NULL,
  balances integer NOT NULL,
  corrected integer NOT NULL,
  escalated integer NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX reconciliation_venue ON reconciliation (tenant_id, venue, started_at DESC);

-- The id is a hash of what was found, so that finding it again changes nothing.
CREATE TABLE discrepancy (
  tenant_id uuid NOT NULL,
  id text NOT NULL,
  venue text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('order', 'fill', 'balance')),
  classification text NOT NULL,
  action text NOT NULL CHECK (action IN ('corrected', 'noted', 'escalated')),
  subject text NOT NULL,
  ours text NOT NULL,
  theirs text NOT NULL,
  explanation text NOT NULL,
  found_at bigint NOT NULL,
  settled_at bigint,
  settled_by text,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX discrepancy_found ON discrepancy (tenant_id, found_at DESC);

-- What an account held when it was first seen or last accepted: balances are expected to move from there by our fills alone.
CREATE TABLE venue_baseline (
  tenant_id uuid NOT NULL,
  venue text NOT NULL,
  asset text NOT NULL,
  total numeric NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (tenant_id, venue, asset)
);
