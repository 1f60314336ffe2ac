import { createHash } from 'node:crypto';
import { v7 as newId } from 'uuid';
import type { Database } from '../../src/database/client.js';

/** Makes a VIEWER's token for all hosts, as it stands in the database. */
export async function addToken(database: Database, expiresAt: Date | null = null): Promise<{ secret: string; id: string }> {
  const secret = `stow_${newId()}`;
  const hash = new Uint8Array(createHash('sha256').update(secret).digest());
  const { id } = await database.accessToken.create({ data: { id: newId(), name: secret, role: 'VIEWER', hash, expiresAt } });
  return { secret, id };
}
