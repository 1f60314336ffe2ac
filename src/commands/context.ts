import type { Logger } from 'pino';
import type { Database } from '../database/client.js';
import type { AddressGuard } from '../engine/address-guard.js';
import type { OperationContext } from '../operations/context.js';
import type { Sealer } from '../sealing.js';
import type { Fleet } from '../sync/fleet.js';

/** What commands work with. */
export interface CommandContext {
  readonly database: Database;
  readonly fleet: Fleet;
  readonly sealer: Sealer;
  readonly log: Logger;
  /** Milliseconds for one call to an engine. */
  readonly engineTimeoutMs: number;
  /** Where connections to engines may lead. */
  readonly addresses: AddressGuard;
  /** Sockets, or folders of sockets, that endpoints may name. */
  readonly allowedSockets: readonly string[];
  /** Hosts that one call works on at once. */
  readonly parallelHosts: number;
  /** Milliseconds that one change on one host may take. */
  readonly hostDeadlineMs: number;
  /** Milliseconds that an engine may take to pull an image. */
  readonly pullDeadlineMs: number;
  /** Directories of hosts that ADMIN may mount; undefined: all. */
  readonly allowedHostPaths: readonly string[] | undefined;
  /** Registries that engines may be asked to pull images from; undefined: Docker Hub, and any for ADMIN. */
  readonly allowedRegistries: readonly string[] | undefined;
  /** What operations on the content of volumes work with. */
  readonly operations: OperationContext;
  /** Whether somebody may enter as ADMIN without any of the tokens that are made here: by the settings' own. */
  readonly othersMayEnter: boolean;
  /** Called after a commit that journalled something. */
  readonly committed: () => void;
}
