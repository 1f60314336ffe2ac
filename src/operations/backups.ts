import { createHash, randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { v7 as newId } from 'uuid';
import type { Database, Prisma, Transaction } from '../database/client.js';
import { EngineError } from '../engine/connection.js';
import type { Engine } from '../engine/engine.js';
import { HELPER_LABEL } from '../engine/model.js';
import { NONCE_LABEL, quote } from '../engine/names.js';
import type { OpenVolume } from '../engine/volume-content.js';
import type { Host } from '../inventory/hosts.js';
import { whileRemoving } from '../inventory/removal-claims.js';
import { findVolume, type Volume } from '../inventory/volumes.js';
import { appendEntries } from '../journal/append.js';
import type { NewEntry } from '../journal/entry.js';
import { Problem } from '../problems.js';
import type { HostLink } from '../sync/fleet.js';
import type { OperationContext } from './context.js';
import { changedWhileRead, fill, tellChanges } from './copy.js';
import { entryLine, type Manifest } from './manifest.js';
import { inputOf, noteOperation, type Backup, type Leftover } from './records.js';
import type { Run } from './run.js';
import { transfer } from './transfer.js';
import { UnfinishedTar } from './tar-scan.js';
import { compressFrames, decompressFrames } from './zstd-frames.js';

/** How often a backup is begun anew because files changed while they were read. */
const READ_ATTEMPTS = 3;

/** Names of what belongs to a backup in its store. */
function objectsOf(id: string): { archive: string; manifest: string } {
  return { archive: `${id}.tar.zst`, manifest: `${id}.manifest.zst` };
}

/** backupVolume. Returns what writes the backup down, to be done together with the operation's end. */
export async function backupVolume(run: Run): Promise<((transaction: Transaction) => Promise<void>) | undefined> {
  const { operation, context } = run;
  await run.undo();
  const host = await run.host(operation.sourceHostId);
  const link = context.fleet.of(host);
  return link.withEngine(async (engine) => {
    const { open, row } = await run.open(link, engine, host, operation.sourceName ?? '', operation.sourceVolumeId ?? '', false);
    try {
      return await run.quietly(row, async (writers) => {
        const { stored, leftovers } = await store(run, open);
        const changed = writers.length > 0 && (await tellChanges(run, open, stored.manifest));
        await check(run, stored, { entries: stored.manifest.entries, contentBytes: stored.manifest.contentBytes, sha256: stored.sha256 });
        await noteOperation(context.database, operation, { warnings: run.warnings });
        for (const leftover of leftovers) await run.forget(leftover);
        const data = describe(run, host, row, stored, !changed);
        return async (transaction) => {
          await transaction.backup.create({ data });
          await transaction.operation.update({ where: { id: operation.id }, data: { backupId: stored.id } });
        };
      });
    } finally {
      await open.close().catch((error: unknown) => {
        context.log.warn({ err: error }, 'a helper is left to the sweep');
      });
    }
  });
}

interface Stored {
  readonly id: string;
  readonly manifest: Manifest;
  readonly sha256: string;
  readonly sizeBytes: number;
}

function describe(run: Run, host: Host, row: Volume, stored: Stored, consistent: boolean): Prisma.BackupCreateInput {
  const { quiesce, byPolicy } = inputOf(run.operation);
  return {
    id: stored.id,
    hostId: host.id,
    hostName: host.name,
    volumeId: row.id,
    volumeName: row.name,
    volumeLabels: row.labels as Prisma.InputJsonObject,
    createdAt: new Date(),
    sizeBytes: BigInt(stored.sizeBytes),
    contentBytes: BigInt(stored.manifest.contentBytes),
    fileCount: stored.manifest.files,
    entryCount: stored.manifest.entries,
    sha256: stored.sha256,
    manifestSha256: stored.manifest.sha256,
    location: run.context.store.location(objectsOf(stored.id).archive),
    encrypted: run.context.encrypts,
    quiesce: quiesce ?? 'LIVE',
    consistent,
    byPolicy: byPolicy ?? false,
  };
}

/** Writes archive and manifest to the store, side by side as they come. Begins anew where files change under the reading. */
async function store(run: Run, source: OpenVolume): Promise<{ stored: Stored; leftovers: readonly Leftover[] }> {
  for (let attempt = 1; ; attempt += 1) {
    const id = newId();
    const names = objectsOf(id);
    const leftovers: Leftover[] = [
      { kind: 'stored', name: names.archive },
      { kind: 'stored', name: names.manifest },
    ];
    for (const leftover of leftovers) await run.note(leftover);
    try {
      return { stored: await storeOnce(run, source, id), leftovers };
    } catch (error) {
      if (!(error instanceof UnfinishedTar) || attempt === READ_ATTEMPTS) throw error instanceof UnfinishedTar ? changedWhileRead(error) : error;
      await run.undo();
    }
  }
}

async function storeOnce(run: Run, source: OpenVolume, id: string): Promise<Stored> {
  const { store: place } = run.context;
  const names = objectsOf(id);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const measured = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of compressFrames(chunks)) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  };
  const lines = new PassThrough();
  lines.on('error', () => undefined);
  const ending = new AbortController();
  const listed = place.put(names.manifest, compressFrames(lines as AsyncIterable<Buffer>), ending.signal);
  listed.catch(() => undefined);
  try {
    const manifest = await transfer(
      (signal) => source.read(signal),
      (archive, signal) => place.put(names.archive, measured(archive as AsyncIterable<Buffer>), signal),
      {
        ...run.controls(),
        onEntry: (entry) => {
          lines.write(`${entryLine(entry)}\n`);
        },
        onProgress: (bytes) => {
          run.progress(bytes);
        },
      },
    );
    lines.end();
    await listed;
    return { id, manifest, sha256: hash.digest('hex'), sizeBytes };
  } catch (error) {
    ending.abort(error);
    lines.destroy(error instanceof Error ? error : new Error('ended'));
    await listed.catch(() => undefined);
    throw error;
  }
}

/** What a stored archive should be. */
interface Expected {
  readonly entries: number;
  readonly contentBytes: number;
  readonly sha256: string;
}

/** Reads a stored archive whole, without writing anything. @throws {Problem} CONFLICT for one that is not what it should be. */
async function check(run: Run, stored: { readonly id: string }, expected: Expected): Promise<Manifest> {
  const hash = createHash('sha256');
  const limits = { contentBytes: expected.contentBytes, entries: expected.entries };
  const manifest = await transfer((signal) => readStored(run.context, stored.id, signal, (chunk) => hash.update(chunk)), undefined, run.controls(limits)).catch(
    (error: unknown) => {
      throw error instanceof UnfinishedTar ? new Problem('CONFLICT', 'The backup ends in its middle.', { cause: error }) : error;
    },
  );
  if (hash.digest('hex') !== expected.sha256)
    throw new Problem('CONFLICT', 'The backup is damaged: its sha256 is not the one that was noted when it was made.');
  return manifest;
}

async function readStored(context: OperationContext, id: string, signal: AbortSignal, onChunk?: (chunk: Buffer) => void): Promise<Readable> {
  const stored = await context.store.get(objectsOf(id).archive, signal);
  const heard = async function* () {
    try {
      for await (const chunk of stored) {
        onChunk?.(chunk as Buffer);
        yield chunk as Buffer;
      }
    } finally {
      stored.destroy();
    }
  };
  return Readable.from(decompressFrames(heard()), { objectMode: false });
}

/** Reads a backup whole and compares it with what was noted and with the manifest beside it. @throws {Problem} CONFLICT. */
async function checkBackup(run: Run, backup: Backup): Promise<Manifest> {
  const expected = { entries: backup.entryCount, contentBytes: Number(backup.contentBytes), sha256: backup.sha256 };
  const manifest = await check(run, backup, expected);
  if (manifest.sha256 !== backup.manifestSha256) throw new Problem('CONFLICT', 'The backup does not hold what was noted when it was made.');
  return manifest;
}

async function backupOf(run: Run): Promise<Backup> {
  const backup = await run.context.database.backup.findUnique({ where: { id: run.operation.backupId ?? '' } });
  if (backup === null) throw new Problem('NOT_FOUND', 'The backup was deleted.');
  return backup;
}

/** verifyBackup: reads all of it and compares. */
export async function verifyBackup(run: Run): Promise<void> {
  await checkBackup(run, await backupOf(run));
}

/**
 * restoreVolume. The backup is read whole and found good before anything is touched. Where a volume is to be replaced, the
 * content first comes, verified, into a volume beside it, so that the old one is removed only when nothing can be wrong any
 * more but the last copy; the backup stays in any case.
 */
export async function restoreVolume(run: Run): Promise<void> {
  const { operation, context } = run;
  await run.undo();
  const backup = await backupOf(run);
  const manifest = await checkBackup(run, backup);
  const host = await run.host(operation.targetHostId);
  const name = operation.targetName ?? '';
  const link = context.fleet.of(host);
  await link.withEngine(async (engine) => {
    const read = (signal: AbortSignal) => readStored(context, backup.id, signal);
    await link.look('volume', name);
    const there = await findVolume(context.database, host.id, name);
    let labels = restoredLabels(backup.volumeLabels as Record<string, string>);
    if (there !== undefined) {
      await refuseToReplace(run, there, host, engine);
      labels = restoredLabels(there.labels as Record<string, string>);
      const aside = await run.make(engine, host, `stowage-restore-${randomBytes(6).toString('hex')}`, randomBytes(12).toString('hex'), {});
      if (aside.kind !== 'volume') throw new Error('no volume was made');
      await fill(run, engine, aside.name, read, manifest);
      await run.stillMine();
      await removeOld(run, engine, link, there, host);
      await restoreInto(run, engine, link, host, name, labels, read, manifest);
      return;
    }
    await restoreInto(run, engine, link, host, name, labels, read, manifest);
  });
}

async function restoreInto(
  run: Run,
  engine: Engine,
  link: HostLink,
  host: Host,
  name: string,
  labels: Readonly<Record<string, string>>,
  read: (signal: AbortSignal) => Promise<Readable>,
  manifest: Manifest,
): Promise<void> {
  const { operation, context } = run;
  const made = await run.make(engine, host, name, randomBytes(12).toString('hex'), labels);
  await fill(run, engine, name, read, manifest);
  await link.look('volume', name, operation.requestedBy);
  const target = await findVolume(context.database, host.id, name);
  if (target === undefined) throw new Problem('CONFLICT', `The volume ${quote(name)} on host ${host.name} was removed while it was written.`);
  await noteOperation(context.database, operation, { targetVolumeId: target.id, verified: true });
  await run.forget(made);
}

function restoredLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith('io.stowage.') && key !== 'com.docker.volume.anonymous'));
}

/** @throws {Problem} why the volume that has the name may not be replaced. */
async function refuseToReplace(run: Run, volume: Volume, host: Host, engine: Engine): Promise<void> {
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
    throw new Problem('CONFLICT', `The volume named ${quote(name)} on host ${host.name} is another one by now.`);
  }
  try {
    await whileRemoving(database, [volume.id], engineTimeoutMs, () => engine.removeVolume(name, false));
  } catch (error) {
    if (error instanceof EngineError && error.status === 409)
      throw new Problem('VOLUME_IN_USE', `Volume ${quote(name)} on host ${host.name} came into use: ${error.words}`);
    throw error;
  }
  await link.look('volume', name, run.operation.requestedBy);
}

/** Forgets a backup, and removes what is stored of it. @throws {Problem} NOT_FOUND; CONFLICT while it is being read. */
export async function deleteBackup(context: OperationContext, id: string, actor: string): Promise<void> {
  const { database } = context;
  await refuseWhileRead(database, id);
  await database.$transaction(async (transaction) => {
    const backup = await transaction.backup.findUnique({ where: { id } });
    const { count } = await transaction.backup.deleteMany({ where: { id } });
    if (backup === null || count === 0) throw new Problem('NOT_FOUND', 'There is no such backup.');
    await appendEntries(transaction, [removalEntry(backup, actor)]);
  });
  context.committed();
  const names = objectsOf(id);
  await context.store.remove(names.archive);
  await context.store.remove(names.manifest);
}

function removalEntry(backup: Backup, actor: string): NewEntry {
  const { volumeName, createdAt, sizeBytes, contentBytes, fileCount, sha256, quiesce, byPolicy } = backup;
  return {
    type: 'BACKUP_REMOVED',
    source: 'GATEWAY',
    occurredAt: Date.now(),
    host: { id: backup.hostId, name: backup.hostName },
    volume: { id: backup.volumeId, name: volumeName },
    actor,
    attributes: {
      backup: backup.id,
      before: {
        ...{ volumeName, sha256, fileCount, quiesce, byPolicy },
        createdAt: createdAt.toISOString(),
        sizeBytes: String(sizeBytes),
        contentBytes: String(contentBytes),
      },
      after: null,
    },
  };
}

async function refuseWhileRead(database: Database, id: string): Promise<void> {
  const reading = await database.operation.count({ where: { backupId: id, kind: { in: ['RESTORE', 'VERIFY'] }, state: { in: ['QUEUED', 'RUNNING'] } } });
  if (reading > 0) throw new Problem('CONFLICT', 'The backup is being read by an operation. Cancel it first, or wait for its end.');
}
