-- Which installation this is, on engines that others use, too.
CREATE TABLE "installation" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "uuid" UUID NOT NULL,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "installation" ADD CONSTRAINT "installation_is_one" CHECK ("id" = 1);

-- Backups of which the store may still hold something.
CREATE TABLE "deleted_backup" (
    "id" UUID NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deleted_backup_pkey" PRIMARY KEY ("id")
);
