import { checkKeyValues, checkObjectName, quote, type KeyValue } from '../engine/names.js';
import { requireHost } from '../inventory/hosts.js';
import { writeVolumeNotes } from '../inventory/store.js';
import { findVolume, type Volume } from '../inventory/volumes.js';
import { badInput, Problem } from '../problems.js';
import type { CommandContext } from './context.js';
import type { VolumeReference } from './volume-removal.js';

/** What is to be noted; what is undefined stays as it is. */
export interface VolumeNotesRequest {
  readonly volume: VolumeReference;
  readonly protected: boolean | undefined;
  /** All, in place of those that were there. */
  readonly annotations: readonly KeyValue[] | undefined;
  /** Who asks, for the journal. */
  readonly actor: string;
}

/**
 * Protects a volume or takes its protection off, and annotates it. Its host may be away.
 * @throws {Problem} BAD_USER_INPUT, NOT_FOUND, CONFLICT when another volume has that name by now.
 */
export async function updateVolumeCommand(context: CommandContext, request: VolumeNotesRequest): Promise<Volume> {
  const { name, id } = request.volume;
  checkObjectName('volume', name);
  if (request.protected === undefined && request.annotations === undefined) throw badInput('Give protected, annotations, or both.');
  const annotations = request.annotations === undefined ? {} : { annotations: checkKeyValues('annotations', request.annotations) };
  const host = await requireHost(context.database, request.volume.host);
  if (host.enabled && host.status === 'ONLINE') {
    // One that was made a moment ago is to be found, and one that was replaced is not to be taken for the other; a host that
    // cannot be asked now does not keep a volume from being protected.
    await context.fleet
      .of(host)
      .look('volume', name)
      .catch((error: unknown) => {
        context.log.debug({ err: error, host: host.name }, 'a volume is noted without a look at its engine');
      });
  }
  const volume = await findVolume(context.database, host.id, name);
  if (volume === undefined) throw new Problem('NOT_FOUND', `There is no volume named ${quote(name)} on host ${host.name}.`);
  if (id !== undefined && id !== volume.id) {
    throw new Problem('CONFLICT', `The volume named ${quote(name)} on host ${host.name} is another one by now: the one that was meant is gone.`);
  }
  const noted = { ...annotations, ...(request.protected === undefined ? {} : { protected: request.protected }) };
  const written = await writeVolumeNotes(context.database, host, volume.id, noted, request.actor);
  context.committed();
  return written;
}
