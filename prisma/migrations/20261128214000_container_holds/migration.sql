-- Containers that operations have paused or stopped, one row for each that holds one: several may, and the last gives it back.
create type "HoldKind" as enum ('PAUSED', 'STOPPED');
create type "HoldPhase" as enum ('TAKING', 'HELD', 'GIVING');

create table container_hold (
  id uuid primary key,
  operation_id uuid not null,
  attempt integer not null,
  host_id uuid not null references host (id) on delete restrict on update cascade,
  container_id text not null,
  container_name text not null,
  kind "HoldKind" not null,
  phase "HoldPhase" not null,
  started_at text,
  tries integer not null default 0,
  retry_at timestamptz(3) not null default current_timestamp,
  problem text
);
create index container_hold_host_id_container_id_idx on container_hold (host_id, container_id);
create index container_hold_operation_id_idx on container_hold (operation_id);

-- They were kept with what operations have to undo.
insert into container_hold (id, operation_id, attempt, host_id, container_id, container_name, kind, phase, started_at)
select gen_random_uuid(), o.id, o.attempt, h.id, l.value ->> 'containerId', coalesce(c.name, left(l.value ->> 'containerId', 12)),
  upper(l.value ->> 'kind')::"HoldKind", 'HELD', l.value ->> 'startedAt'
from operation o
  cross join lateral jsonb_array_elements(o.leftovers) l
  join host h on h.id = (l.value ->> 'hostId')::uuid
  left join container c on c.host_id = h.id and c.engine_id = l.value ->> 'containerId' and c.removed_at is null
where l.value ->> 'kind' in ('paused', 'stopped');

update operation set leftovers = (
  select coalesce(jsonb_agg(l.value), '[]') from jsonb_array_elements(leftovers) l where l.value ->> 'kind' not in ('paused', 'stopped'))
where leftovers <> '[]';
