-- One measurement answers all who asked for it before it began.
alter table measurement
  add column began_at timestamptz(3),
  add column measured_at timestamptz(3);
