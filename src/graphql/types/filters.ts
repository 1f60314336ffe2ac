import { Field, InputType } from 'type-graphql';
import { LabelFilter } from './common.js';
import { ContainerState, OrderDirection, ShareKind, ShareRisk, VolumeOrderField, VolumeState } from './enums.js';
import { BigIntScalar, DurationScalar } from './scalars.js';

@InputType({ description: 'Which volumes; an absent part accepts all, and all parts must match.' })
export class VolumeFilter {
  @Field(() => [String], { nullable: true, description: 'Names of hosts.' })
  hosts?: string[] | null;

  @Field(() => [String], { nullable: true })
  names?: string[] | null;

  @Field(() => String, { nullable: true, description: 'Part of the name, in any case.' })
  search?: string | null;

  @Field(() => [String], { nullable: true })
  drivers?: string[] | null;

  @Field(() => [VolumeState], { nullable: true, description: 'REMOVED volumes only when asked for here.' })
  states?: VolumeState[] | null;

  @Field(() => [LabelFilter], { nullable: true, description: 'All must match.' })
  labels?: LabelFilter[] | null;

  @Field(() => [LabelFilter], { nullable: true, description: 'All must match.' })
  annotations?: LabelFilter[] | null;

  @Field(() => Boolean, { nullable: true })
  anonymous?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Two or more containers reach it.' })
  shared?: boolean | null;

  @Field(() => Boolean, { nullable: true })
  protected?: boolean | null;

  @Field(() => String, { nullable: true })
  composeProject?: string | null;

  @Field(() => BigIntScalar, { nullable: true })
  minSizeBytes?: bigint | null;

  @Field(() => DurationScalar, {
    nullable: true,
    description: 'Not in use now, and known to have been in no running container for this long: its host was watched all the time, and is now.',
  })
  unusedFor?: string | null;
}

@InputType()
export class VolumeOrder {
  @Field(() => VolumeOrderField)
  field!: VolumeOrderField;

  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC })
  direction!: OrderDirection;
}

@InputType()
export class ContainerFilter {
  @Field(() => [String], { nullable: true })
  hosts?: string[] | null;

  @Field(() => String, { nullable: true, description: 'Part of the name, in any case.' })
  search?: string | null;

  @Field(() => [ContainerState], { nullable: true, description: 'REMOVED containers only when asked for here.' })
  states?: ContainerState[] | null;

  @Field(() => [LabelFilter], { nullable: true })
  labels?: LabelFilter[] | null;

  @Field(() => String, { nullable: true, description: 'Name of a volume that it mounts.' })
  volume?: string | null;

  @Field(() => String, { nullable: true })
  composeProject?: string | null;

  @Field(() => [ShareRisk], { nullable: true, description: 'One of these, by a mount of its own or by a share that it is in.' })
  risks?: ShareRisk[] | null;
}

@InputType()
export class ShareFilter {
  @Field(() => [String], { nullable: true })
  hosts?: string[] | null;

  @Field(() => [ShareKind], { nullable: true })
  kinds?: ShareKind[] | null;

  @Field(() => Boolean, { nullable: true })
  crossHost?: boolean | null;

  @Field(() => [ShareRisk], { nullable: true, description: 'One of these.' })
  risks?: ShareRisk[] | null;
}
