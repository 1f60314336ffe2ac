import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { buildSchema, findBreakingChanges, isObjectType, lexicographicSortSchema, printSchema } from 'graphql';
import { REQUIRED_ROLES } from '../../src/access/permissions.js';
import { makeSchema } from '../../src/graphql/schema.js';

const schema = makeSchema();

test('schema.graphql is what the code emits; run "npm run schema" after a change', () => {
  expect(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')).toBe(`${printSchema(lexicographicSortSchema(schema))}\n`);
});

test('every query, mutation and subscription has a role that it needs, and no role is for a field that is not there', () => {
  for (const root of ['Query', 'Mutation', 'Subscription'] as const) {
    const type = schema.getType(root);
    expect(isObjectType(type) ? Object.keys(type.getFields()).sort() : undefined).toEqual(Object.keys(REQUIRED_ROLES[root]).sort());
  }
});

test('what was published is kept: nothing is renamed, removed or weakened', () => {
  const published = buildSchema(readFileSync(new URL('published-schema.graphql', import.meta.url), 'utf8'));
  expect(findBreakingChanges(published, schema)).toEqual([]);
});
