import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { buildSchema, findBreakingChanges, lexicographicSortSchema, printSchema } from 'graphql';
import { makeSchema } from '../../src/graphql/schema.js';

const schema = makeSchema();

test('schema.graphql is what the code emits; run "npm run schema" after a change', () => {
  expect(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')).toBe(`${printSchema(lexicographicSortSchema(schema))}\n`);
});

test('what was published is kept: nothing is renamed, removed or weakened', () => {
  const published = buildSchema(readFileSync(new URL('published-schema.graphql', import.meta.url), 'utf8'));
  expect(findBreakingChanges(published, schema)).toEqual([]);
});
