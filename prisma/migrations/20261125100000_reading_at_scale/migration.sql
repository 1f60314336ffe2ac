-- CreateTable
CREATE TABLE "revision" (
    "host_id" UUID NOT NULL,
    "number" BIGINT NOT NULL,

    CONSTRAINT "revision_pkey" PRIMARY KEY ("host_id")
);

-- By hand: what the lists are read by. Texts that have no limit of their own stand in an index by their beginning.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- History is listed in each order, too; a list over both is put together from the two.
CREATE INDEX "volume_removed_name_page" ON "volume"("name" COLLATE "C", "id") WHERE "removed_at" IS NOT NULL;
CREATE INDEX "volume_removed_created_page" ON "volume"((coalesce("created_at", '-infinity'::timestamptz)), "id") WHERE "removed_at" IS NOT NULL;
CREATE INDEX "volume_removed_size_page" ON "volume"((coalesce("size_bytes", -1)), "id") WHERE "removed_at" IS NOT NULL;
CREATE INDEX "volume_removed_mounted_page" ON "volume"((coalesce("last_mounted_at", '-infinity'::timestamptz)), "id") WHERE "removed_at" IS NOT NULL;
CREATE INDEX "volume_removed_shares_page" ON "volume"("share_count", "id") WHERE "removed_at" IS NOT NULL;

-- Volumes by what filters ask for, where only few have it.
CREATE INDEX "volume_host_name_page" ON "volume"("host_id", "name" COLLATE "C", "id") WHERE "removed_at" IS NULL;
CREATE INDEX "volume_removed_host_name" ON "volume"("host_id", "name") WHERE "removed_at" IS NOT NULL;
CREATE INDEX "volume_search" ON "volume" USING GIN ("name" gin_trgm_ops);
CREATE INDEX "volume_driver" ON "volume"((left("driver", 255)) COLLATE "C");
CREATE INDEX "volume_state" ON "volume"("state", (coalesce("last_mounted_at", '-infinity'::timestamptz)), "id") WHERE "removed_at" IS NULL;
CREATE INDEX "volume_label_pairs" ON "volume" USING GIN ("labels" jsonb_path_ops);
CREATE INDEX "volume_anonymous" ON "volume"("anonymous", "name" COLLATE "C", "id") WHERE "removed_at" IS NULL;
CREATE INDEX "volume_protected" ON "volume"("protected") WHERE "removed_at" IS NULL;
CREATE INDEX "volume_project" ON "volume"((left("compose_project", 255)) COLLATE "C");
CREATE INDEX "volume_unused" ON "volume"((coalesce(greatest("last_in_use_at", "last_mounted_at"), "first_seen_at"))) WHERE "state" <> 'IN_USE';
CREATE INDEX "volume_options" ON "volume"("host_id") WHERE "removed_at" IS NULL AND "options" <> '{}'::jsonb;

-- A container's name has no limit, and its index entry has one.
DROP INDEX "container_name_page";
DROP INDEX "container_host_id";
CREATE INDEX "container_name_page" ON "container"((left("name", 255)) COLLATE "C", "id") WHERE "removed_at" IS NULL;
CREATE INDEX "container_removed_name_page" ON "container"((left("name", 255)) COLLATE "C", "id") WHERE "removed_at" IS NOT NULL;
CREATE INDEX "container_host_name_page" ON "container"("host_id", (left("name", 255)) COLLATE "C", "id") WHERE "removed_at" IS NULL;
CREATE INDEX "container_removed_host_name_page" ON "container"("host_id", (left("name", 255)) COLLATE "C", "id") WHERE "removed_at" IS NOT NULL;
CREATE INDEX "container_removed_engine_id" ON "container"("engine_id") WHERE "removed_at" IS NOT NULL;
CREATE INDEX "container_search" ON "container" USING GIN ("name" gin_trgm_ops);
CREATE INDEX "container_label_pairs" ON "container" USING GIN ("labels" jsonb_path_ops);
CREATE INDEX "container_state" ON "container"("state") WHERE "removed_at" IS NULL;
CREATE INDEX "container_project" ON "container"((left("compose_project", 255)) COLLATE "C");

-- Mounts by the name of their volume, and host paths by their beginning.
CREATE INDEX "mount_volume_name" ON "mount"((left("volume_name", 255)) COLLATE "C");
CREATE INDEX "mount_host_path" ON "mount"((CASE WHEN "type" = 'BIND' THEN left("source", 255) END) COLLATE "C") WHERE "type" = 'BIND';
CREATE INDEX "mount_volume_missing" ON "mount"("container_id") WHERE "type" = 'VOLUME' AND "volume_id" IS NULL;

CREATE INDEX "share_identity_page" ON "share"((left("identity", 255)) COLLATE "C", "id");
CREATE INDEX "share_cross_host_page" ON "share"((left("identity", 255)) COLLATE "C", "id") WHERE "host_id" IS NULL;
CREATE INDEX "share_paths" ON "share"((left("identity", 255)) COLLATE "C") WHERE "kind" = 'BIND_PATH';
CREATE INDEX "share_kind" ON "share"("kind");
CREATE INDEX "share_multiple_writers" ON "share"("id") WHERE "multiple_writers";
CREATE INDEX "share_cross_host_writers" ON "share"("id") WHERE "cross_host_writers";

-- The journal by what its filters ask for, each in its order.
CREATE INDEX "journal_type" ON "journal"("type", "position");
CREATE INDEX "journal_host_type" ON "journal"("host_name", "type", "position");
CREATE INDEX "journal_volume_name" ON "journal"((left("volume_name", 255)) COLLATE "C", "position");
CREATE INDEX "journal_container_name" ON "journal"((left("container_name", 255)) COLLATE "C", "position");

-- What the planner must know of what the indexes are made of, to choose between them.
CREATE STATISTICS "volume_size" ON (coalesce("size_bytes", -1)) FROM "volume";
CREATE STATISTICS "volume_mounted" ON (coalesce("last_mounted_at", '-infinity'::timestamptz)) FROM "volume";
CREATE STATISTICS "volume_unused_since" ON (coalesce(greatest("last_in_use_at", "last_mounted_at"), "first_seen_at")) FROM "volume";
CREATE STATISTICS "volume_driver_name" ON (left("driver", 255)) FROM "volume";
CREATE STATISTICS "volume_project_name" ON (left("compose_project", 255)) FROM "volume";
CREATE STATISTICS "container_project_name" ON (left("compose_project", 255)) FROM "container";
CREATE STATISTICS "mount_path" ON (CASE WHEN "type" = 'BIND' THEN left("source", 255) END) FROM "mount";
CREATE STATISTICS "mount_volume" ON (left("volume_name", 255)) FROM "mount";
CREATE STATISTICS "share_place" ON (left("identity", 255)) FROM "share";
