import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  findBreakingChanges,
  isEnumType,
  isIntrospectionType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { makeSchema } from '../../src/graphql/schema.js';

const schema = makeSchema();

test('schema.graphql is what the code emits; run "npm run schema" after a change', () => {
  expect(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')).toBe(`${printSchema(lexicographicSortSchema(schema))}\n`);
});

test('what was published is kept: nothing is renamed, removed or weakened', () => {
  const published = buildSchema(readFileSync(new URL('published-schema.graphql', import.meta.url), 'utf8'));
  expect(findBreakingChanges(published, schema)).toEqual([]);
});

test('docs/schema-reference.md tells of every type and field; run "npm run schema" after a change', () => {
  const sections = new Map(
    readFileSync(new URL('../../docs/schema-reference.md', import.meta.url), 'utf8')
      .split(/^##+ /m)
      .map((section) => [section.split('\n')[0] ?? '', section]),
  );
  const roots: Record<string, string> = { Query: 'Queries', Mutation: 'Mutations', Subscription: 'Subscriptions' };
  const missing = Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap((type) => {
      const section = sections.get(roots[type.name] ?? type.name);
      if (section === undefined) return [type.name];
      const parts: readonly { readonly name: string }[] = isEnumType(type)
        ? type.getValues()
        : isScalarType(type) || isUnionType(type)
          ? []
          : Object.values<{ readonly name: string }>(type.getFields());
      return parts.filter(({ name }) => !section.includes(`\n| \`${name}\` |`)).map(({ name }) => `${type.name}.${name}`);
    });
  expect(missing).toEqual([]);
});
