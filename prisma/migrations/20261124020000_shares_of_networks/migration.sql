-- AlterTable
ALTER TABLE "share" ADD COLUMN "cross_host_writers" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "path" TEXT,
ADD COLUMN "space" TEXT;

-- CreateTable
CREATE TABLE "network_spot" (
    "mount_id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "container_id" UUID NOT NULL,
    "volume_id" UUID NOT NULL,
    "read_only" BOOLEAN NOT NULL,
    "space" TEXT NOT NULL,
    "path" TEXT NOT NULL,

    CONSTRAINT "network_spot_pkey" PRIMARY KEY ("mount_id")
);

-- CreateIndex
CREATE INDEX "network_spot_host_id_idx" ON "network_spot"("host_id");

-- AddForeignKey
ALTER TABLE "network_spot" ADD CONSTRAINT "network_spot_mount_id_fkey" FOREIGN KEY ("mount_id") REFERENCES "mount"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: by hashes and beginnings, since names and paths may be longer than an index takes.
CREATE INDEX "network_spot_place" ON "network_spot" (md5("space"), (left("path", 128)) COLLATE "C");
CREATE UNIQUE INDEX "share_network" ON "share" (md5("space"), md5("path")) WHERE "kind" = 'NETWORK';
ALTER TABLE "share" ADD CONSTRAINT "share_network_place" CHECK (("kind" = 'NETWORK') = ("space" IS NOT NULL AND "path" IS NOT NULL));
