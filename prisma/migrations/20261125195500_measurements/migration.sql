-- Who measures a host, and when that was last done: one at a time over all gateways.
create table measurement (
  host_id uuid primary key references host (id) on delete cascade on update cascade,
  holder uuid,
  lease_until timestamptz(3),
  ended_at timestamptz(3)
);
