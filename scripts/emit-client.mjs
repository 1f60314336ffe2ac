// Writes the typed documents of scripts' client and of the dashboard, operations.ts beside each operations.graphql.
// `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as operationTypes from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';
import prettier from 'prettier';

const FOLDERS = ['src/client', 'src/dashboard'];
const scalars = { DateTime: 'string', Duration: 'string', BigInt: 'number | string', JSON: 'unknown' };
const config = { scalars, useTypeImports: true, enumsAsTypes: true, immutableTypes: true, strictScalars: true, skipTypename: true };
const schema = parse(readFileSync('schema.graphql', 'utf8'));
const head = '// Made from operations.graphql and schema.graphql by `npm run schema`. Do not edit.\n\n';

for (const folder of FOLDERS) {
  const target = `${folder}/operations.ts`;
  const location = `${folder}/operations.graphql`;
  const code = await codegen({
    filename: target,
    schema,
    documents: [{ location, document: parse(readFileSync(location, 'utf8')) }],
    config,
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations: operationTypes, documents: typedDocuments },
  });
  const text = await prettier.format(head + code, { ...(await prettier.resolveConfig(target)), filepath: target });
  if (!process.argv.includes('--check')) writeFileSync(target, text);
  else if (readFileSync(target, 'utf8') !== text) {
    console.error(`${target} is not what operations.graphql and schema.graphql make. Run npm run schema.`);
    process.exitCode = 1;
  }
}
