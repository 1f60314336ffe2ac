// Writes src/client/operations.ts: the typed documents of src/client/operations.graphql. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as operationTypes from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';
import prettier from 'prettier';

const TARGET = 'src/client/operations.ts';
const scalars = { DateTime: 'string', Duration: 'string', BigInt: 'number | string', JSON: 'unknown' };
const config = { scalars, useTypeImports: true, enumsAsTypes: true, immutableTypes: true, strictScalars: true, skipTypename: true };
const code = await codegen({
  filename: TARGET,
  schema: parse(readFileSync('schema.graphql', 'utf8')),
  documents: [{ location: 'src/client/operations.graphql', document: parse(readFileSync('src/client/operations.graphql', 'utf8')) }],
  config,
  plugins: [{ operations: {} }, { documents: {} }],
  pluginMap: { operations: operationTypes, documents: typedDocuments },
});
const head = '// Made from operations.graphql and schema.graphql by `npm run schema`. Do not edit.\n\n';
const text = await prettier.format(head + code, { ...(await prettier.resolveConfig(TARGET)), filepath: TARGET });
if (!process.argv.includes('--check')) writeFileSync(TARGET, text);
else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error(`${TARGET} is not what operations.graphql and schema.graphql make. Run npm run schema.`);
  process.exitCode = 1;
}
