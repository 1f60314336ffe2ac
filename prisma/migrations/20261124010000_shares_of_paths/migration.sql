-- AlterTable
ALTER TABLE "share" ADD COLUMN "multiple_writers" BOOLEAN NOT NULL DEFAULT false;

-- By hand: what is known of the shares that there are, and one share for each path of a host (by its hash: a path may be longer than an index takes).
UPDATE "share" SET "multiple_writers" = true
WHERE (
  SELECT count(DISTINCT "mount"."container_id") FROM "share_mount" JOIN "mount" ON "mount"."id" = "share_mount"."mount_id"
  WHERE "share_mount"."share_id" = "share"."id" AND NOT "mount"."read_only"
) >= 2;
CREATE UNIQUE INDEX "share_path" ON "share" ("host_id", md5("identity")) WHERE "kind" = 'BIND_PATH';
