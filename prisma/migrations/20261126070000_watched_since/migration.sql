-- Since when no event of a host can have been lost, and the newest of those that were looked into: whoever watches it next goes
-- on from there.
alter table host add column watched_since timestamptz(3);
alter table host add column heard_event text;

-- Volumes that may lie anywhere on their host.
create index volume_driven on volume (host_id) where removed_at is null and driver <> 'local';
