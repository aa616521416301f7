-- Who alone may write under a name, and since which epoch. Every write of the owner checks its epoch in the same statement
-- (FOR KEY SHARE on the row; the unique key over the epoch makes a take-over wait for it): see src/platform/lease/lease.ts.
CREATE TABLE lease (
  tenant_id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  epoch bigint NOT NULL CHECK (epoch > 0),
  owner text NOT NULL CHECK (length(owner) BETWEEN 1 AND 200),
  backend integer NOT NULL, -- server process of the owner's session
  renewed_at timestamptz NOT NULL, -- by the database's clock
  PRIMARY KEY (tenant_id, name),
  UNIQUE (tenant_id, name, epoch)
);
