import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { v7 as newId } from 'uuid';
import { Prisma, type Transaction } from '../database/client.js';
import type { OpenVolume } from '../engine/volume-content.js';
import type { Host } from '../inventory/hosts.js';
import { heirOf } from '../inventory/succession.js';
import type { Volume } from '../inventory/volumes.js';
import { appendEntries } from '../journal/append.js';
import type { NewEntry } from '../journal/entry.js';
import { Problem } from '../problems.js';
import { describeBackup } from './backup-description.js';
import type { OperationContext } from './context.js';
import { changedWhileRead, tellChanges } from './copy.js';
import { entryLine, type Manifest } from './manifest.js';
import { inputOf, noteOperation, type Backup, type Leftover } from './records.js';
import type { Run } from './run.js';
import { checkStored, objectNames, objectsOf } from './stored.js';
import { sweepDeleted } from './sweep.js';
import { STALL_MS, transfer } from './transfer.js';
import { UnfinishedTar } from './tar-scan.js';
import { compressFrames } from './zstd-frames.js';

/** How often a backup is begun anew because files changed while they were read. */
const READ_ATTEMPTS = 3;

/** backupVolume. Returns what writes the backup down, to be done together with the operation's end. */
export async function backupVolume(run: Run): Promise<((transaction: Transaction) => Promise<void>) | undefined> {
  const { operation, context } = run;
  await run.undo();
  const host = await run.host(operation.sourceHostId);
  const link = context.fleet.of(host);
  return link.withEngine(async (engine) => {
    const { open, row } = await run.open(link, engine, host, operation.sourceName ?? '', operation.sourceVolumeId ?? '', false);
    try {
      const { leftovers, write } = await run.quietly(link, row, async (wasQuiet) => {
        const { stored, leftovers } = await store(run, open);
        const changed = !(await wasQuiet()) && (await tellChanges(run, open, stored.manifest));
        const { entries, contentBytes } = stored.manifest;
        await checkStored(run, { id: stored.id, encrypted: context.backups.encrypts }, { entries, contentBytes, sha256: stored.sha256 });
        await noteOperation(context.database, operation, { warnings: run.warnings });
        const data = describe(run, host, row, stored, !changed);
        // Last of all: whatever has it is whole and checked.
        await context.backups.putPlain(objectsOf(stored.id).description, describeBackup(data, row, context.installation), run.signal);
        const write = async (transaction: Transaction) => {
          // What was read may have been moved since its helper was closed.
          await transaction.backup.create({ data: { ...data, volumeId: await heirOf(transaction, row.id) } });
          await transaction.operation.update({ where: { id: operation.id }, data: { backupId: stored.id } });
        };
        return { leftovers, write };
      });
      run.settle(leftovers);
      return write;
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
    location: run.context.backups.store.location(objectsOf(stored.id).archive),
    encrypted: run.context.backups.encrypts,
    quiesce: quiesce ?? 'LIVE',
    consistent,
    byPolicy: byPolicy ?? false,
  };
}

function storedLeftovers(id: string): Extract<Leftover, { kind: 'stored' }>[] {
  return objectNames(id).map((name) => ({ kind: 'stored', name }));
}

/** Writes archive and manifest to the store, side by side as they come. Begins anew where files change under the reading. */
async function store(run: Run, source: OpenVolume): Promise<{ stored: Stored; leftovers: readonly Leftover[] }> {
  for (let attempt = 1; ; attempt += 1) {
    const id = newId();
    const leftovers = storedLeftovers(id);
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
  const { store: place } = run.context.backups;
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
  const signal = AbortSignal.any([ending.signal, run.signal]);
  const listed = place.put(names.manifest, compressFrames(lines as AsyncIterable<Buffer>), signal);
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
        // A store that takes the manifest more slowly holds the archive up: it must not pile up in memory.
        beforeNext: () => drained(lines, listed, signal),
        onProgress: (bytes) => {
          run.progress(bytes);
        },
      },
    );
    lines.end();
    await withinTime(listed, ending);
    return { id, manifest, sha256: hash.digest('hex'), sizeBytes };
  } catch (error) {
    ending.abort(error);
    lines.destroy(error instanceof Error ? error : new Error('ended'));
    await listed.catch(() => undefined);
    throw error;
  }
}

/** Resolves when a stream wants more, or when nobody will take anything from it any more. */
async function drained(stream: PassThrough, taken: Promise<void>, signal: AbortSignal): Promise<void> {
  if (!stream.writableNeedDrain) return;
  const waiting = new AbortController();
  const drain = once(stream, 'drain', { signal: AbortSignal.any([signal, waiting.signal]) });
  try {
    await Promise.race([drain, taken]);
  } finally {
    waiting.abort();
    await drain.catch(() => undefined);
  }
}

/** Waits for the end of a manifest's way into the store, as long as an archive may stand still. */
async function withinTime(listed: Promise<void>, ending: AbortController): Promise<void> {
  const timer = setTimeout(() => {
    ending.abort(new Problem('CONFLICT', `The backup store has not taken the manifest within ${String(STALL_MS / 1000)} s.`));
  }, STALL_MS);
  await listed.finally(() => {
    clearTimeout(timer);
  });
}

/**
 * Forgets a backup, and removes what is stored of it. What the store does not let go now is tried again from time to time.
 * @throws {Problem} NOT_FOUND; CONFLICT while it is being read.
 */
export async function deleteBackup(context: OperationContext, id: string, actor: string): Promise<void> {
  await context.database.$transaction(async (transaction) => {
    // An operation that is to read it locks it, too: it comes before or finds none.
    await transaction.$executeRaw(Prisma.sql`select 1 from backup where id = ${id}::uuid for update`);
    const backup = await transaction.backup.findUnique({ where: { id } });
    if (backup === null) throw new Problem('NOT_FOUND', 'There is no such backup.');
    const reading = await transaction.operation.count({ where: { backupId: id, kind: { in: ['RESTORE', 'VERIFY'] }, state: { in: ['QUEUED', 'RUNNING'] } } });
    if (reading > 0) throw new Problem('CONFLICT', 'The backup is being read by an operation. Cancel it first, or wait for its end.');
    // Before anything is removed: whoever dies in the middle leaves nothing that nobody knows of.
    await transaction.deletedBackup.create({ data: { id } });
    await transaction.backup.delete({ where: { id } });
    await appendEntries(transaction, [removalEntry(backup, actor)]);
  });
  context.committed();
  await sweepDeleted(context, id);
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
