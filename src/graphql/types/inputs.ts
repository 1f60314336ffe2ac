import { Field, ID, InputType, Int } from 'type-graphql';
import { KeyValueInput, LabelInput } from './common.js';
import { MountType, Quiesce, Role } from './enums.js';
import { DurationScalar } from './scalars.js';

const IDEMPOTENCY_KEY =
  "The same key from the same caller again within 24 hours gives the first call's answer and does nothing; with another input it is a CONFLICT.";

@InputType({ description: 'Keys in PEM format. They are stored sealed and never shown.' })
export class TlsInput {
  @Field(() => String, { nullable: true, description: "Certificate of the authority that signed the engine's; absent: the system's own." })
  ca?: string | null;

  @Field(() => String, { nullable: true })
  cert?: string | null;

  @Field(() => String, { nullable: true })
  key?: string | null;
}

@InputType({ description: "How to sign in over ssh. Absent: the gateway's own ssh agent or ~/.ssh keys. Stored sealed and never shown." })
export class SshInput {
  @Field(() => String, { nullable: true, description: 'A private key in OpenSSH or PEM format.' })
  privateKey?: string | null;

  @Field(() => String, { nullable: true })
  passphrase?: string | null;
}

@InputType()
export class AddHostInput {
  @Field(() => String)
  name!: string;

  @Field(() => String, { description: 'unix:///run/docker.sock, tcp://host:2376 or ssh://user@host.' })
  endpoint!: string;

  @Field(() => [LabelInput], { nullable: true })
  labels?: LabelInput[] | null;

  @Field(() => TlsInput, { nullable: true })
  tls?: TlsInput | null;

  @Field(() => SshInput, { nullable: true })
  ssh?: SshInput | null;
}

@InputType({ description: 'What is absent stays as it is.' })
export class UpdateHostInput {
  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  newName?: string | null;

  @Field(() => String, { nullable: true })
  endpoint?: string | null;

  @Field(() => [LabelInput], { nullable: true, description: 'All labels, in place of those that were there.' })
  labels?: LabelInput[] | null;

  @Field(() => TlsInput, { nullable: true, description: 'All keys, in place of those that were there.' })
  tls?: TlsInput | null;

  @Field(() => SshInput, { nullable: true })
  ssh?: SshInput | null;

  @Field(() => Boolean, { nullable: true })
  enabled?: boolean | null;
}

@InputType()
export class RemoveHostInput {
  @Field(() => String)
  name!: string;
}

@InputType()
export class CreateVolumeInput {
  @Field(() => [String], { description: 'Names of hosts; the results come in this order.' })
  hosts!: string[];

  @Field(() => String, { nullable: true, description: 'Absent: the gateway makes one up, the same on all hosts.' })
  name?: string | null;

  @Field(() => String, { nullable: true, defaultValue: 'local' })
  driver?: string | null;

  @Field(() => [KeyValueInput], { nullable: true })
  driverOptions?: KeyValueInput[] | null;

  @Field(() => [LabelInput], { nullable: true })
  labels?: LabelInput[] | null;

  @Field(() => String, { nullable: true, description: `${IDEMPOTENCY_KEY} A host that did not answer is asked again.` })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A volume by host and name.' })
export class VolumeRef {
  @Field(() => String)
  host!: string;

  @Field(() => String)
  name!: string;

  @Field(() => ID, { nullable: true, description: 'When given: a CONFLICT if another volume has that name by now.' })
  id?: string | null;
}

@InputType()
export class RemoveVolumeInput {
  @Field(() => [VolumeRef])
  volumes!: VolumeRef[];

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      "The engine's force: a driver that errs does not hold the removal up. Also: a host that is away and might use a volume of scope global does not. Not: protection, and containers.",
  })
  force?: boolean | null;
}

@InputType({ description: 'A container by host and name or full engine id.' })
export class ContainerRef {
  @Field(() => String)
  host!: string;

  @Field(() => String)
  name!: string;
}

@InputType()
export class UpdateVolumeInput {
  @Field(() => VolumeRef)
  volume!: VolumeRef;

  @Field(() => Boolean, { nullable: true })
  protected?: boolean | null;

  @Field(() => [KeyValueInput], { nullable: true })
  annotations?: KeyValueInput[] | null;
}

@InputType()
export class ApplyPruneInput {
  @Field(() => ID)
  planId!: string;
}

@InputType()
export class MountInput {
  @Field(() => MountType)
  type!: MountType;

  @Field(() => String, { nullable: true, description: 'Name of a volume, or an absolute host path for BIND. Absent for VOLUME: the engine names one.' })
  source?: string | null;

  @Field(() => String)
  destination!: string;

  @Field(() => Boolean, { nullable: true, defaultValue: false })
  readOnly?: boolean | null;
}

@InputType()
export class RunContainerInput {
  @Field(() => String)
  host!: string;

  @Field(() => String)
  image!: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => [String], { nullable: true })
  command?: string[] | null;

  @Field(() => [String], { nullable: true })
  entrypoint?: string[] | null;

  @Field(() => [KeyValueInput], { nullable: true })
  env?: KeyValueInput[] | null;

  @Field(() => [LabelInput], { nullable: true })
  labels?: LabelInput[] | null;

  @Field(() => [MountInput], { nullable: true })
  mounts?: MountInput[] | null;

  @Field(() => [String], { nullable: true, description: 'Names of containers whose mounts it takes over; ":ro" may follow a name.' })
  volumesFrom?: string[] | null;

  @Field(() => String, { nullable: true, description: "Name of a network, or none; absent: the engine's own default." })
  network?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: true })
  start?: boolean | null;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType()
export class StopContainerInput {
  @Field(() => ContainerRef)
  container!: ContainerRef;

  @Field(() => Int, { nullable: true, description: "Seconds until it is ended hard; absent: the container's own." })
  timeoutSeconds?: number | null;
}

@InputType()
export class RemoveContainerInput {
  @Field(() => ContainerRef)
  container!: ContainerRef;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Also when it is running.' })
  force?: boolean | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false })
  removeAnonymousVolumes?: boolean | null;
}

@InputType()
export class CloneVolumeInput {
  @Field(() => VolumeRef)
  source!: VolumeRef;

  @Field(() => String)
  name!: string;

  @Field(() => [LabelInput], { nullable: true })
  labels?: LabelInput[] | null;

  @Field(() => Quiesce, { nullable: true, defaultValue: Quiesce.LIVE })
  quiesce?: Quiesce | null;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType()
export class RenameVolumeInput {
  @Field(() => VolumeRef)
  volume!: VolumeRef;

  @Field(() => String)
  newName!: string;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType()
export class MigrateVolumeInput {
  @Field(() => VolumeRef)
  source!: VolumeRef;

  @Field(() => String)
  toHost!: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false })
  removeSource?: boolean | null;

  @Field(() => Quiesce, { nullable: true, defaultValue: Quiesce.LIVE })
  quiesce?: Quiesce | null;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType()
export class BackupVolumeInput {
  @Field(() => VolumeRef)
  volume!: VolumeRef;

  @Field(() => Quiesce, { nullable: true, defaultValue: Quiesce.LIVE })
  quiesce?: Quiesce | null;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType()
export class RestoreVolumeInput {
  @Field(() => ID)
  backup!: string;

  @Field(() => String)
  host!: string;

  @Field(() => String)
  name!: string;

  @Field(() => Boolean, { nullable: true, defaultValue: false })
  overwrite?: boolean | null;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType()
export class SetBackupPolicyInput {
  @Field(() => VolumeRef)
  volume!: VolumeRef;

  @Field(() => String, { nullable: true, description: 'Five fields, in UTC, such as "0 3 * * *"; absent: no policy any more.' })
  cron?: string | null;

  @Field(() => Quiesce, { nullable: true, defaultValue: Quiesce.LIVE })
  quiesce?: keyof typeof Quiesce | null;

  @Field(() => Int, { nullable: true, defaultValue: 7 })
  keepLast?: number | null;

  @Field(() => Int, { nullable: true, defaultValue: 0 })
  keepDaily?: number | null;

  @Field(() => Int, { nullable: true, defaultValue: 0 })
  keepWeekly?: number | null;
}

@InputType()
export class MeasureVolumesInput {
  @Field(() => [String], { nullable: true })
  hosts?: string[] | null;
}

@InputType()
export class CreateTokenInput {
  @Field(() => String)
  name!: string;

  @Field(() => Role)
  role!: Role;

  @Field(() => [String], { nullable: true, description: 'Absent: all hosts.' })
  hosts?: string[] | null;

  @Field(() => DurationScalar, { nullable: true })
  expiresIn?: string | null;
}
