import type { Database } from '../database/client.js';
import type { OperationKind } from '../generated/prisma/client.js';

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
 * plans ask. Measuring reads sizes only, and holds nothing up.
 */
export async function volumesAtWork(database: Database, volumeIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...volumeIds];
  const operations = await database.operation.findMany({
    where: {
      state: { in: ['QUEUED', 'RUNNING'] },
      kind: { not: 'MEASURE' },
      OR: [{ sourceVolumeId: { in: ids } }, { targetVolumeId: { in: ids } }],
    },
    select: { kind: true, sourceVolumeId: true, targetVolumeId: true },
  });
  return new Map(
    operations.flatMap(({ kind, sourceVolumeId, targetVolumeId }) =>
      [sourceVolumeId, targetVolumeId].flatMap((id) => (id === null ? [] : [[id, WORDS[kind]] as const])),
    ),
  );
}
