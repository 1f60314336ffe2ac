import { Field, InputType, ObjectType } from 'type-graphql';
import { Node } from './common.js';
import { EventSource, LifecycleEventType } from './enums.js';
import { DateTimeScalar, JsonScalar } from './scalars.js';

@ObjectType({ simpleResolvers: true, implements: Node, description: 'Something that happened, in the one order of all events.' })
export class LifecycleEvent extends Node {
  hostKey!: string | null;
  volumeKey!: string | null;
  containerKey!: string | null;
  shareKey!: string | null;
  operationKey!: string | null;

  @Field(() => String, { description: 'Its place in the one order of all events; give it back as `after`.' })
  cursor!: string;

  @Field(() => LifecycleEventType)
  type!: LifecycleEventType;

  @Field(() => EventSource)
  source!: EventSource;

  @Field(() => DateTimeScalar, { description: "The engine's own time where there is one." })
  occurredAt!: Date;

  @Field(() => DateTimeScalar)
  recordedAt!: Date;

  @Field(() => String, { nullable: true, description: 'Who, where it was done through the gateway.' })
  actor!: string | null;

  @Field(() => String, { nullable: true, description: 'Network address that the request came from; null for all but ADMIN.' })
  address!: string | null;

  @Field(() => JsonScalar, { description: 'What else is known of it; it holds no secret.' })
  attributes!: unknown;

  @Field(() => String, { nullable: true, description: "The host's name at that time, also when the host is not known any more." })
  hostName!: string | null;

  @Field(() => String, { nullable: true, description: "The volume's name." })
  volumeName!: string | null;

  @Field(() => String, { nullable: true, description: "The container's name at that time." })
  containerName!: string | null;
}

@InputType({ description: 'Names are compared whole.' })
export class EventFilter {
  @Field(() => [String], { nullable: true })
  hosts?: string[] | null;

  @Field(() => [LifecycleEventType], { nullable: true })
  types?: LifecycleEventType[] | null;

  @Field(() => String, { nullable: true })
  volume?: string | null;

  @Field(() => String, { nullable: true })
  container?: string | null;
}
