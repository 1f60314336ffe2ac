import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Transaction } from '../database/client.js';
import { EngineError } from '../engine/connection.js';
import type { Engine } from '../engine/engine.js';
import { HELPER_LABEL } from '../engine/model.js';
import { NONCE_LABEL, quote } from '../engine/names.js';
import { openVolume } from '../engine/volume-content.js';
import type { Host } from '../inventory/hosts.js';
import { whileRemoving } from '../inventory/removal-claims.js';
import { handOn } from '../inventory/store.js';
import { findVolume, type Volume } from '../inventory/volumes.js';
import { Problem } from '../problems.js';
import type { HostLink } from '../sync/fleet.js';
import { fill } from './copy.js';
import type { Manifest } from './manifest.js';
import { inputOf, noteOperation, type MadeVolume, type Operation } from './records.js';
import { ASIDE, lastUse, type Run } from './run.js';
import { backupOf, checkBackup, readStored } from './stored.js';
import { transfer } from './transfer.js';

/** Where a restore goes to, and what it brings. */
interface Restore {
  readonly run: Run;
  readonly engine: Engine;
  readonly link: HostLink;
  readonly host: Host;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly manifest: Manifest;
  /** Opens the tar of the backup. */
  readonly read: (signal: AbortSignal) => Promise<Readable>;
}

/**
 * restoreVolume. The backup is read whole and found good before anything is touched. Where a volume is to be replaced, the
 * content first comes, verified, into a volume beside it; then the old one is removed and the new one is filled from there.
 * From the removal on the operation goes on in any case: neither the store nor whoever cancels can keep it from its end, and
 * what lies beside stays until the new volume is whole.
 */
export async function restoreVolume(run: Run): Promise<void> {
  const { operation, context } = run;
  // An attempt before this one has come to its end, but for saying so.
  if (operation.targetVolumeId !== null) return;
  const { aside } = run;
  await run.undo();
  const backup = await backupOf(run);
  const manifest = await checkBackup(run, backup);
  const host = await run.host(operation.targetHostId);
  const name = operation.targetName ?? '';
  const link = context.fleet.of(host);
  await link.withEngine(async (engine) => {
    await link.look('volume', name);
    const there = await findVolume(context.database, host.id, name);
    const labels = restoredLabels((there?.labels ?? backup.volumeLabels) as Record<string, string>);
    const restore = { run, engine, link, host, name, labels, manifest, read: (signal: AbortSignal) => readStored(context, backup, signal) };
    if (there === undefined && aside === undefined) await restoreInto(restore);
    else await replace(restore, there, aside);
  });
}

async function replace(restore: Restore, there: Volume | undefined, known: MadeVolume | undefined): Promise<void> {
  const { run, engine, host, link } = restore;
  if (there !== undefined) await refuseToReplace(run, there, host, link, engine);
  const aside = known ?? (await fillAside(restore));
  if (there !== undefined) {
    await lookAgain(run, there, host, link, engine);
    await run.stillMine();
    // Whoever takes this over knows by it that there is no way back.
    await noteOperation(run.context.database, run.operation, { verified: true, replacedVolumeId: there.id });
    run.hold(aside);
    await removeOld(run, engine, link, there, host);
  }
  await restoreFrom(restore, aside);
  run.hold(undefined);
}

/** Has what users set on the volume that was replaced go over to the one in its place, in the transaction that ends the restore. */
export async function takePlace(transaction: Transaction, { id, requestedBy: actor }: Operation): Promise<void> {
  const { replacedVolumeId: from, targetVolumeId: to } = await transaction.operation.findUniqueOrThrow({ where: { id } });
  if (from !== null && to !== null) await handOn(transaction, { from, to, actor });
}

/**
 * Makes sure, right before a volume is removed, that it may still be replaced: the filling of the one beside takes its time. The
 * engine itself refuses from here on while a container refers to it.
 * @throws {Problem} why it may not.
 */
async function lookAgain(run: Run, known: Volume, host: Host, link: HostLink, engine: Engine): Promise<void> {
  const look = async () => {
    await link.look('volume', known.name);
    const now = await findVolume(run.context.database, host.id, known.name);
    if (now?.id === known.id) return now;
    throw new Problem('CONFLICT', `The volume named ${quote(known.name)} on host ${host.name} is another one by now.`);
  };
  const before = await look();
  await refuseToReplace(run, before, host, link, engine);
  if (inputOf(run.operation).overwrite === true) return;
  // Who has used it and gone while it was read may have filled it behind the reading.
  await link.syncNow();
  if (lastUse(await look()) > lastUse(before)) {
    throw new Problem('VOLUME_IN_USE', `Volume ${quote(known.name)} on host ${host.name} came into use while it was to be replaced, and may not be empty.`);
  }
}

async function fillAside({ run, engine, host, read, manifest }: Restore): Promise<MadeVolume> {
  const aside = await run.make(engine, host, `${ASIDE}${randomBytes(6).toString('hex')}`, randomBytes(12).toString('hex'), {});
  await fill(run, engine, aside.name, read, manifest);
  return aside;
}

async function restoreFrom(restore: Restore, aside: MadeVolume): Promise<void> {
  const { run, engine } = restore;
  const source = await openVolume(engine, { name: aside.name, write: false, owner: run.operation.id, installation: run.context.installation });
  try {
    await restoreInto({ ...restore, read: (signal) => source.read(signal) });
  } finally {
    await source.close().catch((error: unknown) => {
      run.context.log.warn({ err: error }, 'a helper is left to the sweep');
    });
  }
}

async function restoreInto({ run, engine, link, host, name, labels, read, manifest }: Restore): Promise<void> {
  const { operation, context } = run;
  const made = await run.make(engine, host, name, randomBytes(12).toString('hex'), labels);
  await fill(run, engine, name, read, manifest);
  await link.look('volume', name, operation.requestedBy);
  const target = await findVolume(context.database, host.id, name);
  if (target === undefined) throw new Problem('CONFLICT', `The volume ${quote(name)} on host ${host.name} was removed while it was written.`);
  await run.keep(made, { targetVolumeId: target.id, verified: true, warnings: run.warnings });
}

function restoredLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith('io.stowage.') && key !== 'com.docker.volume.anonymous'));
}

/** @throws {Problem} why the volume that has the name may not be replaced. */
async function refuseToReplace(run: Run, volume: Volume, host: Host, link: HostLink, engine: Engine): Promise<void> {
  const where = `Volume ${quote(volume.name)} on host ${host.name}`;
  if (volume.protected) throw new Problem('VOLUME_PROTECTED', `${where} is protected. Take the protection off first (updateVolume).`);
  if (volume.driver !== 'local' || Object.keys(volume.options as object).length > 0) {
    throw new Problem('CONFLICT', `${where} is of the driver ${volume.driver} with options of its own; restore into a volume of another name.`);
  }
  const mounts = await run.context.database.mount.findMany({
    where: { volumeId: volume.id, container: { removedAt: null } },
    select: { container: { select: { name: true } } },
  });
  if (mounts.length > 0) {
    const names = [...new Set(mounts.map(({ container }) => container.name))].sort().join(', ');
    throw new Problem('VOLUME_IN_USE', `${where} is in use by: ${names}. A volume is replaced only when no container refers to it; remove these first.`);
  }
  await run.refuseWriters(link, volume, host);
  if (inputOf(run.operation).overwrite === true) return;
  if (!(await isEmpty(run, engine, host, volume))) throw new Problem('CONFLICT', `${where} is not empty. Give overwrite to replace it, or another name.`);
}

/** Thrown out of a reading as soon as there is something. */
class NotEmpty extends Error {}

async function isEmpty(run: Run, engine: Engine, host: Host, volume: Volume): Promise<boolean> {
  const { open } = await run.open(run.context.fleet.of(host), engine, host, volume.name, volume.id, false);
  try {
    await transfer((signal) => open.read(signal), undefined, {
      ...run.controls(),
      onEntry: ({ path }) => {
        if (path !== '') throw new NotEmpty();
      },
    });
    return true;
  } catch (error) {
    if (error instanceof NotEmpty) return false;
    throw error;
  } finally {
    await open.close();
  }
}

async function removeOld(run: Run, engine: Engine, link: HostLink, volume: Volume, host: Host): Promise<void> {
  const { database, engineTimeoutMs } = run.context;
  const { name } = volume;
  const now = await engine.inspectVolume(name);
  const known = volume.labels as Record<string, string>;
  if (now === undefined || now.labels[NONCE_LABEL] !== known[NONCE_LABEL] || HELPER_LABEL in now.labels) {
    run.hold(undefined);
    throw new Problem('CONFLICT', `The volume named ${quote(name)} on host ${host.name} is another one by now.`);
  }
  try {
    await whileRemoving(database, [volume.id], {
      limitMs: engineTimeoutMs,
      remove: () => engine.removeVolume(name, false),
      show: () => link.look('volume', name, run.operation.requestedBy).then(() => true),
    });
  } catch (error) {
    // Refused for sure: the old one is there, and what is beside it is not needed.
    if (error instanceof EngineError && error.status === 409) {
      run.hold(undefined);
      throw new Problem('VOLUME_IN_USE', `Volume ${quote(name)} on host ${host.name} came into use: ${error.words}`);
    }
    throw error;
  }
}
