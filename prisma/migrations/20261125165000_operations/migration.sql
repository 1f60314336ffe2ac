-- Work on the content of volumes, backups, and when they are made. The jobs themselves are in the schema graphile_worker,
-- which graphile-worker makes and migrates.
create type "OperationKind" as enum ('CLONE', 'RENAME', 'MIGRATE', 'BACKUP', 'RESTORE', 'VERIFY', 'MEASURE');
create type "OperationState" as enum ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED');
create type "Quiesce" as enum ('LIVE', 'PAUSE', 'STOP');

create table operation (
  id uuid primary key,
  kind "OperationKind" not null,
  state "OperationState" not null default 'QUEUED',
  requested_by text not null,
  input jsonb not null default '{}',
  source_host_id uuid,
  source_volume_id uuid,
  source_name text,
  target_host_id uuid,
  target_volume_id uuid,
  target_name text,
  backup_id uuid,
  bytes_done bigint not null default 0,
  bytes_total bigint,
  problem_code text,
  problem_message text,
  warnings text[] default array[]::text[],
  created_at timestamptz(3) not null default current_timestamp,
  started_at timestamptz(3),
  finished_at timestamptz(3),
  cancel_requested boolean not null default false,
  attempt integer not null default 0,
  lease_until timestamptz(3),
  worker text,
  verified boolean not null default false,
  leftovers jsonb not null default '[]'
);
create index operation_state_lease_until_idx on operation (state, lease_until);

create table backup (
  id uuid primary key,
  host_id uuid not null,
  host_name text not null,
  volume_id uuid not null,
  volume_name text not null,
  volume_labels jsonb not null default '{}',
  created_at timestamptz(3) not null,
  size_bytes bigint not null,
  content_bytes bigint not null,
  file_count integer not null,
  entry_count integer not null,
  sha256 text not null,
  manifest_sha256 text not null,
  location text not null,
  encrypted boolean not null,
  quiesce "Quiesce" not null,
  consistent boolean not null,
  by_policy boolean not null default false
);
create index backup_volume_id_idx on backup (volume_id);
create index backup_host_id_idx on backup (host_id);

create table backup_policy (
  volume_id uuid primary key references volume (id) on delete cascade on update cascade,
  cron text not null,
  quiesce "Quiesce" not null,
  keep_last integer not null,
  keep_daily integer not null,
  keep_weekly integer not null,
  requested_by text not null,
  next_run_at timestamptz(3) not null
);
create index backup_policy_next_run_at_idx on backup_policy (next_run_at);
