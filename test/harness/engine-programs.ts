import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './wait.js';

const run = promisify(execFile);

/** Folders of programs for root, which a user's PATH often lacks. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** Milliseconds for one apt-get. */
const APT_TIMEOUT_MS = 10 * 60_000;
/** Milliseconds that the installs of other processes may take, which install a few packages one after the other. */
const TURN_TIMEOUT_MS = 20 * 60_000;
/** Debian asks this program before it starts a service of a package that it installs; exit status 101 forbids it. */
const POLICY = '/usr/sbin/policy-rc.d';
const FORBIDDEN = 101;
const POLICY_MARK = '# Made by the tests of Stowage while they install packages.';
const APT_OPTIONS = ['-y', '--no-install-recommends', '--no-remove', '--no-upgrade', '-o', 'DPkg::Lock::Timeout=300'];

/** Full paths of what an engine needs. */
export interface EnginePrograms {
  readonly dockerd: string;
  readonly containerd: string;
  readonly docker: string;
  readonly busybox: string;
  /** PATH for these programs: they look for runc and the shims themselves. */
  readonly searchPath: string;
}

/** Debian's package of each program. runc is needed, though only containerd calls it. */
const PACKAGES = {
  dockerd: 'docker.io',
  containerd: 'containerd',
  runc: 'runc',
  docker: 'docker.io',
  busybox: 'busybox-static',
  sshd: 'openssh-server',
  setcap: 'libcap2-bin',
  getfattr: 'attr',
  zstd: 'zstd',
  chromium: 'chromium',
  haproxy: 'haproxy',
  'docker-compose': 'docker-compose',
  promtool: 'prometheus',
} as const;
type Program = keyof typeof PACKAGES;
const ENGINE_PROGRAMS: readonly Program[] = ['dockerd', 'containerd', 'runc', 'docker', 'busybox'];

let programs: Promise<EnginePrograms> | undefined;

/**
 * Finds dockerd, containerd, runc, docker and busybox, and installs what is missing with apt-get. No package is removed or
 * upgraded for it, and no service is started.
 * @throws {Error} that says what to install.
 */
export function enginePrograms(): Promise<EnginePrograms> {
  programs ??= findOrInstall();
  return programs;
}

/**
 * The full path of OpenSSH's server, which is installed like {@link enginePrograms} when it is missing.
 * @throws {Error} that says what to install.
 */
export async function sshServer(): Promise<string> {
  await need(['sshd']);
  return must('sshd');
}

/**
 * The full path of Chromium, which is installed like {@link enginePrograms} when it is missing.
 * @throws {Error} that says what to install.
 */
export async function browserProgram(): Promise<string> {
  await need(['chromium']);
  return must('chromium');
}

/**
 * The full paths of HAProxy and docker-compose, which are installed like {@link enginePrograms} when they are missing.
 * @throws {Error} that says what to install.
 */
export async function composePrograms(): Promise<{ haproxy: string; compose: string }> {
  await need(['haproxy', 'docker-compose']);
  return { haproxy: must('haproxy'), compose: must('docker-compose') };
}

/**
 * The full path of promtool, which is installed with Debian's prometheus like {@link enginePrograms} when it is missing.
 * @throws {Error} that says what to install.
 */
export async function promtoolProgram(): Promise<string> {
  await need(['promtool']);
  return must('promtool');
}

/**
 * Makes sure that there is what looks into volumes and backups from outside: setcap, getfattr and zstd, installed like
 * {@link enginePrograms} when they are missing.
 * @throws {Error} that says what to install.
 */
export function needContentPrograms(): Promise<void> {
  return need(['setcap', 'getfattr', 'zstd']);
}

async function need(names: readonly Program[]): Promise<void> {
  if (missing(names).length > 0) {
    const endTurn = await installTurn();
    try {
      // Another process may have installed them meanwhile.
      if (missing(names).length > 0) await install(missing(names));
    } finally {
      await endTurn();
    }
  }
  const left = missing(names);
  if (left.length > 0) throw adviceFor(left, 'The packages were installed, but these programs are still missing.');
}

async function findOrInstall(): Promise<EnginePrograms> {
  await need(ENGINE_PROGRAMS);
  return {
    dockerd: must('dockerd'),
    containerd: must('containerd'),
    docker: must('docker'),
    busybox: must('busybox'),
    searchPath: searchFolders().join(':'),
  };
}

function searchFolders(): string[] {
  return [...new Set([...(process.env['PATH'] ?? '').split(':').filter(Boolean), ...SYSTEM_FOLDERS])];
}

/** The full path of a program; undefined when there is none. */
export function findProgram(name: string): string | undefined {
  return searchFolders()
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function must(name: Program): string {
  const found = findProgram(name);
  if (found === undefined) throw adviceFor([name], 'It has just been there.');
  return found;
}

function missing(names: readonly Program[]): Program[] {
  return names.filter((name) => findProgram(name) === undefined);
}

function adviceFor(names: readonly Program[], reason: string): Error {
  return new Error(
    `The tests need programs of this machine; not found: ${names.join(', ')}. ${reason}\n` +
      `Install them (on Debian: apt-get install ${packagesFor(names).join(' ')}), or run the tests as a user other than root ` +
      'on a machine with a Docker engine.',
  );
}

function packagesFor(names: readonly Program[]): string[] {
  return [...new Set(names.map((name) => PACKAGES[name]))];
}

async function install(names: readonly Program[]): Promise<void> {
  if (findProgram('apt-get') === undefined) throw adviceFor(names, 'This machine has no apt-get, so they cannot be installed from here.');
  const releaseServices = await holdServices(names);
  try {
    await aptGet(names).catch(async () => {
      await run('apt-get', ['update'], aptEnvironment()).catch(() => undefined);
      await aptGet(names);
    });
  } catch (error) {
    throw adviceFor(names, `apt-get says: ${(error as { stderr?: string }).stderr?.trim().slice(-500) ?? String(error)}`);
  } finally {
    await releaseServices();
  }
}

/**
 * Waits until no other process of the tests installs; gives what ends the turn. It is a name that only one socket of the
 * machine can have, which the kernel gives back whatever becomes of this process.
 */
async function installTurn(): Promise<() => Promise<void>> {
  const server = createServer();
  await eventually(
    () =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen('\0stowage-tests-install', () => {
          server.off('error', reject);
          resolve();
        });
      }),
    { what: 'no other tests install programs', timeoutMs: TURN_TIMEOUT_MS, intervalMs: 200 },
  );
  return async () => {
    server.close();
    await once(server, 'close');
  };
}

async function aptGet(names: readonly Program[]): Promise<void> {
  process.stderr.write(`Installing for the tests: ${packagesFor(names).join(' ')}\n`);
  await run('apt-get', ['install', ...APT_OPTIONS, ...packagesFor(names)], aptEnvironment());
  // Newer Debian has the command line in a package of its own, which docker.io only recommends.
  if (findProgram('docker') === undefined) await run('apt-get', ['install', ...APT_OPTIONS, 'docker-cli'], aptEnvironment());
}

function aptEnvironment(): { env: NodeJS.ProcessEnv; timeout: number } {
  return { env: { ...process.env, PATH: searchFolders().join(':'), DEBIAN_FRONTEND: 'noninteractive' }, timeout: APT_TIMEOUT_MS };
}

/**
 * Keeps Debian from starting services of new packages, and gives back what undoes it. A policy of the machine's own is never
 * changed; ours forbids nothing any more as soon as this process is dead.
 */
async function holdServices(names: readonly Program[]): Promise<() => Promise<void>> {
  if (existsSync(POLICY) && readFileSync(POLICY, 'utf8').includes(POLICY_MARK) && !(await forbidsServices())) await rm(POLICY);
  if (existsSync(POLICY)) {
    if (!(await forbidsServices()))
      throw adviceFor(names, `${POLICY} is there already and would let Docker's service start, so they are not installed from here.`);
    return () => Promise.resolve();
  }
  const script = `#!/bin/sh\n${POLICY_MARK}\n[ -d /proc/${String(process.pid)} ] && exit ${String(FORBIDDEN)}\nexit 0\n`;
  await writeFile(POLICY, script, { mode: 0o755, flag: 'wx' });
  return () => rm(POLICY, { force: true });
}

async function forbidsServices(): Promise<boolean> {
  const code = await run(POLICY, ['docker', 'start']).then(
    () => 0,
    (error: unknown) => (error as { code?: number }).code,
  );
  return code === FORBIDDEN;
}
