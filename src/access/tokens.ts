import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { v7 as newId } from 'uuid';
import type { Database } from '../database/client.js';
import { Problem } from '../problems.js';
import type { Caller } from './caller.js';

/** Makes a secret recognisable, for scanners that look for leaked ones. */
const PREFIX = 'stow_';
const SECRET_BYTES = 32;

/** Finds out who sends a token. */
export interface Authenticator {
  /** @throws {Problem} UNAUTHENTICATED for anything but `Bearer SECRET` with a valid secret. */
  authenticate(authorization: string | undefined): Promise<Caller>;
}

/** For STOWAGE_AUTH=none: everyone who can connect is ADMIN. */
export const openToAll: Authenticator = {
  authenticate: () => Promise.resolve({ id: 'anyone', name: 'anyone', role: 'ADMIN', hosts: null }),
};

/** Tokens from the database, and the one from the settings. */
export function tokenAuthenticator(database: Database, adminToken: string | undefined): Authenticator {
  const adminHash = adminToken === undefined ? undefined : hashSecret(adminToken);
  return {
    async authenticate(authorization) {
      const secret = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
      if (secret === undefined) {
        throw new Problem(
          'UNAUTHENTICATED',
          'Send a token: "Authorization: Bearer SECRET", or connectionParams { authorization: "Bearer SECRET" } on a WebSocket.',
        );
      }
      const hash = hashSecret(secret);
      if (adminHash !== undefined && timingSafeEqual(hash, adminHash)) return { id: 'settings', name: 'admin', role: 'ADMIN', hosts: null };
      // Found by its hash: what can be timed is the hash of a guess, which tells nothing of a secret.
      const token = await database.accessToken.findUnique({ where: { hash } });
      const now = new Date();
      if (token === null || token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now)) {
        throw new Problem('UNAUTHENTICATED', 'This token is not valid (any more).');
      }
      return { id: token.id, name: token.name, role: token.role, hosts: token.allHosts ? null : token.hosts };
    },
  };
}

/** Makes the first ADMIN token when there is none at all; returns its secret, which is shown once and kept nowhere. */
export async function makeFirstToken(database: Database): Promise<string | undefined> {
  return database.$transaction(async (transaction) => {
    await transaction.$executeRaw`lock table access_token in exclusive mode`;
    if ((await transaction.accessToken.count()) > 0) return undefined;
    const secret = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
    await transaction.accessToken.create({ data: { id: newId(), name: 'admin', role: 'ADMIN', hash: hashSecret(secret) } });
    return secret;
  });
}

function hashSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}
