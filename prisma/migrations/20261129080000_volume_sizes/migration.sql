-- What volumes held when they were measured: size over time.
create table volume_size (
  volume_id uuid not null references volume (id) on delete cascade on update cascade,
  measured_at timestamptz(3) not null,
  size_bytes bigint not null,
  primary key (volume_id, measured_at)
);

-- Of each the last was kept.
insert into volume_size (volume_id, measured_at, size_bytes)
select id, size_measured_at, size_bytes from volume where size_measured_at is not null and size_bytes is not null;
