import type { Logger } from 'pino';
import type { Database } from '../database/client.js';
import type { Fleet } from '../sync/fleet.js';
import type { DirectoryReads } from './browse.js';
import type { Backups } from './open-store.js';
import type { Pace } from './transfer.js';

/** What operations work with. */
export interface OperationContext {
  readonly database: Database;
  readonly fleet: Fleet;
  readonly log: Logger;
  /** Of which installation this gateway is one. */
  readonly installation: string;
  readonly backups: Backups;
  readonly directoryReads: DirectoryReads;
  /** Called after a commit that journalled something. */
  readonly committed: () => void;
  /** Called with the kind and the last state of each operation that ends here. */
  readonly ended: (kind: string, state: string) => void;
  /** Operations that read or write one host at once. */
  readonly perHost: number;
  /** Bytes a second that all transfers of this gateway keep to; undefined: as fast as they can. */
  readonly pace: Pace | undefined;
  /** Milliseconds between the measurements of one host. */
  readonly measurePauseMs: number;
  /** Milliseconds for which the sizes that were measured are kept, as the journal's entries are. */
  readonly historyMs: number;
  /** Milliseconds for one call to an engine. */
  readonly engineTimeoutMs: number;
}
