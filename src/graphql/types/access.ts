import { Field, ObjectType } from 'type-graphql';
import { Node } from './common.js';
import { Role } from './enums.js';
import { DateTimeScalar } from './scalars.js';

@ObjectType({ simpleResolvers: true, description: 'Who asks.' })
export class Viewer {
  @Field(() => String)
  name!: string;

  @Field(() => Role)
  role!: Role;

  @Field(() => [String], { nullable: true, description: 'null: all hosts.' })
  hosts!: string[] | null;
}

@ObjectType({ simpleResolvers: true, implements: Node, description: 'A token that opens the gateway. Its secret is kept nowhere.' })
export class AccessToken extends Node {
  @Field(() => String)
  name!: string;

  @Field(() => Role)
  role!: Role;

  @Field(() => [String], { nullable: true, description: 'null: all hosts.' })
  hosts!: string[] | null;

  @Field(() => DateTimeScalar)
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  expiresAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  lastUsedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  revokedAt!: Date | null;
}
