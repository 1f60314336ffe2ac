import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Problem } from '../problems.js';
import type { OperationContext } from './context.js';
import type { Manifest } from './manifest.js';
import type { Backup } from './records.js';
import type { Run } from './run.js';
import { transfer } from './transfer.js';
import { UnfinishedTar } from './tar-scan.js';
import { decompressFrames } from './zstd-frames.js';

/** Names of what belongs to a backup in its store. */
export function objectsOf(id: string): { readonly archive: string; readonly manifest: string; readonly description: string } {
  return { archive: `${id}.tar.zst`, manifest: `${id}.manifest.zst`, description: `${id}.json` };
}

/** The same as a list. */
export function objectNames(id: string): readonly string[] {
  return Object.values(objectsOf(id));
}

/** A stored archive: how it is found and opened. */
export type StoredArchive = Pick<Backup, 'id' | 'encrypted'>;

/** What a stored archive should be. */
export interface Expected {
  readonly entries: number;
  readonly contentBytes: number;
  /** Of the archive as it is stored, in hex. */
  readonly sha256: string;
}

/** Opens the tar of a stored archive. @throws {Problem} NOT_FOUND, CONFLICT. */
export async function readStored(
  { backups }: OperationContext,
  { id, encrypted }: StoredArchive,
  signal: AbortSignal,
  onChunk?: (chunk: Buffer) => void,
): Promise<Readable> {
  const stored = await backups.read(objectsOf(id).archive, encrypted, signal);
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

/** Reads a stored archive whole, without writing anything. @throws {Problem} CONFLICT for one that is not what it should be. */
export async function checkStored(run: Run, archive: StoredArchive, expected: Expected): Promise<Manifest> {
  const hash = createHash('sha256');
  const limits = { contentBytes: expected.contentBytes, entries: expected.entries };
  const controls = {
    ...run.controls(limits),
    onProgress: (bytes: number) => {
      // Where more follows, that is what is told of.
      if (run.operation.kind === 'VERIFY') run.progress(bytes);
    },
  };
  const manifest = await transfer((signal) => readStored(run.context, archive, signal, (chunk) => hash.update(chunk)), undefined, controls).catch(
    (error: unknown) => {
      throw error instanceof UnfinishedTar ? new Problem('CONFLICT', 'The backup ends in its middle.', { cause: error }) : error;
    },
  );
  if (hash.digest('hex') !== expected.sha256)
    throw new Problem('CONFLICT', 'The backup is damaged: its sha256 is not the one that was noted when it was made.');
  return manifest;
}

/** Reads a backup whole and compares it with what was noted when it was made. @throws {Problem} CONFLICT. */
export async function checkBackup(run: Run, backup: Backup): Promise<Manifest> {
  const expected = { entries: backup.entryCount, contentBytes: Number(backup.contentBytes), sha256: backup.sha256 };
  const manifest = await checkStored(run, backup, expected);
  if (manifest.sha256 !== backup.manifestSha256) throw new Problem('CONFLICT', 'The backup does not hold what was noted when it was made.');
  return manifest;
}

/** The backup that an operation reads. @throws {Problem} NOT_FOUND. */
export async function backupOf(run: Run): Promise<Backup> {
  const backup = await run.context.database.backup.findUnique({ where: { id: run.operation.backupId ?? '' } });
  if (backup === null) throw new Problem('NOT_FOUND', 'The backup was deleted.');
  return backup;
}

/** verifyBackup: reads all of it and compares. */
export async function verifyBackup(run: Run): Promise<void> {
  await checkBackup(run, await backupOf(run));
}
