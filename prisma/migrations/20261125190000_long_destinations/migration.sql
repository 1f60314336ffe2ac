-- CreateIndex
CREATE INDEX "mount_container_id_idx" ON "mount"("container_id");

-- By hand: a destination may be longer than an index takes, so that it is unique by its hash.
CREATE UNIQUE INDEX "mount_destination" ON "mount"("container_id", md5("destination"));

-- DropIndex
DROP INDEX "mount_container_id_destination_key";
