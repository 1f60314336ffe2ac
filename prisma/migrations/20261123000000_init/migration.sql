-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "HostStatus" AS ENUM ('CONNECTING', 'ONLINE', 'UNREACHABLE', 'DISABLED');

-- CreateEnum
CREATE TYPE "VolumeState" AS ENUM ('IN_USE', 'IDLE', 'DANGLING', 'REMOVED');

-- CreateEnum
CREATE TYPE "ContainerState" AS ENUM ('CREATED', 'RUNNING', 'PAUSED', 'RESTARTING', 'REMOVING', 'EXITED', 'DEAD', 'REMOVED');

-- CreateEnum
CREATE TYPE "MountType" AS ENUM ('VOLUME', 'BIND', 'TMPFS', 'NPIPE', 'CLUSTER', 'IMAGE');

-- CreateEnum
CREATE TYPE "MountOrigin" AS ENUM ('DECLARED', 'ANONYMOUS', 'VOLUMES_FROM');

-- CreateEnum
CREATE TYPE "ShareKind" AS ENUM ('VOLUME', 'BIND_PATH', 'NETWORK');

-- CreateEnum
CREATE TYPE "EventSource" AS ENUM ('ENGINE', 'RECONCILED', 'GATEWAY');

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('VIEWER', 'OPERATOR', 'ADMIN');

-- CreateTable
CREATE TABLE "host" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "status" "HostStatus" NOT NULL DEFAULT 'CONNECTING',
    "status_reason" TEXT,
    "last_seen_at" TIMESTAMPTZ(3),
    "last_synced_at" TIMESTAMPTZ(3),
    "labels" JSONB NOT NULL DEFAULT '{}',
    "credentials" BYTEA,
    "engine" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "host_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "volume" (
    "id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "driver" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "mountpoint" TEXT NOT NULL,
    "options" JSONB NOT NULL DEFAULT '{}',
    "labels" JSONB NOT NULL DEFAULT '{}',
    "anonymous" BOOLEAN NOT NULL,
    "compose_project" TEXT,
    "state" "VolumeState" NOT NULL,
    "created_at" TIMESTAMPTZ(3),
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),
    "last_mounted_at" TIMESTAMPTZ(3),
    "last_used_by" TEXT,
    "last_in_use_at" TIMESTAMPTZ(3),
    "alive_at" BIGINT NOT NULL DEFAULT 0,
    "size_bytes" BIGINT,
    "size_measured_at" TIMESTAMPTZ(3),
    "size_unknown_because" TEXT,
    "protected" BOOLEAN NOT NULL DEFAULT false,
    "annotations" JSONB NOT NULL DEFAULT '{}',
    "share_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "volume_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "container" (
    "id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "engine_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "image" TEXT NOT NULL,
    "state" "ContainerState" NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "compose_project" TEXT,
    "compose_service" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),
    "volumes_from" UUID[],

    CONSTRAINT "container_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mount" (
    "id" UUID NOT NULL,
    "container_id" UUID NOT NULL,
    "volume_id" UUID,
    "volume_name" TEXT,
    "type" "MountType" NOT NULL,
    "source" TEXT,
    "destination" TEXT NOT NULL,
    "read_only" BOOLEAN NOT NULL,
    "propagation" TEXT,
    "origin" "MountOrigin" NOT NULL,

    CONSTRAINT "mount_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "share" (
    "id" UUID NOT NULL,
    "kind" "ShareKind" NOT NULL,
    "identity" TEXT NOT NULL,
    "host_id" UUID,
    "volume_id" UUID,
    "formed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "share_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "share_mount" (
    "share_id" UUID NOT NULL,
    "mount_id" UUID NOT NULL,

    CONSTRAINT "share_mount_pkey" PRIMARY KEY ("share_id","mount_id")
);

-- CreateTable
CREATE TABLE "journal" (
    "position" BIGSERIAL NOT NULL,
    "type" TEXT NOT NULL,
    "source" "EventSource" NOT NULL,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL,
    "recorded_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),
    "host_id" UUID,
    "host_name" TEXT,
    "volume_id" UUID,
    "volume_name" TEXT,
    "container_id" UUID,
    "container_name" TEXT,
    "share_id" UUID,
    "operation_id" UUID,
    "actor" TEXT,
    "attributes" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "journal_pkey" PRIMARY KEY ("position")
);

-- CreateTable
CREATE TABLE "access_token" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "role" "Role" NOT NULL,
    "hosts" TEXT[],
    "all_hosts" BOOLEAN NOT NULL DEFAULT true,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "access_token_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "host_name_key" ON "host"("name");

-- CreateIndex
CREATE INDEX "mount_volume_id_idx" ON "mount"("volume_id");

-- CreateIndex
CREATE UNIQUE INDEX "mount_container_id_destination_key" ON "mount"("container_id", "destination");

-- CreateIndex
CREATE INDEX "share_host_id_idx" ON "share"("host_id");

-- CreateIndex
CREATE UNIQUE INDEX "share_volume_id_key" ON "share"("volume_id");

-- CreateIndex
CREATE INDEX "share_mount_mount_id_idx" ON "share_mount"("mount_id");

-- CreateIndex
CREATE INDEX "journal_host_name_position_idx" ON "journal"("host_name", "position");

-- CreateIndex
CREATE INDEX "journal_volume_id_position_idx" ON "journal"("volume_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "access_token_hash_key" ON "access_token"("hash");

-- AddForeignKey
ALTER TABLE "volume" ADD CONSTRAINT "volume_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "container" ADD CONSTRAINT "container_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mount" ADD CONSTRAINT "mount_container_id_fkey" FOREIGN KEY ("container_id") REFERENCES "container"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mount" ADD CONSTRAINT "mount_volume_id_fkey" FOREIGN KEY ("volume_id") REFERENCES "volume"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "share" ADD CONSTRAINT "share_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "share" ADD CONSTRAINT "share_volume_id_fkey" FOREIGN KEY ("volume_id") REFERENCES "volume"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "share_mount" ADD CONSTRAINT "share_mount_share_id_fkey" FOREIGN KEY ("share_id") REFERENCES "share"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "share_mount" ADD CONSTRAINT "share_mount_mount_id_fkey" FOREIGN KEY ("mount_id") REFERENCES "mount"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say.

-- A name belongs to one living volume of a host, an engine id to one living container; history may hold any number.
CREATE UNIQUE INDEX "volume_host_id_name_living" ON "volume"("host_id", "name") WHERE "removed_at" IS NULL;
CREATE UNIQUE INDEX "container_host_id_engine_id_living" ON "container"("host_id", "engine_id") WHERE "removed_at" IS NULL;
CREATE INDEX "container_host_id" ON "container"("host_id", "name");

-- Pages over all living volumes and containers, in each order, by keyset.
CREATE INDEX "volume_name_page" ON "volume"("name" COLLATE "C", "id") WHERE "removed_at" IS NULL;
CREATE INDEX "volume_created_page" ON "volume"((coalesce("created_at", '-infinity'::timestamptz)), "id") WHERE "removed_at" IS NULL;
CREATE INDEX "volume_size_page" ON "volume"((coalesce("size_bytes", -1)), "id") WHERE "removed_at" IS NULL;
CREATE INDEX "volume_mounted_page" ON "volume"((coalesce("last_mounted_at", '-infinity'::timestamptz)), "id") WHERE "removed_at" IS NULL;
CREATE INDEX "volume_shares_page" ON "volume"("share_count", "id") WHERE "removed_at" IS NULL;
CREATE INDEX "container_name_page" ON "container"("name" COLLATE "C", "id") WHERE "removed_at" IS NULL;
CREATE INDEX "volume_labels" ON "volume" USING GIN ("labels");
CREATE INDEX "container_labels" ON "container" USING GIN ("labels");

-- Rules that hold whatever writes.
ALTER TABLE "volume" ADD CONSTRAINT "volume_removed_state" CHECK (("state" = 'REMOVED') = ("removed_at" IS NOT NULL));
ALTER TABLE "container" ADD CONSTRAINT "container_removed_state" CHECK (("state" = 'REMOVED') = ("removed_at" IS NOT NULL));
ALTER TABLE "container" ADD CONSTRAINT "container_engine_id" CHECK ("engine_id" ~ '^[0-9a-f]{64}$');
ALTER TABLE "volume" ADD CONSTRAINT "volume_share_count" CHECK ("share_count" >= 0);
ALTER TABLE "mount" ADD CONSTRAINT "mount_volume_of_volume_mount" CHECK ("volume_id" IS NULL OR "type" IN ('VOLUME', 'CLUSTER'));
