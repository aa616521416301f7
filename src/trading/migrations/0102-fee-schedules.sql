-- What an account pays at a venue, by when it was seen: booked fees are compared with what was in force.

CREATE TABLE fee_schedule (
  tenant_id uuid NOT NULL,
  venue text NOT NULL,
  instrument text NOT NULL,
  maker_ppm integer NOT NULL,
  taker_ppm integer NOT NULL,
  seen_from bigint NOT NULL,
  seen_until bigint NOT NULL,
  PRIMARY KEY (tenant_id, venue, instrument, seen_from)
);
