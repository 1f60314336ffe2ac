import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { statFields } from './test-folder.js';

// What a test folder leaves on a Linux machine beside its files: processes, mounts, control groups, sockets of shims.
// Everything here is found by the folder's own name, never by the name of a program alone.

const run = promisify(execFile);

/** Programs of engines: what {@link clearTraces} ends. */
const ENGINE_PROGRAMS: ReadonlySet<string> = new Set(['dockerd', 'containerd', 'containerd-shim', 'containerd-shim-runc-v2', 'runc']);
/** All programs that tests start. An editor or pager that shows a log in a test folder is none of ours. */
export const ALL_PROGRAMS: ReadonlySet<string> = new Set([...ENGINE_PROGRAMS, 'docker', 'postgres', 'initdb', 'node', 'chromium']);
/** Milliseconds that killed processes may take to be gone, and control groups to be empty. */
const END_TIMEOUT_MS = 10_000;
const POLL_MS = 10;
const CGROUP_ROOT = '/sys/fs/cgroup';

/** A process that belongs to a test folder. */
export interface TracedProcess {
  readonly pid: number;
  /** Command line, blanks between the arguments. */
  readonly command: string;
  /** The text that ties it to the folder: an argument, the working folder, or a control group. */
  readonly tie: string;
}

/** Living `programs` whose arguments or working folder contain `mark`, and all in a control group that does; without this process. */
export function processesWith(mark: string, programs: ReadonlySet<string> = ENGINE_PROGRAMS): TracedProcess[] {
  if (!existsSync('/proc/self/cgroup')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((name) => trace(Number(name), mark, programs) ?? []);
}

function trace(pid: number, mark: string, programs: ReadonlySet<string>): TracedProcess | undefined {
  const args = readProc(pid, 'cmdline').split('\0').filter(Boolean);
  const tie =
    readProc(pid, 'cgroup')
      .split('\n')
      .find((line) => line.includes(mark)) ?? namedIn(pid, args, mark, programs);
  if (tie === undefined || hasEnded(pid)) return undefined;
  return { pid, command: args.join(' '), tie };
}

function namedIn(pid: number, args: string[], mark: string, programs: ReadonlySet<string>): string | undefined {
  const program = path.basename(args[0]?.split(':')[0] ?? '');
  if (!programs.has(program) && !programs.has(readProc(pid, 'comm').trim())) return undefined;
  return args.find((arg) => arg.includes(mark)) ?? [workingFolder(pid)].find((folder) => `${folder}/`.includes(mark));
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, 'utf8');
  } catch {
    return ''; // The process has ended meanwhile, or is another user's.
  }
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${String(pid)}/cwd`);
  } catch {
    return '';
  }
}

/** Whether a process is gone, or dead and only not yet collected by its parent. */
export function hasEnded(pid: number): boolean {
  const state = statFields(pid)?.[0];
  return state === undefined || state === 'Z' || state === 'X';
}

/**
 * Kills every process of the folder, frozen containers too, and waits until none is left.
 * @throws {Error} that lists those still there after {@link END_TIMEOUT_MS}.
 */
async function endProcessesOf(folder: string, programs: ReadonlySet<string>): Promise<void> {
  const mark = `/${path.basename(folder)}`;
  thaw(mark.slice(1));
  const until = performance.now() + END_TIMEOUT_MS;
  for (let left = processesWith(mark, programs); left.length > 0; left = processesWith(mark, programs)) {
    if (performance.now() > until) throw new Error(`These processes do not end: ${left.map((one) => `${String(one.pid)} ${one.command}`).join('; ')}`);
    for (const { pid } of left) kill(pid, 'SIGKILL');
    await delay(POLL_MS);
  }
}

/** Sends a signal; a process that has ended meanwhile is no failure. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A process in a frozen group of cgroup v1 (`docker pause`) dies only once it is thawed. */
function thaw(group: string): void {
  for (const folder of groupTree(path.join(CGROUP_ROOT, 'freezer', group))) writeFileSync(path.join(folder, 'freezer.state'), 'THAWED');
}

/** Mount points whose path contains `mark`, in the order in which they were mounted. */
export function mountsWith(mark: string): string[] {
  if (!existsSync('/proc/self/mountinfo')) return [];
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map((point) => point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((point) => point.includes(mark));
}

/**
 * Takes every mount inside the folder away, newest first.
 * @throws {Error} when one stays: removing the folder then could remove what is mounted there.
 */
async function unmountUnder(folder: string): Promise<void> {
  const inside = (): string[] => mountsWith(`${folder}/`).filter((point) => point.startsWith(`${folder}/`));
  for (let round = 0; round < 5 && inside().length > 0; round++) {
    await run('umount', ['-l', '--', ...inside().reverse()]).catch(() => undefined);
  }
  const left = inside();
  if (left.length > 0) throw new Error(`These mounts cannot be taken away: ${left.join(', ')}`);
}

/** Control groups at the top of any hierarchy whose name begins with one of the prefixes. */
export function controlGroups(prefixes: readonly string[]): string[] {
  const tops = [CGROUP_ROOT, ...subfolders(CGROUP_ROOT)];
  return tops.flatMap((top) => subfolders(top).filter((group) => prefixes.some((prefix) => path.basename(group).startsWith(prefix))));
}

/** Removes the folder's control groups, which are empty once its processes have ended; the kernel may need a moment. */
async function removeControlGroups(folder: string): Promise<void> {
  const until = performance.now() + END_TIMEOUT_MS;
  const groups = controlGroups([path.basename(folder)]);
  while (!groups.map(removeGroup).every(Boolean)) {
    if (performance.now() > until) throw new Error(`These control groups do not become empty: ${groups.filter(existsSync).join(', ')}`);
    await delay(POLL_MS);
  }
}

/** True when the group is gone. A group that still holds processes is refused by the kernel. */
export function removeGroup(group: string): boolean {
  try {
    for (const folder of groupTree(group).reverse()) rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** The folder and all below it, parents first; empty when there is none. */
function groupTree(group: string): string[] {
  return existsSync(group) ? [group, ...subfolders(group).flatMap(groupTree)] : [];
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(folder, entry.name));
  } catch {
    return [];
  }
}

/** containerd keeps the sockets of its shims in one place for the machine; a killed shim leaves its own there. */
function shimSockets(folder: string): string[] {
  return subfolders(path.join(folder, 'exec/containerd/io.containerd.runtime.v2.task/moby'))
    .flatMap((task) => [path.join(task, 'address'), path.join(task, 'bootstrap.json')])
    .filter((file) => existsSync(file))
    .flatMap((file) => /unix:\/\/(\/run\/containerd\/s\/[0-9a-f]{64})/.exec(readFileSync(file, 'utf8'))?.[1] ?? []);
}

/** Ends what runs for the folder and takes away its mounts, sockets and control groups, but no file in it: as a power cut does. */
export async function clearTraces(folder: string, programs = ENGINE_PROGRAMS): Promise<void> {
  // Read first: while it is being ended, containerd may remove the notes about shims that ended before it.
  const sockets = shimSockets(folder);
  await endProcessesOf(folder, programs);
  for (const socket of sockets) rmSync(socket, { force: true });
  await unmountUnder(folder);
  await removeControlGroups(folder);
}

/** {@link clearTraces}, then removes the folder. */
export async function dismantle(folder: string, programs = ENGINE_PROGRAMS): Promise<void> {
  await clearTraces(folder, programs);
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
