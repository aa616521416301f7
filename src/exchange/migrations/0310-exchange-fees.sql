-- What the operator charges by volume: each time it is set anew it has the next number, and the newest counts.
-- tenancy: append-only exchange_fee_schedule
CREATE TABLE exchange_fee_schedule (
  tenant_id uuid NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  tiers jsonb NOT NULL, -- [{ volume, makerPpm, takerPpm }], from the lowest volume on: see src/exchange/fees/schedule.ts
  set_by text NOT NULL,
  set_at bigint NOT NULL, -- microseconds UTC
  PRIMARY KEY (tenant_id, number)
);
