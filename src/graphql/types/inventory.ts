import { Field, Int, ObjectType } from 'type-graphql';
import type { PartOf } from '../../inventory/columns.js';
import type { MountPart } from '../../inventory/volumes.js';
import { Node } from './common.js';
import { ContainerState, HostStatus, MountOrigin, MountType, ShareKind, VolumeState } from './enums.js';
import { BigIntScalar, DateTimeScalar } from './scalars.js';

// Fields that lead to other objects, those that depend on who asks, and those that are made from what is stored otherwise
// stand in the resolvers: what those need has no decorator here. `id` holds the uuid; schema.ts makes the global one of it.

@ObjectType({ simpleResolvers: true, description: 'What a Docker engine tells of itself.' })
export class Engine {
  @Field(() => String)
  version!: string;

  @Field(() => String, { description: 'The API version that the gateway and this engine agreed on.' })
  apiVersion!: string;

  @Field(() => String)
  os!: string;

  @Field(() => String)
  arch!: string;

  @Field(() => String, { nullable: true })
  storageDriver!: string | null;

  @Field(() => String, { nullable: true, description: 'The host name that the engine knows itself by.' })
  name!: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'Counts of what lives on a host.' })
export class HostStats {
  @Field(() => Int)
  volumes!: number;

  @Field(() => Int)
  containers!: number;

  @Field(() => Int)
  mounts!: number;

  @Field(() => Int, { description: 'Volumes that two or more containers reach.' })
  sharedVolumes!: number;

  @Field(() => Int)
  danglingVolumes!: number;

  @Field(() => BigIntScalar, { nullable: true, description: 'Sum of the measured sizes; null when none was measured.' })
  sizeBytes!: bigint | null;
}

@ObjectType({ simpleResolvers: true, implements: Node, description: 'A Docker engine that the gateway watches.' })
export class Host extends Node {
  @Field(() => String, { description: 'Unique, chosen by the user.' })
  name!: string;

  @Field(() => String, { description: 'unix:///run/docker.sock, tcp://host:2376 or ssh://user@host; never holds a secret.' })
  endpoint!: string;

  @Field(() => HostStatus)
  status!: HostStatus;

  @Field(() => String, { nullable: true, description: 'Why it is not ONLINE, in words.' })
  statusReason!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When its engine was last heard of.' })
  lastSeenAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'The inventory of this host is true as of then.' })
  lastSyncedAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Nothing that happened on it since then was missed; whether volumes were used before is known in part only.',
  })
  watchedSince!: Date | null;

  @Field(() => String, {
    nullable: true,
    description: 'The file of settings that declares it, in which it is to be changed; null where the API does, and for all but ADMIN.',
  })
  declaredIn!: string | null;

  labels!: unknown;
  engine!: unknown;
}

@ObjectType({ simpleResolvers: true, implements: Node, description: 'A volume of one host. One made anew under a name is another volume.' })
export class Volume extends Node {
  hostId!: string;
  /** Where it was read with the volume. */
  host?: PartOf<'host'>;
  /** Where they were read with the volume. */
  mounts?: readonly MountPart[];
  options!: unknown;
  sealedOptions!: Uint8Array | null;
  labels!: unknown;
  annotations!: unknown;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  driver!: string;

  @Field(() => String, { description: 'local, or global for a driver whose volumes are the same on every host.' })
  scope!: string;

  @Field(() => String, { description: "Where it lies on the host's disk." })
  mountpoint!: string;

  @Field(() => Boolean, { description: 'Named by the engine, not by a user.' })
  anonymous!: boolean;

  @Field(() => String, { nullable: true })
  composeProject!: string | null;

  @Field(() => VolumeState)
  state!: VolumeState;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "The engine's own time; engines before 24.0 move it with every write in the volume's root, so it is the first one seen.",
  })
  createdAt!: Date | null;

  @Field(() => DateTimeScalar)
  firstSeenAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  removedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When a container last started with it; outlives that container.' })
  lastMountedAt!: Date | null;

  @Field(() => String, { nullable: true, description: "That container's name." })
  lastUsedBy!: string | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'null: never measured.' })
  sizeBytes!: bigint | null;

  @Field(() => DateTimeScalar, { nullable: true })
  sizeMeasuredAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'In words, where the engine cannot measure it.' })
  sizeUnknownBecause!: string | null;

  @Field(() => Boolean, { description: 'The gateway refuses to remove it or to write over it.' })
  protected!: boolean;

  @Field(() => Int, { description: 'How many containers refer to it.' })
  shareCount!: number;
}

@ObjectType({ simpleResolvers: true, description: 'How much a volume held when its host was measured.' })
export class VolumeSize {
  @Field(() => DateTimeScalar)
  measuredAt!: Date;

  @Field(() => BigIntScalar)
  sizeBytes!: bigint;
}

@ObjectType({ simpleResolvers: true, implements: Node, description: 'A container of one host.' })
export class Container extends Node {
  hostId!: string;
  /** Keys of the containers named by --volumes-from. */
  volumesFrom!: readonly string[];
  labels!: unknown;

  @Field(() => String, { description: "The engine's 64 hex digits." })
  engineId!: string;

  @Field(() => String, { description: 'Without the leading slash.' })
  name!: string;

  @Field(() => String)
  image!: string;

  @Field(() => ContainerState)
  state!: ContainerState;

  @Field(() => String, { nullable: true })
  composeProject!: string | null;

  @Field(() => String, { nullable: true })
  composeService!: string | null;

  @Field(() => DateTimeScalar)
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  startedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  removedAt!: Date | null;
}

@ObjectType({ simpleResolvers: true, implements: Node, description: 'One piece of storage at one place in one container.' })
export class Mount extends Node {
  containerId!: string;
  volumeId!: string | null;
  /** Where it was read with the mount. */
  container?: PartOf<'container'>;

  @Field(() => MountType)
  type!: MountType;

  @Field(() => String, { nullable: true, description: "The host path of a bind mount, else the volume's mountpoint." })
  source!: string | null;

  @Field(() => String)
  destination!: string;

  @Field(() => Boolean)
  readOnly!: boolean;

  @Field(() => String, { nullable: true })
  propagation!: string | null;

  @Field(() => MountOrigin)
  origin!: MountOrigin;
}

@ObjectType({ simpleResolvers: true, implements: Node, description: 'One piece of storage that two or more containers reach.' })
export class Share extends Node {
  hostId!: string | null;
  multipleWriters!: boolean;
  crossHostWriters!: boolean;

  @Field(() => ShareKind)
  kind!: ShareKind;

  @Field(() => String, { description: '"nas.example:/export/media", "/srv/data", or the volume\'s name.' })
  identity!: string;
}
