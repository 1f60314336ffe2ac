-- The file that declares a host or a backup policy; null: the API does.
alter table "host" add column "declared_in" text;
alter table "backup_policy" add column "declared_in" text;
create index "backup_policy_declared_in_idx" on "backup_policy" ("declared_in");
