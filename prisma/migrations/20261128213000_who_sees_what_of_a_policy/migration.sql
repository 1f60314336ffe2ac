alter table "backup_policy" add column "visible_host_ids" uuid[] default array[]::uuid[];
