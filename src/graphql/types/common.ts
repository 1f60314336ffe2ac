import { Field, ID, InputType, InterfaceType, ObjectType } from 'type-graphql';

@InterfaceType({ description: 'Anything with an id that `node` finds again.' })
export abstract class Node {
  @Field(() => ID)
  id!: string;
}

@ObjectType({ simpleResolvers: true, description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'True for every page that was asked for with `after`.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Give it back as `after` to get the next page.' })
  endCursor!: string | null;
}

@ObjectType({ simpleResolvers: true })
export class Label {
  @Field(() => String)
  key!: string;

  @Field(() => String)
  value!: string;
}

@ObjectType({ simpleResolvers: true })
export class KeyValue {
  @Field(() => String)
  key!: string;

  @Field(() => String)
  value!: string;
}

@ObjectType('Problem', { simpleResolvers: true, description: 'What went wrong for one host or one object.' })
export class ProblemType {
  @Field(() => String, { description: 'One of the codes in docs/problems.md.' })
  code!: string;

  @Field(() => String, { description: 'What was wrong and what to do.' })
  message!: string;
}

@InputType()
export class LabelInput {
  @Field(() => String)
  key!: string;

  @Field(() => String, { nullable: true, defaultValue: '' })
  value?: string | null;
}

@InputType()
export class LabelFilter {
  @Field(() => String)
  key!: string;

  @Field(() => String, { nullable: true, description: 'Absent: any value.' })
  value?: string | null;
}

@InputType()
export class KeyValueInput {
  @Field(() => String)
  key!: string;

  @Field(() => String)
  value!: string;
}

@ObjectType({ simpleResolvers: true })
export class RemovedPayload {
  @Field(() => Boolean)
  removed!: boolean;
}

/** Labels and options of a row as the list that the schema shows, by key. */
export function asPairs(value: unknown): { key: string; value: string }[] {
  return Object.entries((value ?? {}) as Record<string, string>)
    .map(([key, text]) => ({ key, value: text }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}
