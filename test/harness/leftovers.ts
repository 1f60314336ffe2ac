import { existsSync } from 'node:fs';
import path from 'node:path';
import { findContainerLeftovers, sweepStaleContainers } from './engines-dind.js';
import { enginesRunAs } from './test-engine.js';
import { ENGINE_PREFIX, TEMPLATE_PREFIX, TEST_PREFIX, folderOwner, isStale, temporaryRoot, testFolderIn, testFolders } from './test-folder.js';
import { ALL_PROGRAMS, controlGroups, dismantle, mountsWith, processesWith, removeGroup } from './traces.js';
import { sweepStalePlugins } from './volume-plugin.js';

const PREFIXES = [ENGINE_PREFIX, TEST_PREFIX];
/** Characters of a command line that are shown. */
const SHOWN_COMMAND = 160;

/**
 * What this run has left behind: processes, mounts, control groups, folders and containers with one of the tests' prefixes,
 * each as a line for people. Empty when all is gone. What another test run that is still alive owns is not listed.
 */
export async function findLeftovers(): Promise<string[]> {
  const processes = PREFIXES.flatMap((prefix) => processesWith(`/${prefix}`, ALL_PROGRAMS));
  const mounts = PREFIXES.flatMap((prefix) => mountsWith(`/${prefix}`));
  return [
    ...new Set([
      ...processes.filter(({ tie }) => mayBeOurs(tie)).map(({ pid, command }) => `process ${String(pid)}: ${command.slice(0, SHOWN_COMMAND)}`),
      ...mounts.filter(mayBeOurs).map((mount) => `mount ${mount}`),
      ...controlGroups(PREFIXES)
        .filter(mayBeOurs)
        .map((group) => `control group ${group}`),
      ...testFolders()
        .filter((folder) => !path.basename(folder).startsWith(TEMPLATE_PREFIX) && mayBeOurs(folder))
        .map((folder) => `folder ${folder}`),
      ...(enginesRunAs() === 'containers' ? await findContainerLeftovers() : []),
    ]),
  ];
}

let sweeping: Promise<void> | undefined;

/**
 * Removes what earlier runs left that could not end properly: processes found by a test folder whose owner is dead, then
 * mounts, control groups and the folder itself. Only the first call of a test file does so; it comes before the first engine
 * and the first database, so that what this run leaves is all that is left. Folders of runs still alive are not touched.
 * @throws {Error} when something of a dead run cannot be ended.
 */
export function sweepStale(): Promise<void> {
  sweeping ??= sweep();
  return sweeping;
}

async function sweep(): Promise<void> {
  for (const folder of testFolders().filter(isStale)) await dismantle(folder, ALL_PROGRAMS);
  await sweepStalePlugins();
  // The kernel refuses to remove a group in which anything runs, so these are empty remains without a folder.
  for (const group of controlGroups(PREFIXES)) if (!existsSync(path.join(temporaryRoot(), path.basename(group)))) removeGroup(group);
  if (enginesRunAs() === 'containers') await sweepStaleContainers();
}

function mayBeOurs(text: string): boolean {
  const name = testFolderIn(text);
  return name === undefined || folderOwner(path.join(temporaryRoot(), name)) !== 'other';
}
