-- What users set on a volume goes over to the one that its content went to.
ALTER TABLE "volume" ADD COLUMN "successor_id" UUID;

ALTER TABLE "removal_claim" ADD COLUMN "successor_id" UUID;

ALTER TABLE "operation" ADD COLUMN "replaced_volume_id" UUID;
