-- Keys to venues: what is secret of them lies in an envelope, bound to tenant, venue and row. The row goes with the key; its
-- events, which hold nothing secret, stay.
CREATE TABLE venue_credential (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  venue text NOT NULL,
  label text NOT NULL CHECK (length(label) BETWEEN 1 AND 60),
  is_testnet boolean NOT NULL,
  -- Addresses of a simulator that stand in for the venue's own hosts.
  endpoint_rest text,
  endpoint_ws text,
  may_withdraw_allowed boolean NOT NULL,
  envelope bytea NOT NULL,
  key_id text NOT NULL, -- the version that the envelope is wrapped with
  -- As the venue said when it was last asked; null where it does not say.
  can_read boolean,
  can_trade boolean,
  can_withdraw boolean,
  sequence integer NOT NULL, -- of the credential's own events
  added_at bigint NOT NULL,
  rotated_at bigint,
  tested_at bigint,
  test_outcome text,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, venue, label),
  CHECK ((endpoint_rest IS NULL) = (endpoint_ws IS NULL))
);
CREATE INDEX venue_credential_key ON venue_credential (tenant_id, key_id);
