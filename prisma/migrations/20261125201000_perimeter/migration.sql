create table web_session (
  id uuid primary key,
  expires_at timestamptz(3) not null
);
create index web_session_expires_at_idx on web_session (expires_at);

-- Not worth a log: after a crash everyone begins at nothing.
create unlogged table rate_limit (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);

-- The key by which the ssh server of a host is known, as in OpenSSH's known_hosts: its kind and its base64.
alter table host add column ssh_host_key text;

-- Keys that others are known by, while and after STOWAGE_SECRET_KEY is rotated.
create table sealing_key (
  id text not null,
  wrapped_by text not null,
  generation integer not null,
  wrapped bytea not null,
  created_at timestamptz(3) not null default current_timestamp,
  primary key (id, wrapped_by)
);
