-- Projections of the events of runs and orders, written in the same transaction as those events.

-- One row a run; `snapshot` is what the node goes on from after a restart.
CREATE TABLE run (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  strategy text NOT NULL,
  instrument text NOT NULL,
  interval bigint NOT NULL, -- microseconds
  status text NOT NULL CHECK (status IN ('running', 'stopped', 'failed')),
  error text,
  parameters json NOT NULL,
  allocation numeric NOT NULL,
  -- The position and its books, in decimals of the instrument and its quote asset.
  quantity numeric NOT NULL DEFAULT 0,
  cost numeric NOT NULL DEFAULT 0 CHECK (cost >= 0),
  realised numeric NOT NULL DEFAULT 0,
  fees numeric NOT NULL DEFAULT 0,
  fills integer NOT NULL DEFAULT 0,
  input_position bigint NOT NULL DEFAULT 0,
  sequence bigint NOT NULL, -- of the run's own events
  snapshot text NOT NULL,
  started_at bigint NOT NULL,
  stopped_at bigint,
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);

CREATE TABLE orders (
  tenant_id uuid NOT NULL,
  id text NOT NULL,
  run_id uuid NOT NULL,
  instrument text NOT NULL,
  side text NOT NULL,
  type text NOT NULL,
  time_in_force text NOT NULL,
  state text NOT NULL,
  is_open boolean NOT NULL,
  price numeric,
  trigger_price numeric,
  quantity numeric NOT NULL CHECK (quantity > 0),
  filled numeric NOT NULL CHECK (filled >= 0 AND filled <= quantity),
  average_price numeric,
  fees numeric NOT NULL,
  reason text,
  sequence integer NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, run_id) REFERENCES run (tenant_id, id)
) WITH (fillfactor = 70);
CREATE INDEX orders_open ON orders (tenant_id, created_at) WHERE is_open;
CREATE INDEX orders_created ON orders (tenant_id, created_at DESC, id);
CREATE INDEX orders_run ON orders (tenant_id, run_id, created_at DESC);

-- tenancy: append-only fill
CREATE TABLE fill (
  tenant_id uuid NOT NULL,
  order_id text NOT NULL,
  id text NOT NULL,
  run_id uuid NOT NULL,
  instrument text NOT NULL,
  side text NOT NULL,
  price numeric NOT NULL,
  quantity numeric NOT NULL CHECK (quantity > 0),
  fee numeric NOT NULL,
  fee_asset text NOT NULL,
  liquidity text NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (tenant_id, order_id, id),
  FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id)
);
CREATE INDEX fill_at ON fill (tenant_id, at DESC);
CREATE INDEX fill_run ON fill (tenant_id, run_id, at DESC);

-- tenancy: append-only equity_point
CREATE TABLE equity_point (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  at bigint NOT NULL,
  equity numeric NOT NULL,
  PRIMARY KEY (tenant_id, run_id, at)
);
CREATE INDEX equity_at ON equity_point (tenant_id, at);
