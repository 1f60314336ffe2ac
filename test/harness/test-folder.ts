import { readdirSync, readFileSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Begins the name of every folder, control group and container of a test engine. */
export const ENGINE_PREFIX = 'stowage-engine-';
/** Begins the name of every other temporary folder of the tests. */
export const TEST_PREFIX = 'stowage-test-';
/** Begins the name of what one run makes once and copies for each of its tests; it goes with the run. */
export const TEMPLATE_PREFIX = 'stowage-template-';
const PREFIXES = [ENGINE_PREFIX, TEST_PREFIX, TEMPLATE_PREFIX];

/** File in each folder with the mark of its owner. */
export const OWNER_FILE = 'owner.pid';
/** Milliseconds after which a folder without an owner file is no longer one that is just being made. */
const UNOWNED_GRACE_MS = 60_000;

/** Whether the run that made something still goes on; `unknown` where no owner is written down. */
export type OwnerState = 'me' | 'other' | 'dead' | 'unknown';

/** Bytes that must be free in memory for engines to keep their data there. */
const ROOMY_BYTES = 4 * 1024 ** 3;
const MEMORY_ROOT = '/dev/shm';
let chosenRoot: string | undefined;

/**
 * The folder for temporary files without symbolic links, as the kernel shows it in mounts and command lines. In memory
 * where there is room: several engines and a PostgreSQL that sync to one disk hold each other up for seconds.
 */
export function temporaryRoot(): string {
  chosenRoot ??= hasRoomInMemory() ? MEMORY_ROOT : realpathSync(os.tmpdir());
  return chosenRoot;
}

function hasRoomInMemory(): boolean {
  // TMPDIR is the word of whoever runs the tests.
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || process.env['TMPDIR'] !== undefined) return false;
  try {
    const { bavail, bsize } = statfsSync(MEMORY_ROOT);
    return bavail * bsize >= ROOMY_BYTES;
  } catch {
    return false;
  }
}

/**
 * Makes an empty temporary folder that the leftovers check knows and a later run may sweep away once this process is dead.
 * @param label makes it recognisable: `stowage-test-LABEL-abc123`.
 */
export async function makeTestFolder(label: string, prefix: string = TEST_PREFIX): Promise<string> {
  const folder = await mkdtemp(path.join(temporaryRoot(), `${prefix}${label}-`));
  await writeFile(path.join(folder, OWNER_FILE), ownerMark(process.pid));
  return folder;
}

/** All folders of this and earlier runs. */
export function testFolders(): string[] {
  const root = temporaryRoot();
  return readdirSync(root)
    .filter((name) => PREFIXES.some((prefix) => name.startsWith(prefix)))
    .map((name) => path.join(root, name));
}

/** The name of the test folder that a path, command line or control group speaks of: `stowage-engine-a-x1Y2z3`. */
export function testFolderIn(text: string): string | undefined {
  return /\/(stowage-(?:engine|test)-[\w.-]+)/.exec(text)?.[1];
}

/** "PID START": the start time tells a process from a later one that got the same number. */
export function ownerMark(pid: number): string {
  return `${String(pid)} ${startTime(pid) ?? ''}`;
}

/** Who holds the folder, and whether that process (or its parent: a jest worker's) is this one. */
export function folderOwner(folder: string): OwnerState {
  let mark: string;
  try {
    mark = readFileSync(path.join(folder, OWNER_FILE), 'utf8');
  } catch {
    return 'unknown';
  }
  return ownerState(mark);
}

/** The same for a mark that is kept elsewhere, such as in a container's label. */
export function ownerState(mark: string): OwnerState {
  const pid = Number(mark.split(' ')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return 'unknown';
  if (!isAlive(pid) || mark !== ownerMark(pid)) return 'dead';
  return pid === process.pid || parentOf(pid) === process.pid ? 'me' : 'other';
}

/** Whether the folder is from a run that is over, so that anyone may remove it. */
export function isStale(folder: string): boolean {
  const owner = folderOwner(folder);
  if (owner !== 'unknown') return owner === 'dead';
  const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Date.now() - made > UNOWNED_GRACE_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function startTime(pid: number): string | undefined {
  return statFields(pid)?.[19];
}

function parentOf(pid: number): number | undefined {
  const parent = statFields(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Fields of /proc/PID/stat from the third on (state, parent, …): the second, a name in brackets, may hold blanks. */
export function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
