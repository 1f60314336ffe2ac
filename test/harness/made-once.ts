import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ownerMark, OWNER_FILE, TEMPLATE_PREFIX, temporaryRoot } from './test-folder.js';

/** Set by scripts/begin-test-run.mjs; scripts/end-test-run.mjs removes the run's templates. */
const RUN = process.env['STOWAGE_TEST_RUN'] ?? String(process.pid);

/** By name: calls side by side make nothing twice. */
const made = new Map<string, Promise<string>>();

/**
 * Gives the folder that `make` filled: at the first call of a run; all others find it ready, in whichever test file and worker.
 * It must only be read. The next run removes what a killed one left.
 */
export function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const known = made.get(name) ?? findOrMake(name, make);
  made.set(name, known);
  return known;
}

async function findOrMake(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const templates = path.join(temporaryRoot(), `${TEMPLATE_PREFIX}${RUN}`);
  const ready = path.join(templates, name);
  if (await exists(ready)) return ready;
  await mkdir(templates, { recursive: true, mode: 0o700 });
  await writeFile(path.join(templates, OWNER_FILE), ownerMark(Number(RUN)));
  const draft = await mkdtemp(path.join(templates, `${name}-`));
  try {
    await make(draft);
    await rename(draft, ready);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another worker may have been quicker.
    if (!(await exists(ready))) throw error;
  }
  return ready;
}

function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
