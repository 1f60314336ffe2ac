import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Node, ProblemType } from './common.js';
import { OperationKind, OperationState, Quiesce } from './enums.js';
import { Host, Volume } from './inventory.js';
import { BigIntScalar, DateTimeScalar } from './scalars.js';

@ObjectType({ simpleResolvers: true, implements: Node, description: 'A copy of the content of a volume in the backup store.' })
export class Backup extends Node {
  hostKey!: string;
  volumeKey!: string;

  @Field(() => Host, { nullable: true })
  host!: Host | null;

  @Field(() => Volume, { nullable: true })
  volume!: Volume | null;

  @Field(() => String)
  volumeName!: string;

  @Field(() => DateTimeScalar)
  createdAt!: Date;

  @Field(() => BigIntScalar, { description: 'As stored, compressed.' })
  sizeBytes!: bigint;

  @Field(() => BigIntScalar, { description: 'Of the files in it.' })
  contentBytes!: bigint;

  @Field(() => Int)
  fileCount!: number;

  @Field(() => String)
  sha256!: string;

  @Field(() => String, { description: 'Address in the store, for ADMIN; for others the name that it has there.' })
  location!: string;

  @Field(() => Quiesce)
  quiesce!: keyof typeof Quiesce;

  @Field(() => Boolean, { description: 'Whether nothing was seen to change while it was read.' })
  consistent!: boolean;

  @Field(() => Boolean)
  encrypted!: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'When a volume is backed up, and how many backups of the policy are kept.' })
export class BackupPolicy {
  @Field(() => String, { description: 'Five fields, in UTC.' })
  cron!: string;

  @Field(() => Quiesce)
  quiesce!: keyof typeof Quiesce;

  @Field(() => Int)
  keepLast!: number;

  @Field(() => Int, { description: 'The newest of each of so many days.' })
  keepDaily!: number;

  @Field(() => Int, { description: 'The newest of each of so many weeks.' })
  keepWeekly!: number;

  @Field(() => DateTimeScalar)
  nextRunAt!: Date;

  @Field(() => Boolean, { description: 'The settings of the gateway declare it: it is changed there, and setBackupPolicy refuses.' })
  declared!: boolean;
}

@ObjectType({ simpleResolvers: true, implements: Node, description: 'Work that outlives the request that asked for it.' })
export class Operation extends Node {
  sourceKey!: string | null;
  targetKey!: string | null;
  backupKey!: string | null;

  @Field(() => OperationKind)
  kind!: keyof typeof OperationKind;

  @Field(() => OperationState)
  state!: keyof typeof OperationState;

  @Field(() => BigIntScalar)
  bytesDone!: bigint;

  @Field(() => BigIntScalar, { nullable: true })
  bytesTotal!: bigint | null;

  @Field(() => ProblemType, { nullable: true })
  error!: ProblemType | null;

  @Field(() => [String], { description: 'What is to be known of it beside its state, in words.' })
  warnings!: string[];

  @Field(() => String)
  requestedBy!: string;

  @Field(() => DateTimeScalar)
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  startedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  finishedAt!: Date | null;

  @Field(() => Volume, { nullable: true })
  source!: Volume | null;

  @Field(() => Volume, { nullable: true })
  target!: Volume | null;

  @Field(() => Backup, { nullable: true })
  backup!: Backup | null;
}

@InputType()
export class OperationFilter {
  @Field(() => [OperationKind], { nullable: true })
  kinds?: OperationKind[] | null;

  @Field(() => [OperationState], { nullable: true })
  states?: OperationState[] | null;

  @Field(() => [String], { nullable: true })
  hosts?: string[] | null;
}

@ObjectType({ simpleResolvers: true, description: 'A volume that a prune would not remove, and why.' })
export class SparedVolume {
  @Field(() => Volume)
  volume!: Volume;

  @Field(() => String)
  reason!: string;
}

@ObjectType({ simpleResolvers: true, description: 'What applyPrune would remove, and what it spares.' })
export class PrunePlan {
  @Field(() => ID)
  id!: string;

  @Field(() => DateTimeScalar)
  createdAt!: Date;

  @Field(() => DateTimeScalar)
  expiresAt!: Date;

  @Field(() => [Volume])
  remove!: Volume[];

  @Field(() => [SparedVolume])
  spare!: SparedVolume[];

  @Field(() => BigIntScalar, { nullable: true })
  reclaimableBytes!: bigint | null;
}
