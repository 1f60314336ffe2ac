import { randomBytes } from 'node:crypto';
import { EngineError } from '../engine/connection.js';
import type { Engine } from '../engine/engine.js';
import { quote } from '../engine/names.js';
import { NONCE_LABEL } from '../engine/names.js';
import { openVolume, type OpenVolume } from '../engine/volume-content.js';
import type { Host } from '../inventory/hosts.js';
import { handOn } from '../inventory/store.js';
import { usersOfDirectory } from '../inventory/storage-reach.js';
import { whileRemoving } from '../inventory/removal-claims.js';
import { findVolume, type Volume } from '../inventory/volumes.js';
import { Problem, toShownProblem } from '../problems.js';
import type { HostLink } from '../sync/fleet.js';
import type { Manifest } from './manifest.js';
import { inputOf, type MadeVolume } from './records.js';
import { lastUse, type Run } from './run.js';
import { transfer } from './transfer.js';
import { UnfinishedTar } from './tar-scan.js';

/** How often a copy is begun anew because files changed while they were read. */
const READ_ATTEMPTS = 3;

/** cloneVolume, renameVolume, migrateVolume: a verified copy in a new volume, and then, where asked for, an end of the old one. */
export async function copyVolume(run: Run): Promise<void> {
  const { operation, context } = run;
  const { sourceName, sourceVolumeId, targetName } = operation;
  if (sourceName === null || sourceVolumeId === null || targetName === null) throw new Error('a copy without source or target');
  const sourceHost = await run.host(operation.sourceHostId);
  const targetHost = await run.host(operation.targetHostId);
  const sourceLink = context.fleet.of(sourceHost);
  const targetLink = context.fleet.of(targetHost);
  const removeSource = operation.kind === 'RENAME' || inputOf(operation).removeSource === true;
  if (operation.verified) {
    // An attempt before this one was ended between copy and removal.
    if (removeSource) await removeVerifiedSource(run, sourceHost, { host: targetHost, id: operation.targetVolumeId }, operation.startedAt ?? new Date(0));
    return;
  }
  await run.undo();
  let used = new Date(0);
  let targetId: string | null = null;
  await sourceLink.withEngine((sourceEngine) =>
    targetLink.withEngine(async (targetEngine) => {
      const { open: source, row } = await run.open(sourceLink, sourceEngine, sourceHost, sourceName, sourceVolumeId, false);
      try {
        if (removeSource) await refuseUsed(run, row, sourceHost, sourceLink);
        used = lastUse(row);
        await run.quietly(sourceLink, row, async (wasQuiet) => {
          const labels = inputOf(operation).labels ?? {};
          const leftover = await copyInto(run, source, targetEngine, targetHost, targetName, labels);
          const changed = !(await wasQuiet()) && (await tellChanges(run, source, leftover.manifest));
          if (changed && removeSource)
            throw new Problem(
              'VOLUME_IN_USE',
              `Volume ${quote(sourceName)} on host ${sourceHost.name} was written while it was copied, so that it cannot be removed.`,
            );
          await targetLink.look('volume', targetName, operation.requestedBy);
          const target = await findVolume(context.database, targetHost.id, targetName);
          if (target === undefined)
            throw new Problem('CONFLICT', `The volume ${quote(targetName)} on host ${targetHost.name} was removed while it was written.`);
          // What was copied is good from here on: it is not to be undone any more.
          await run.keep(leftover.made, { targetVolumeId: target.id, verified: true, warnings: run.warnings });
          targetId = target.id;
        });
      } finally {
        await source.close().catch((error: unknown) => {
          context.log.warn({ err: error }, 'a helper is left to the sweep');
        });
      }
    }),
  );
  if (removeSource) await removeVerifiedSource(run, sourceHost, { host: targetHost, id: targetId }, used);
}

/** Fills a new volume from an open one and reads it again. Where files change under the reading, begins anew. */
async function copyInto(
  run: Run,
  source: OpenVolume,
  engine: Engine,
  host: Host,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<{ made: MadeVolume; manifest: Manifest }> {
  for (let attempt = 1; ; attempt += 1) {
    const nonce = randomBytes(12).toString('hex');
    const made = await run.make(engine, host, name, nonce, labels);
    try {
      const manifest = await fill(run, engine, name, (signal) => source.read(signal));
      return { made, manifest };
    } catch (error) {
      if (!(error instanceof UnfinishedTar) || attempt === READ_ATTEMPTS) {
        throw error instanceof UnfinishedTar ? changedWhileRead(error) : error;
      }
      await run.undo();
    }
  }
}

/** Writes a tar into a volume and reads the volume again, until both are known to be equal. */
export async function fill(run: Run, engine: Engine, name: string, open: Parameters<typeof transfer>[0], expected?: Manifest): Promise<Manifest> {
  const target = await openVolume(engine, { name, write: true, owner: run.operation.id, installation: run.context.installation });
  try {
    const limits = expected === undefined ? undefined : { contentBytes: expected.contentBytes, entries: expected.entries };
    const written = await transfer(open, (archive, signal) => target.write(archive, signal), {
      ...run.controls(limits),
      expected,
      onProgress: (bytes) => {
        run.progress(bytes);
      },
    });
    if (expected !== undefined && !written.equals(expected)) throw new Problem('CONFLICT', 'The backup is not what it was when it was checked.');
    await verify(run, target, written);
    return written;
  } finally {
    await target.close().catch((error: unknown) => {
      run.context.log.warn({ err: error }, 'a helper is left to the sweep');
    });
  }
}

/** @throws {Problem} CONFLICT with the first file that is not as it should be. */
async function verify(run: Run, volume: OpenVolume, expected: Manifest): Promise<void> {
  let different: string | undefined;
  const found = await transfer((signal) => volume.read(signal), undefined, {
    ...run.controls(),
    expected,
    onDifference: (path) => {
      different = path;
    },
  });
  if (!found.equals(expected)) {
    const where = different === undefined ? 'something is missing at its end' : `the first difference is at ${JSON.stringify(different.slice(0, 200))}`;
    throw new Problem('CONFLICT', `The copy differs from what was read, and is thrown away: ${where}.`);
  }
}

/** Reads a source that was copied while it was written, once more, to tell whether it changed. */
export async function tellChanges(run: Run, source: OpenVolume, copied: Manifest): Promise<boolean> {
  let first: string | undefined;
  const again = await transfer((signal) => source.read(signal), undefined, {
    ...run.controls(),
    expected: copied,
    onDifference: (path) => {
      first ??= path;
    },
  }).catch((error: unknown) => {
    if (error instanceof UnfinishedTar) return undefined;
    throw error;
  });
  if (again?.equals(copied) === true) return false;
  const example = first === undefined ? '' : `, e.g. ${JSON.stringify(first.slice(0, 200))}`;
  run.warnings.push(
    `Files changed while they were copied${example}: the copy may hold no state that the volume ever had. Use PAUSE or STOP for one that it had.`,
  );
  return true;
}

export function changedWhileRead(cause: Error): Problem {
  return new Problem('CONFLICT', `Files changed while they were read, ${String(READ_ATTEMPTS)} times. Nothing was kept; use PAUSE or STOP.`, { cause });
}

/**
 * What is moved is a plain local volume afterwards, which for one of another kind would be something else under its name.
 * @throws {Problem} CONFLICT.
 */
export function requirePlainLocal({ name, driver, options }: Volume, host: Host): void {
  if (driver === 'local' && Object.keys(options as object).length === 0) return;
  throw new Problem(
    'CONFLICT',
    `Volume ${quote(name)} on host ${host.name} is of the driver ${driver}, with options of its own or on storage of its own: what came in its place would be a plain local volume. Clone it, and remove it yourself.`,
  );
}

async function refuseUsed(run: Run, volume: Volume, host: Host, link: HostLink): Promise<void> {
  const mounts = await run.context.database.mount.findMany({
    where: { volumeId: volume.id, container: { removedAt: null } },
    select: { container: { select: { name: true } } },
  });
  const where = `Volume ${quote(volume.name)} on host ${host.name}`;
  if (volume.protected) throw new Problem('VOLUME_PROTECTED', `${where} is protected and so not removed.`);
  requirePlainLocal(volume, host);
  if (mounts.length === 0) await run.refuseWriters(link, volume, host);
  const users = [...mounts.map(({ container }) => container.name), ...(await usersOfDirectory(run.context.database, volume))];
  if (users.length === 0) return;
  const names = [...new Set(users)].sort().join(', ');
  throw new Problem('VOLUME_IN_USE', `${where} is in use by: ${names}. Remove these containers first.`);
}

/**
 * Removes a source whose copy is verified, if it is the one that was copied and nothing has used it since. A helper refers to
 * the copy meanwhile, so that nobody can remove it.
 */
async function removeVerifiedSource(run: Run, host: Host, copy: { readonly host: Host; readonly id: string | null }, used: Date): Promise<void> {
  const { sourceVolumeId, sourceName } = run.operation;
  if (copy.id === null) throw new Error('a source without a copy is to be removed');
  const link = run.context.fleet.of(host);
  await link.look('volume', sourceName ?? '');
  const row = await findVolume(run.context.database, host.id, sourceName ?? '');
  // Otherwise an attempt before this one has removed it.
  if (row !== undefined && row.id === sourceVolumeId) await removeHeld(run, host, link, row, { host: copy.host, id: copy.id }, used);
  // As a rule the claim of the removal has done it; not where it ran out before anybody saw that the source is gone.
  const succession = { from: sourceVolumeId ?? '', to: copy.id, actor: run.operation.requestedBy };
  await run.context.database.$transaction((transaction) => handOn(transaction, succession));
}

async function removeHeld(run: Run, host: Host, link: HostLink, row: Volume, copy: { readonly host: Host; readonly id: string }, used: Date): Promise<void> {
  const targetLink = run.context.fleet.of(copy.host);
  try {
    await targetLink.withEngine(async (engine) => {
      const target = await run.open(targetLink, engine, copy.host, run.operation.targetName ?? '', copy.id, false);
      try {
        await removeUnused(run, host, link, row, copy.id, used);
      } finally {
        await target.open.close().catch((error: unknown) => {
          run.context.log.warn({ err: error }, 'a helper is left to the sweep');
        });
      }
    });
  } catch (error) {
    const { problem } = toShownProblem(error);
    if (run.signal.aborted || problem.code === 'UNAVAILABLE') throw error;
    throw new Problem(problem.code, `The source stays, and so does what was copied of it: ${problem.message}`, { cause: error });
  }
}

async function removeUnused(run: Run, host: Host, link: HostLink, row: Volume, successorId: string, used: Date): Promise<void> {
  const { database, engineTimeoutMs } = run.context;
  const { name } = row;
  const where = `volume ${quote(name)} on host ${host.name}`;
  await refuseUsed(run, row, host, link);
  if (lastUse(row) > used) throw new Problem('VOLUME_IN_USE', `${where} was used since it was copied.`);
  await run.stillMine();
  const look = () => link.look('volume', name, run.operation.requestedBy);
  try {
    await link.withEngine(
      async (engine) => {
        const now = await engine.inspectVolume(name);
        const known = row.labels as Record<string, string>;
        if (now === undefined) return look();
        if (now.labels[NONCE_LABEL] !== known[NONCE_LABEL]) throw new Problem('CONFLICT', `another volume has the name of ${where} by now.`);
        // Without force: the engine refuses while any container refers to it.
        await whileRemoving(database, [row.id], {
          limitMs: engineTimeoutMs,
          successorId,
          remove: () => engine.removeVolume(name, false),
          show: () => look().then(() => true),
        });
      },
      { kind: 'volume', key: name, actor: run.operation.requestedBy },
    );
  } catch (error) {
    if (error instanceof EngineError && error.status === 409) throw new Problem('VOLUME_IN_USE', error.words);
    if (!(error instanceof EngineError && error.status === 404)) throw error;
    await look();
  }
}
