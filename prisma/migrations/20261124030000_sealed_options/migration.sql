-- Options that hold a password are stored masked, and sealed beside that. Rows from before are sealed when their host is
-- compared next; those of removed volumes are masked by nothing, so their options go.
alter table volume add column sealed_options bytea;
update volume set options = '{}' where removed_at is not null and options::text ~* 'pass|secret|token|cred|key|%|://';
