-- Calls with an idempotencyKey: what was asked, who works on it now, and what was answered. Kept for 24 hours.
create table idempotent_call (
  id uuid primary key,
  caller text not null,
  key text not null,
  mutation text not null,
  input_hash bytea not null,
  attempt integer not null default 1,
  lease_until timestamptz(3) not null,
  answer jsonb,
  complete boolean not null default false,
  problem_code text,
  problem_message text,
  created_at timestamptz(3) not null default current_timestamp
);
create unique index idempotent_call_caller_key_key on idempotent_call (caller, key);
create index idempotent_call_created_at_idx on idempotent_call (created_at);
