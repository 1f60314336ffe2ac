import { randomUUID } from 'node:crypto';
import { EngineError } from '../engine/connection.js';
import { quote } from '../engine/names.js';
import { openVolume } from '../engine/volume-content.js';
import type { Host } from '../inventory/hosts.js';
import { badInput, Problem } from '../problems.js';
import type { OperationContext } from './context.js';
import { transfer } from './transfer.js';
import type { EntryType, TarEntry } from './tar-scan.js';

/** What one look into a directory may read: the engine sends all that lies below it, too. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_ENTRIES = 100_000;
const MAX_MS = 15_000;
const MAX_PATH_CHARACTERS = 4_095;

/** Something in a directory of a volume. */
export interface FileFacts {
  readonly name: string;
  readonly type: EntryType;
  readonly sizeBytes: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedAt: Date;
  readonly linkTarget: string | null;
}

/** One directory, as far as it was read. */
export interface Directory {
  readonly files: readonly FileFacts[];
  /** Whether all of it was read; else there is more behind what was. */
  readonly complete: boolean;
}

/** Thrown out of a reading that has read enough. */
class Enough extends Error {}

/**
 * What lies in one directory of a volume, in the order of names. `enough` names of it are read, and no more than a bound
 * in bytes, entries and time.
 * @throws {Problem} NOT_FOUND for a path that is not there; BAD_USER_INPUT for one that is none.
 */
export async function readDirectory(
  { fleet, installation }: Pick<OperationContext, 'fleet' | 'installation'>,
  host: Host,
  volume: string,
  path: string,
  enough: (files: readonly FileFacts[]) => boolean,
): Promise<Directory> {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.length > MAX_PATH_CHARACTERS || parts.includes('..')) throw badInput(`path ${quote(path)} is no path inside a volume.`);
  return fleet.of(host).withEngine(async (engine) => {
    const open = await openVolume(engine, { name: volume, write: false, owner: `browse-${randomUUID()}`, installation });
    const files: FileFacts[] = [];
    const bound = AbortSignal.timeout(MAX_MS);
    try {
      await transfer((signal) => open.readDirectory(parts.join('/'), signal), undefined, {
        signal: bound,
        limits: { root: '', contentBytes: MAX_BYTES, entries: MAX_ENTRIES },
        onEntry: (entry) => {
          if (entry.path !== '' && !entry.path.includes('/')) files.push(fileFacts(entry));
          if (enough(files)) throw new Enough();
        },
      });
      return { files, complete: true };
    } catch (error) {
      if (error instanceof EngineError && (error.status === 404 || error.status === 400)) {
        throw new Problem('NOT_FOUND', `There is no directory ${quote(path)} in volume ${quote(volume)}.`, { cause: error });
      }
      if (error instanceof Enough || bound.aborted || (error instanceof Problem && (error.code === 'LIMIT_EXCEEDED' || error.code === 'CONFLICT'))) {
        return { files, complete: false };
      }
      throw error;
    } finally {
      await open.close();
    }
  });
}

function fileFacts({ path, type, size, mode, uid, gid, mtime, linkPath }: TarEntry): FileFacts {
  const shown = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8');
  return {
    name: shown(path),
    type,
    sizeBytes: BigInt(size),
    mode,
    uid,
    gid,
    modifiedAt: new Date(mtime * 1000),
    linkTarget: linkPath === '' ? null : shown(linkPath),
  };
}
