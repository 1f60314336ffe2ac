import { randomUUID } from 'node:crypto';
import { Prisma, type Database } from './client.js';

/**
 * Which installation this is: all gateways on one database are one. What it makes on engines carries this id, since another
 * installation may work with the same engines.
 */
export async function readInstallation(database: Database): Promise<string> {
  await database.$executeRaw(Prisma.sql`insert into installation (uuid) values (${randomUUID()}::uuid) on conflict do nothing`);
  return (await database.installation.findFirstOrThrow()).uuid;
}
