import { Field, ObjectType } from 'type-graphql';
import { FindingKind } from './enums.js';
import { Container, Host, Share, Volume } from './inventory.js';
import { DateTimeScalar } from './scalars.js';

@ObjectType({ simpleResolvers: true, description: 'Something that someone should look at.' })
export class Finding {
  @Field(() => FindingKind)
  kind!: FindingKind;

  @Field(() => String)
  message!: string;

  @Field(() => [Host])
  hosts!: Host[];

  @Field(() => [Volume])
  volumes!: Volume[];

  @Field(() => [Container])
  containers!: Container[];

  @Field(() => Share, { nullable: true })
  share!: Share | null;

  @Field(() => DateTimeScalar)
  since!: Date;
}

@ObjectType({ simpleResolvers: true, description: 'What stands still when a host, or a piece of storage or its server, goes away.' })
export class Impact {
  @Field(() => [Container])
  containers!: Container[];

  @Field(() => [Volume])
  volumes!: Volume[];

  @Field(() => [Share])
  shares!: Share[];

  @Field(() => [String])
  composeProjects!: string[];
}
