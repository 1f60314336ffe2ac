-- AlterTable
ALTER TABLE "volume" ADD COLUMN "created_at_fixed" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "gateway" (
    "id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "gateway_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lease" (
    "host_id" UUID NOT NULL,
    "holder" UUID,
    "epoch" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("host_id")
);

-- CreateTable
CREATE TABLE "look" (
    "id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "actor" TEXT,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answered_at" TIMESTAMPTZ(3),
    "problem_code" TEXT,
    "problem_message" TEXT,

    CONSTRAINT "look_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journal_trim" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "position" BIGINT NOT NULL,

    CONSTRAINT "journal_trim_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "look_host_id_idx" ON "look"("host_id");

-- AddForeignKey
ALTER TABLE "lease" ADD CONSTRAINT "lease_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "look" ADD CONSTRAINT "look_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: one row at most, and requests of a known kind.
ALTER TABLE "journal_trim" ADD CONSTRAINT "journal_trim_one_row" CHECK ("id" = 1);
ALTER TABLE "look" ADD CONSTRAINT "look_kind" CHECK ("kind" IN ('volume', 'container', 'all'));
