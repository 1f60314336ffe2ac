import { Field, Int, ObjectType } from 'type-graphql';
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

@ObjectType({ simpleResolvers: true, description: 'What one document may ask for; more is LIMIT_EXCEEDED.' })
export class Limits {
  @Field(() => Int, { description: 'Entries of a page (`first`).' })
  pageSize!: number;

  @Field(() => Int, { description: 'Fields within fields.' })
  depth!: number;

  @Field(() => Int, { description: 'Aliases, counted where fragments are used.' })
  aliases!: number;

  @Field(() => Int, { description: 'Words and signs of the document.' })
  tokens!: number;

  @Field(() => Int, { description: 'Objects that it may read, roughly, worked out before it runs.' })
  cost!: number;
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
