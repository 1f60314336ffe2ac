// Makes the static files of the pages, dist/pages/NAME from src/NAME, with Vite, and dist/pages/documents.json, the documents that the
// dashboard sends: a gateway that answers known documents only knows these as well (STOWAGE_DOCUMENTS). Where nothing changed since the last time
// nothing is done: bundling GraphiQL's editor takes some seconds, and every start builds.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGES = ['graphiql', 'dashboard'];
/** What pages share. */
const SHARED = path.join(ROOT, 'src/page');
/** What is worth keeping compressed: browsers that take gzip get these. */
const COMPRESSED = /\.(?:html|js|css|svg)$/;

/** The dashboard's documents, outside of the folders that are served, and what they are made from. */
const DOCUMENTS = path.join(ROOT, 'dist/pages/documents.json');
const OPERATIONS = path.join(ROOT, 'src/dashboard/operations.ts');

const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();

for (const name of PAGES) {
  const source = path.join(ROOT, 'src', name);
  const target = path.join(ROOT, 'dist/pages', name);
  const mark = path.join(ROOT, 'dist/pages', `${name}.sha256`);
  const hash = createHash('sha256');
  for (const file of [...filesOf(source), ...filesOf(SHARED), path.join(ROOT, 'package-lock.json'), fileURLToPath(import.meta.url)])
    hash.update(file).update(readFileSync(file));
  const digest = hash.digest('hex');
  if (existsSync(target) && existsSync(mark) && readFileSync(mark, 'utf8') === digest) continue;
  const { build } = await import('vite');
  await build({ root: source, build: { outDir: target, emptyOutDir: true } });
  for (const file of filesOf(target)) {
    if (COMPRESSED.test(file)) writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }));
  }
  writeFileSync(mark, digest);
}

if (!existsSync(DOCUMENTS) || statSync(DOCUMENTS).mtimeMs < Math.max(...[OPERATIONS, fileURLToPath(import.meta.url)].map((file) => statSync(file).mtimeMs)))
  writeFileSync(DOCUMENTS, JSON.stringify(await sentDocuments()));

/** The texts of all operations of the dashboard, as it sends them: urql's cache adds the names of types, and not all goes through it. */
async function sentDocuments() {
  const { default: typescript } = await import('typescript');
  const { formatDocument, stringifyDocument } = await import('@urql/core');
  const { outputText } = typescript.transpileModule(readFileSync(OPERATIONS, 'utf8'), { compilerOptions: { module: 'ESNext', target: 'ESNext' } });
  const documents = Object.values(await import(`data:text/javascript,${encodeURIComponent(outputText)}`)).filter(({ kind }) => kind === 'Document');
  const operations = documents.filter(({ definitions }) => definitions.some(({ kind }) => kind === 'OperationDefinition'));
  return operations.flatMap((document) => [document, formatDocument(document)].map(stringifyDocument));
}
