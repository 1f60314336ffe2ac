import { Field, ObjectType } from 'type-graphql';
import { AccessToken } from './access.js';
import { ProblemType } from './common.js';
import { Container, Host, Volume } from './inventory.js';
import { BackupPolicy, Operation } from './operations.js';

@ObjectType({ simpleResolvers: true })
export class HostPayload {
  @Field(() => Host)
  host!: Host;
}

@ObjectType({ simpleResolvers: true, description: 'What createVolume did on one host.' })
export class VolumeResult {
  @Field(() => Host)
  host!: Host;

  @Field(() => Volume, { nullable: true, description: 'null with an error, or when it is there and the inventory does not show it yet.' })
  volume!: Volume | null;

  @Field(() => Boolean, { description: 'false without an error: it was there already, just so.' })
  created!: boolean;

  @Field(() => ProblemType, { nullable: true })
  error!: ProblemType | null;
}

@ObjectType({ simpleResolvers: true })
export class VolumesPayload {
  @Field(() => [VolumeResult], { description: 'One a host, in the order asked.' })
  results!: VolumeResult[];
}

@ObjectType({ simpleResolvers: true, description: 'What became of one volume that was to be removed.' })
export class RemoveVolumeResult {
  @Field(() => Host)
  host!: Host;

  @Field(() => String)
  name!: string;

  @Field(() => Boolean, { description: 'true: it is gone from its engine; the inventory may show that a moment later.' })
  removed!: boolean;

  @Field(() => ProblemType, { nullable: true })
  error!: ProblemType | null;
}

@ObjectType({ simpleResolvers: true })
export class RemoveVolumesPayload {
  @Field(() => [RemoveVolumeResult], { description: 'One a volume, in the order asked.' })
  results!: RemoveVolumeResult[];
}

@ObjectType({ simpleResolvers: true })
export class VolumePayload {
  @Field(() => Volume)
  volume!: Volume;
}

@ObjectType({ simpleResolvers: true })
export class ContainerPayload {
  @Field(() => Container)
  container!: Container;
}

@ObjectType({ simpleResolvers: true })
export class OperationPayload {
  @Field(() => Operation)
  operation!: Operation;
}

@ObjectType({ simpleResolvers: true })
export class SyncResult {
  @Field(() => Host)
  host!: Host;

  @Field(() => ProblemType, { nullable: true })
  error!: ProblemType | null;
}

@ObjectType({ simpleResolvers: true })
export class SyncPayload {
  @Field(() => [SyncResult])
  results!: SyncResult[];
}

@ObjectType({ simpleResolvers: true })
export class TokenPayload {
  @Field(() => AccessToken)
  token!: AccessToken;

  @Field(() => String, { description: 'Shown this once.' })
  secret!: string;
}

@ObjectType({ simpleResolvers: true })
export class BackupPolicyPayload {
  @Field(() => BackupPolicy, { nullable: true, description: 'null: it was taken away.' })
  policy!: BackupPolicy | null;
}
