// Writes schema.graphql from the built code. Run `npm run build` first.
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { makeSchema } from '../dist/graphql/schema.js';

writeFileSync(new URL('../schema.graphql', import.meta.url), `${printSchema(lexicographicSortSchema(makeSchema()))}\n`);
