-- Where a request came from, and further hosts that an entry tells of: tokens may be for some hosts only.
alter table journal add column address text;
alter table journal add column other_host_ids uuid[] default array[]::uuid[];
create index journal_host_id_position_idx on journal (host_id, position);
