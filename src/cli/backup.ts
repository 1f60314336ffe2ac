import { setTimeout as delay } from 'node:timers/promises';
import { StowageError, type StowageClient } from '../client/client.js';
import { BackupVolumeDocument, FollowOperationDocument, type FollowOperationQuery, type Quiesce } from '../client/operations.js';
import { showBytes, type Output } from './output.js';

/** Milliseconds between two looks at an operation. */
const LOOK_MS = 250;

type Operation = NonNullable<FollowOperationQuery['operation']>;

/** Has a volume backed up now, and waits until that has ended, unless it is only to be begun. @throws {StowageError} when it fails. */
export async function backupNow(
  client: StowageClient,
  volume: { readonly host: string; readonly name: string },
  { quiesce, detach }: { readonly quiesce: Quiesce; readonly detach: boolean },
  output: Output,
): Promise<void> {
  const { id } = (await client.request(BackupVolumeDocument, { input: { volume, quiesce } })).backupVolume.operation;
  if (detach) {
    output.result({ operation: id }, id);
    return;
  }
  const { state, error, backup, warnings } = await follow(client, id, `${volume.host}/${volume.name}`, output);
  if (error !== null) throw new StowageError(error.code, error.message);
  if (backup === null) throw new StowageError('CONFLICT', `The backup has ended as ${state}, and there is none.`);
  const size = `${showBytes(Number(backup.contentBytes))} in ${String(backup.fileCount)} files, ${showBytes(Number(backup.sizeBytes))} stored`;
  const lines = [`${backup.id}  ${size}${backup.consistent ? '' : ', changed while it was read'}`, ...warnings.map((warning) => `Warning: ${warning}`)];
  output.result({ operation: id, backup, warnings }, lines.join('\n'));
}

/** The operation when it has ended, with a bar meanwhile. */
async function follow(client: StowageClient, id: string, title: string, output: Output): Promise<Operation> {
  const progress = output.progress(title);
  try {
    for (;;) {
      const { operation } = await client.request(FollowOperationDocument, { id });
      if (operation === null) throw new StowageError('NOT_FOUND', 'The operation is not known any more.');
      if (operation.state !== 'QUEUED' && operation.state !== 'RUNNING') return operation;
      progress.update(Number(operation.bytesDone), operation.bytesTotal === null ? undefined : Number(operation.bytesTotal));
      await delay(LOOK_MS);
    }
  } finally {
    progress.end();
  }
}
