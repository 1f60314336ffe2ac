// Runs the stages of the Dockerfile by hand, for machines whose engine cannot pull images: as root on Debian with Node.js, which
// stand in for node:20-bookworm-slim. Each stage has a root of its own, an overlay over this machine's, so that nothing is
// changed here; what COPY may take is what .dockerignore lets through. Then the last stage is run as its user, with its
// health check, and looked through for what has no place in it.
//   npm run check-image
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Milliseconds until the gateway must be healthy. */
const HEALTHY_LIMIT_MS = 60_000;

if (process.getuid?.() !== 0) throw new Error('Run this as root: it mounts roots of its own.');
// Overlays cannot lie on an overlay; where all of the machine is one, memory takes them.
const folder = mkdtempSync(
  path.join(spawnSync('stat', ['-fc', '%T', '/var/tmp']).stdout.toString().trim() === 'overlayfs' ? '/dev/shm' : '/var/tmp', 'stowage-image-'),
);
const mounts = [];
const run = (program, args, options = {}) => execFileSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
const say = (line) => process.stdout.write(`${line}\n`);
const require = (holds, what) => {
  if (!holds) throw new Error(`not so: ${what}`);
  say(`ok: ${what}`);
};

/** Instructions of the Dockerfile, with lines that go on joined. */
const instructions = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, ' ')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '')
  .map((line) => ({ word: line.split(' ', 1)[0], rest: line.slice(line.indexOf(' ') + 1) }));

/** What the build may see: the folder as .dockerignore has it. */
function makeContext() {
  const context = path.join(folder, 'context');
  mkdirSync(context);
  const rules = readFileSync(path.join(ROOT, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  const kept = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
  const left = rules.slice(1).filter((rule) => !rule.startsWith('!'));
  for (const name of kept) cpSync(path.join(ROOT, name), path.join(context, name), { recursive: true });
  for (const name of left) rmSync(path.join(context, name), { recursive: true, force: true });
  return context;
}

/** A root for a stage. */
function makeRoot(name) {
  const [upper, work, root] = ['upper', 'work', 'root'].map((part) => path.join(folder, name, part));
  for (const part of [upper, work, root]) mkdirSync(part, { recursive: true });
  run('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=/,upperdir=${upper},workdir=${work}`, root]);
  mounts.push(root);
  for (const special of ['proc', 'dev']) {
    run('mount', ['--rbind', `/${special}`, path.join(root, special)]);
    mounts.push(path.join(root, special));
  }
  // The image has a user for Node.js.
  if (!/^node:/m.test(readFileSync(path.join(root, 'etc/passwd'), 'utf8'))) run('chroot', [root, 'useradd', '--create-home', '--uid', '1999', 'node']);
  return { root, upper };
}

try {
  const context = makeContext();
  const stages = new Map();
  let stage;
  for (const { word, rest } of instructions) {
    if (word === 'FROM') {
      const name = / AS (\S+)$/i.exec(rest)?.[1] ?? 'last';
      stage = { ...makeRoot(name), environment: {}, folder: '/', user: 'root' };
      stages.set(name, stage);
      say(`stage ${name}`);
    } else if (word === 'WORKDIR') {
      stage.folder = rest;
      // Of this machine there is nothing in it.
      rmSync(path.join(stage.root, rest), { recursive: true, force: true });
      mkdirSync(path.join(stage.root, rest), { recursive: true });
    } else if (word === 'ENV') {
      for (const pair of rest.split(' ')) stage.environment[pair.split('=')[0]] = pair.split('=').slice(1).join('=');
    } else if (word === 'COPY') {
      const from = /^--from=(\S+) /.exec(rest)?.[1];
      const names = rest.replace(/^--from=\S+ /, '').split(' ');
      const target = names.pop();
      for (const name of names) {
        const source = from === undefined ? path.join(context, name) : path.join(stages.get(from).root, name);
        const into = path.resolve(stage.folder, target);
        // A folder's content is copied, a file keeps its name where the target is a folder.
        const goal = statSync(source).isDirectory() ? into : target.endsWith('/') ? path.join(into, path.basename(name)) : into;
        mkdirSync(path.dirname(path.join(stage.root, goal)), { recursive: true });
        run('cp', ['-a', ...(statSync(source).isDirectory() ? ['-T'] : []), source, path.join(stage.root, goal)]);
      }
    } else if (word === 'RUN') {
      say(`RUN ${rest}`);
      inStage(stage, ['sh', '-c', rest]);
    } else if (word === 'USER') stage.user = rest;
    else if (word === 'HEALTHCHECK') stage.check = JSON.parse(/CMD (\[.*\])/.exec(rest)[1]);
    else if (word === 'CMD') stage.command = JSON.parse(rest);
  }
  await proveLast(stages.get('last'));
} finally {
  for (const mount of mounts.reverse()) spawnSync('umount', ['-R', '-l', mount]);
  rmSync(folder, { recursive: true, force: true });
}

/** The command line that runs words in a stage, as its user, in its working directory, with its environment alone. */
function entering({ root, folder: directory, environment, user }, words) {
  const variables = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: user === 'root' ? '/root' : `/home/${user}`, ...environment };
  const passed = ['npm_config_registry'].filter((name) => process.env[name] !== undefined && user === 'root').map((name) => `${name}=${process.env[name]}`);
  const pairs = [...Object.entries(variables).map(([name, value]) => `${name}=${value}`), ...passed];
  const script = 'cd "$0" && exec "$@"';
  return ['chroot', [`--userspec=${user}`, root, 'env', '-i', ...pairs, 'sh', '-c', script, directory, ...words]];
}

function inStage(stage, words) {
  run(...entering(stage, words));
}

/** Leaves a stage what a container with docker-compose.yml's `read_only` and `tmpfs` may write: its volume, and /tmp. */
function makeReadOnly({ root }) {
  for (const name of ['data', 'tmp']) {
    const { uid, gid, mode } = statSync(path.join(root, name));
    run('mount', ['-t', 'tmpfs', '-o', `uid=${String(uid)},gid=${String(gid)},mode=${(mode & 0o7777).toString(8)}`, 'tmpfs', path.join(root, name)]);
    mounts.push(path.join(root, name));
  }
  run('mount', ['-o', 'remount,ro', root]);
}

/** Runs the gateway of the last stage and its health check. */
async function proveLast(stage) {
  const has = (name) => existsSync(path.join(stage.root, stage.folder, name));
  require(stage.user !== 'root', 'the gateway does not run as root');
  require(['typescript', 'vite', 'jest', 'prisma', 'rolldown'].every((name) => !has(`node_modules/${name}`)), 'no build tools are left');
  require(['src', 'scripts', 'test', '.git'].every((name) => !has(name)), 'no sources are left');
  writeFileSync(path.join(stage.root, 'etc/hosts'), '127.0.0.1 localhost\n');
  makeReadOnly(stage);
  require(spawnSync(...entering(stage, ['touch', 'x'])).status !== 0 &&
    spawnSync('touch', [path.join(stage.root, 'etc/x')]).status !== 0, 'its root is read-only');
  const port = String(20_000 + (process.pid % 20_000));
  const started = { ...stage, environment: { ...stage.environment, STOWAGE_PORT: port, STOWAGE_BIND: '127.0.0.1' } };
  const child = spawn(...entering(started, stage.command), { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const until = Date.now() + HEALTHY_LIMIT_MS;
  const isHealthy = () => spawnSync(...entering(started, stage.check)).status === 0;
  try {
    while (!isHealthy()) {
      if (Date.now() > until || child.exitCode !== null) throw new Error(`the gateway is not healthy:\n${output}`);
      await delay(500);
    }
    require(true, 'the gateway starts as its user, with a PostgreSQL of its own in /data and nothing else to write to, and is healthy');
    require(spawnSync(...entering({ ...stage, user: 'node' }, ['node', 'dist/bundle/main.js', 'version'])).status === 0, 'the command runs in it');
  } finally {
    child.kill('SIGTERM');
    require((await ended) === 0, 'it stops in order');
  }
}
