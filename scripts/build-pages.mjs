// Makes the static files of the pages, dist/pages/NAME from src/NAME, with Vite. Where nothing changed since the last time
// nothing is done: bundling GraphiQL's editor takes some seconds, and every start builds.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGES = ['graphiql', 'dashboard'];
/** What pages share. */
const SHARED = path.join(ROOT, 'src/page');
/** What is worth keeping compressed: browsers that take gzip get these. */
const COMPRESSED = /\.(?:html|js|css|svg)$/;

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
