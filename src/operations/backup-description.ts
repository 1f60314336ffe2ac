import { maskOptions } from '../inventory/driver-options.js';
import type { TextRecord } from '../inventory/picture.js';
import type { Volume } from '../inventory/volumes.js';
import type { Prisma } from '../database/client.js';
import { objectsOf } from './stored.js';

/** Version of what {@link describeBackup} gives: raised when a field is renamed, removed or means something else. */
const FORMAT = 1;

/**
 * What lies beside a stored archive in plain JSON, so that with the database lost one can still tell whose it is: as much as
 * the database knows of it, but for passwords. Its fields stand in docs/volume-content.md.
 */
export function describeBackup(backup: Prisma.BackupCreateInput, volume: Volume, installation: string): string {
  const { archive, manifest } = objectsOf(backup.id);
  const description = {
    format: FORMAT,
    id: backup.id,
    createdAt: backup.createdAt,
    installation,
    host: { id: backup.hostId, name: backup.hostName },
    volume: {
      id: backup.volumeId,
      name: backup.volumeName,
      driver: volume.driver,
      options: maskOptions(volume.options as TextRecord),
      labels: maskOptions(volume.labels as TextRecord),
    },
    archive: {
      name: archive,
      compression: 'zstd',
      encryption: backup.encrypted ? 'age' : null,
      sizeBytes: Number(backup.sizeBytes),
      sha256: backup.sha256,
    },
    manifest: { name: manifest, sha256: backup.manifestSha256 },
    contentBytes: Number(backup.contentBytes),
    fileCount: backup.fileCount,
    entryCount: backup.entryCount,
    quiesce: backup.quiesce,
    consistent: backup.consistent,
    byPolicy: backup.byPolicy ?? false,
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}
