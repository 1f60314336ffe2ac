import type { Database } from '../database/client.js';

/**
 * What is being done with the content of volumes now, by volume id: "is being copied". The one place that removal and prune
 * plans ask. Operations on content are not built yet, so there is nothing; they answer here when they are.
 */
export function volumesAtWork(_database: Database, _volumeIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return Promise.resolve(new Map());
}
