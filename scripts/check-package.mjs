// Packs this package, installs the tarball in an empty folder, as on a clean machine (no home, no settings, and no scripts of
// packages are run), and runs what users run: version, check, serve with the embedded PostgreSQL, and the client. Build first.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Milliseconds until the gateway must be ready, its own PostgreSQL included. */
const READY_LIMIT_MS = 60_000;

const run = promisify(execFile);
const { name, version } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
const ask = async (key) => (await run('npm', ['config', 'get', key], { cwd: ROOT })).stdout.trim();
const folder = await mkdtemp(path.join(os.tmpdir(), 'stowage-package-'));
const clean = path.join(folder, 'clean');
const env = {
  PATH: process.env.PATH,
  HOME: path.join(folder, 'home'),
  // Where packages come from, and those that were fetched before, are this machine's.
  npm_config_registry: await ask('registry'),
  npm_config_cache: await ask('cache'),
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  npm_config_ignore_scripts: 'true',
};

const require = (holds, what) => {
  if (!holds) throw new Error(what);
  console.log(`ok: ${what}`);
};

try {
  await mkdir(env.HOME);
  await mkdir(clean);
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT, maxBuffer: 1e8 });
  await writeFile(path.join(clean, 'package.json'), '{ "type": "module" }');
  await run('npm', ['install', path.join(folder, `${name}-${version}.tgz`)], { cwd: clean, env, maxBuffer: 1e8 });
  require((await run('npx', ['--yes', `./${name}-${version}.tgz`, 'version'], { cwd: folder, env })).stdout.startsWith(
    'Stowage ',
  ), 'npx with the tarball alone');
  const stowage = async (...words) => (await run('npx', ['stowage', ...words], { cwd: clean, env })).stdout;
  require((await stowage('version')).startsWith(`Stowage ${version},`), 'npx stowage version');
  require(JSON.parse(await stowage('check', '--json')).ok === true, 'npx stowage check');
  await serve();
  for (const file of ['prisma/schema.prisma', 'prisma/migrations/migration_lock.toml', 'prisma.config.ts', 'schema.graphql']) {
    await readFile(path.join(clean, 'node_modules', name, file));
  }
  require(true, 'what "prisma migrate deploy" reads is in the package');
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Starts a gateway, asks it with the command and with the client, and stops it. */
async function serve() {
  const child = spawn('npx', ['stowage', 'serve', '--json'], {
    cwd: clean,
    env: { ...env, STOWAGE_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    let output = '';
    const { url, secret } = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the gateway did not get ready:\n${output}`)), READY_LIMIT_MS);
      child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}:\n${output}`)));
      child.stdout.on('data', (chunk) => {
        output += chunk;
        const line = output.split('\n').find((text) => text.startsWith('{"url"'));
        if (line === undefined) return;
        clearTimeout(timer);
        resolve(JSON.parse(line));
      });
    });
    const asked = { ...env, STOWAGE_URL: url, STOWAGE_TOKEN: secret };
    const { stdout } = await run('npx', ['stowage', 'token', 'list', '--json'], { cwd: clean, env: asked });
    require(JSON.parse(stdout)[0].name === 'admin', 'npx stowage serve, with its own PostgreSQL, and token list');
    await writeFile(
      path.join(clean, 'plan.mjs'),
      `import { StowageClient } from 'stowage/client';
       const client = new StowageClient({ url: process.env.STOWAGE_URL, token: process.env.STOWAGE_TOKEN });
       console.log(String(await client.prune()));`,
    );
    require((await run(process.execPath, ['plan.mjs'], { cwd: clean, env: asked })).stdout === '0 to remove, 0 spared\n', 'stowage/client');
    require((await fetch(`${url}/graphiql`)).ok, 'the page at /graphiql');
  } finally {
    // npx does not pass signals on to what it runs: the whole group is told.
    process.kill(-child.pid, 'SIGTERM');
    require((await ended) !== undefined, 'it stops');
  }
}
