import type { Database } from '../database/client.js';
import type { OperationKind } from '../generated/prisma/client.js';
import { OPERATION_LABEL, operationsNotOver } from '../operations/records.js';

/** What a volume is told to be while an operation reads or writes it. */
const WORDS: Readonly<Record<OperationKind, string>> = {
  CLONE: 'is being copied',
  RENAME: 'is being renamed',
  MIGRATE: 'is being moved',
  BACKUP: 'is being backed up',
  RESTORE: 'is being restored',
  VERIFY: 'is being verified',
  MEASURE: 'is being measured',
};

/**
 * What is being done with the content of volumes now, by volume id: "is being copied". The one place that removal and prune
 * plans ask. What an operation makes and fills counts as well as what it reads. Measuring reads sizes only, and holds nothing
 * up.
 */
export async function volumesAtWork(database: Database, volumeIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const operations = await operationsNotOver(database);
  if (operations.length === 0) return new Map();
  const volumes = await database.volume.findMany({ where: { id: { in: [...volumeIds] } }, select: { id: true, hostId: true, name: true, labels: true } });
  return new Map(
    volumes.flatMap(({ id, hostId, name, labels }) => {
      const maker = (labels as Record<string, string>)[OPERATION_LABEL];
      const work = operations.find(
        (operation) =>
          [operation.sourceVolumeId, operation.targetVolumeId].includes(id) ||
          operation.id === maker ||
          (operation.targetHostId === hostId && operation.targetName === name),
      );
      return work === undefined ? [] : [[id, WORDS[work.kind]] as const];
    }),
  );
}
