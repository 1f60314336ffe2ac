import { Prisma, type Database, type Transaction } from '../database/client.js';

/** The right of one gateway to write the inventory of one host, with its fencing number. */
export interface Lease {
  readonly hostId: string;
  /** Id of the gateway. */
  readonly holder: string;
  readonly epoch: bigint;
}

/** Thrown when a write came too late: another gateway watches the host by now, or it was removed. Nothing was written. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/**
 * Makes sure that the lease holds, until the transaction ends: nobody can take it in between. To be called first in
 * every transaction that writes what a host's watcher alone may write.
 * @throws {LeaseLostError}
 */
export async function requireLease(transaction: Transaction, lease: Lease): Promise<void> {
  const rows = await transaction.$queryRaw<unknown[]>(
    Prisma.sql`select 1 from lease where host_id = ${lease.hostId}::uuid and holder = ${lease.holder}::uuid and epoch = ${lease.epoch} for share`,
  );
  if (rows.length === 0) throw lost(lease);
}

/**
 * Makes sure that the lease holds at this moment: for whoever tells of the inventory without having written to it.
 * @throws {LeaseLostError}
 */
export async function confirmLease(database: Database, lease: Lease): Promise<void> {
  const rows = await database.$queryRaw<unknown[]>(
    Prisma.sql`select 1 from lease where host_id = ${lease.hostId}::uuid and holder = ${lease.holder}::uuid and epoch = ${lease.epoch}`,
  );
  if (rows.length === 0) throw lost(lease);
}

/**
 * Waits until no transaction under this lease is open any more: one whose commit was not answered may still be on its way,
 * and what it wrote is not to be read before it has ended.
 * @throws {LeaseLostError}
 */
export async function outlastWriters(database: Database, lease: Lease): Promise<void> {
  // Every writer locks this row FOR SHARE from its beginning to its end.
  const rows = await database.$queryRaw<unknown[]>(
    Prisma.sql`select 1 from lease where host_id = ${lease.hostId}::uuid and holder = ${lease.holder}::uuid and epoch = ${lease.epoch} for update`,
  );
  if (rows.length === 0) throw lost(lease);
}

function lost(lease: Lease): LeaseLostError {
  return new LeaseLostError(`the lease ${String(lease.epoch)} of host ${lease.hostId} is lost`);
}
