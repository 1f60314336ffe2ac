import { Prisma, type Transaction } from '../database/client.js';

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
  if (rows.length === 0) throw new LeaseLostError(`the lease ${String(lease.epoch)} of host ${lease.hostId} is lost`);
}
