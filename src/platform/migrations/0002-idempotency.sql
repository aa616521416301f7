-- Answers of requests that carried an Idempotency-Key, kept 24 hours. `status` is null while the first one is under way.
CREATE TABLE idempotency_key (
  tenant_id uuid NOT NULL,
  principal text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  status integer,
  answer text,
  at bigint NOT NULL, -- microseconds UTC
  PRIMARY KEY (tenant_id, principal, key)
);
CREATE INDEX idempotency_key_age ON idempotency_key (tenant_id, at);
