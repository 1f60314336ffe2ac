-- CreateTable
CREATE TABLE "removal_claim" (
    "id" UUID NOT NULL,
    "volume_id" UUID NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "removal_claim_pkey" PRIMARY KEY ("volume_id","id")
);

-- AddForeignKey
ALTER TABLE "removal_claim" ADD CONSTRAINT "removal_claim_volume_id_fkey" FOREIGN KEY ("volume_id") REFERENCES "volume"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- CreateTable
CREATE TABLE "change_claim" (
    "id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "change_claim_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "change_claim_host_id_idx" ON "change_claim"("host_id");

-- AddForeignKey
ALTER TABLE "change_claim" ADD CONSTRAINT "change_claim_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;
