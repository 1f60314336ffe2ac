-- What applyPrune may remove, once, for the caller who was shown it.
create table prune_plan (
  id uuid primary key,
  caller text not null,
  volumes jsonb not null,
  conditions jsonb not null,
  used_at timestamptz(3),
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null
);
create index prune_plan_expires_at_idx on prune_plan (expires_at);
