// Writes schema.graphql from the built code. Run `npm run build` first.
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { undecidedFields } from '../dist/graphql/guards.js';
import { makeSchema } from '../dist/graphql/schema.js';

const schema = makeSchema();
const undecided = undecidedFields(schema);
if (undecided.length > 0) throw new Error(`no entry in access/access-table.ts says who may use ${undecided.join(', ')}`);
writeFileSync(new URL('../schema.graphql', import.meta.url), `${printSchema(lexicographicSortSchema(schema))}\n`);
