import { randomUUID } from 'node:crypto';
import pLimit, { type LimitFunction } from 'p-limit';
import { EngineError } from '../engine/connection.js';
import { quote } from '../engine/names.js';
import { openVolume } from '../engine/volume-content.js';
import type { Host } from '../inventory/hosts.js';
import { badInput, Problem } from '../problems.js';
import type { Fleet } from '../sync/fleet.js';
import { transfer } from './transfer.js';
import type { EntryType, TarEntry } from './tar-scan.js';

/** What one look into a directory may read: the engine sends all that lies below it, too. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_ENTRIES = 100_000;
const MAX_MS = 15_000;
const MAX_PATH_CHARACTERS = 4_095;

/** Directories of one host that a gateway reads at once: each has the engine walk through all that lies below. */
const READS_AT_ONCE = 4;
/** Milliseconds for which one waits for its turn. */
const MAX_WAIT_MS = 30_000;

/** Something in a directory of a volume. */
export interface FileFacts {
  readonly name: string;
  /** The bytes of its name, each as a character. */
  readonly key: string;
  readonly type: EntryType;
  readonly sizeBytes: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedAt: Date;
  readonly linkTarget: string | null;
}

/** One page of a directory, as far as it was read. */
export interface Directory {
  /** Those that were asked for, and one more when there is one. */
  readonly files: readonly FileFacts[];
  /** Whether all of it was read; else there is more behind what was. */
  readonly complete: boolean;
}

/** What directories are read with. */
interface BrowseContext {
  readonly fleet: Fleet;
  readonly installation: string;
  readonly directoryReads: DirectoryReads;
}

/** Which part of a directory, in the order of names. */
export interface DirectoryPage {
  /** Begins behind this key, whether or not there still is such a file; undefined: with the first. */
  readonly after: string | undefined;
  readonly count: number;
}

/** Has the directories of each host read a few at a time, however many are asked for, by one query or by many. */
export class DirectoryReads {
  private readonly hosts = new Map<string, LimitFunction>();

  constructor(private readonly maxWaitMs = MAX_WAIT_MS) {}

  /** @throws {Problem} LIMIT_EXCEEDED when it was not its turn for a long time. */
  inTurn<T>(host: Host, read: () => Promise<T>): Promise<T> {
    let limit = this.hosts.get(host.id);
    if (limit === undefined) this.hosts.set(host.id, (limit = pLimit(READS_AT_ONCE)));
    const asked = performance.now();
    return limit(() => {
      // Who has waited so long is probably gone; those behind get on.
      if (performance.now() - asked > this.maxWaitMs) {
        throw new Problem('LIMIT_EXCEEDED', `Too many directories of host ${host.name} are being read at this moment. Ask for fewer at once, or again later.`);
      }
      return read();
    });
  }
}

/** Thrown out of a reading that has read enough. */
class Enough extends Error {}

/**
 * What lies in one directory of a volume, in the order of names by their bytes, as engines give it. Of it no more is read than
 * the page needs, nor than a bound in bytes, entries and time.
 * @throws {Problem} NOT_FOUND for a path that is not there; BAD_USER_INPUT for one that is none; LIMIT_EXCEEDED.
 */
export async function readDirectory(
  { fleet, installation, directoryReads }: BrowseContext,
  host: Host,
  volume: string,
  path: string,
  page: DirectoryPage,
): Promise<Directory> {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.length > MAX_PATH_CHARACTERS || parts.includes('..')) throw badInput(`path ${quote(path)} is no path inside a volume.`);
  return directoryReads.inTurn(host, () =>
    fleet.of(host).withEngine(async (engine) => {
      const open = await openVolume(engine, { name: volume, write: false, owner: `browse-${randomUUID()}`, installation });
      const files: FileFacts[] = [];
      const bound = AbortSignal.timeout(MAX_MS);
      try {
        await transfer((signal) => open.readDirectory(parts.join('/'), signal), undefined, {
          signal: bound,
          limits: { root: '', contentBytes: MAX_BYTES, entries: MAX_ENTRIES },
          onEntry: (entry) => {
            if (entry.path !== '' && !entry.path.includes('/') && (page.after === undefined || entry.path > page.after)) files.push(fileFacts(entry));
            if (files.length > page.count) throw new Enough();
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
    }),
  );
}

function fileFacts({ path, type, size, mode, uid, gid, mtime, linkPath }: TarEntry): FileFacts {
  const shown = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8');
  return {
    name: shown(path),
    key: path,
    type,
    sizeBytes: BigInt(size),
    mode,
    uid,
    gid,
    modifiedAt: new Date(mtime * 1000),
    linkTarget: linkPath === '' ? null : shown(linkPath),
  };
}
