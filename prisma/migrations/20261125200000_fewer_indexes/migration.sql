-- DropIndex
DROP INDEX "mount_container_id_idx";

-- By hand. The index of destinations begins with the container, and finds its mounts as well. One index keeps the names of
-- a host's living volumes unique and lists them in their order: that order has no two of a name, so that it needs no id.
-- What is protected is little, and only that needs an index. Names stand in every index in the order of their bytes,
-- whatever the database's own order is: a condition in another order does not find it.
DROP INDEX "volume_host_id_name_living";
DROP INDEX "volume_host_name_page";
DROP INDEX "volume_removed_host_name";
DROP INDEX "volume_protected";
CREATE UNIQUE INDEX "volume_host_name_living" ON "volume"("host_id", "name" COLLATE "C") WHERE "removed_at" IS NULL;
CREATE INDEX "volume_removed_host_name" ON "volume"("host_id", "name" COLLATE "C") WHERE "removed_at" IS NOT NULL;
CREATE INDEX "volume_protected" ON "volume"("name" COLLATE "C", "id") WHERE "protected" AND "removed_at" IS NULL;

-- Anonymous volumes by a label of theirs alone, which have no name that an engine gives.
CREATE INDEX "volume_anonymous_named" ON "volume"("name" COLLATE "C", "id") WHERE "anonymous" AND "name" !~ '^[0-9a-f]{64}$';
