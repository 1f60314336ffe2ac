import { Prisma, type Transaction } from './client.js';

/** Wakes whoever listens on a channel once the transaction is committed. There is nothing to say: what there is to know is in tables. */
export async function notify(transaction: Transaction, channel: string): Promise<void> {
  await transaction.$executeRaw(Prisma.sql`select pg_notify(${channel}, '')`);
}
