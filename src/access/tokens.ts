import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { Prisma, type Database, type Transaction } from '../database/client.js';
import { notify } from '../database/notify.js';
import type { AccessToken } from '../generated/prisma/client.js';
import { appendEntries } from '../journal/append.js';
import type { NewEntry } from '../journal/entry.js';
import { Problem } from '../problems.js';
import type { Caller } from './caller.js';

export type { AccessToken } from '../generated/prisma/client.js';

/** Channel on which gateways wake each other when a token was made, changed or revoked. */
export const TOKENS_CHANNEL = 'stowage_tokens';

/** Makes a secret recognisable, for scanners that look for leaked ones. */
const PREFIX = 'stow_';
const SECRET_BYTES = 32;
/** A token that is to be made. */
export interface NewToken {
  readonly name: string;
  readonly role: Caller['role'];
  /** Names of hosts; null: all. */
  readonly hosts: readonly string[] | null;
  readonly expiresAt: Date | null;
}

/** Who changes tokens, for the journal. */
export interface TokenActor {
  readonly name: string;
  /** Network address that the request came from. */
  readonly address: string | undefined;
}

/** Who makes the token of a gateway that has none. */
const FIRST_START: TokenActor = { name: 'the first start', address: undefined };

/** Makes a token; its secret is returned this once and kept nowhere. @throws {Problem} NOT_FOUND for a host that is not known. */
export async function createToken(database: Database, token: NewToken, actor: TokenActor): Promise<{ token: AccessToken; secret: string }> {
  const secret = makeSecret();
  const { hosts, name, role, expiresAt } = token;
  const row = await database.$transaction(async (transaction) => {
    if (hosts !== null) await requireKnown(transaction, hosts);
    const data = { id: newId(), name, role, hash: hashSecret(secret), allHosts: hosts === null, hosts: hosts === null ? [] : [...hosts], expiresAt };
    const created = await transaction.accessToken.create({ data });
    await notify(transaction, TOKENS_CHANNEL);
    await appendEntries(transaction, [tokenEntry('TOKEN_CREATED', created, actor)]);
    return created;
  });
  return { token: row, secret };
}

/**
 * Revokes a token, in all gateways. Returns false for one that was revoked before.
 * @throws {Problem} NOT_FOUND; CONFLICT for the last that could make another, unless `othersMayEnter`.
 */
export async function revokeToken(database: Database, id: string, actor: TokenActor, othersMayEnter: boolean): Promise<boolean> {
  return database.$transaction(async (transaction) => {
    // Two that are revoked at the same moment must not each count on the other.
    await lockTokens(transaction);
    const token = await transaction.accessToken.findUnique({ where: { id } });
    if (token === null) throw new Problem('NOT_FOUND', 'There is no such token.');
    if (token.revokedAt !== null) return false;
    const revoked = await transaction.accessToken.update({ where: { id }, data: { revokedAt: new Date() } });
    if (!othersMayEnter && (await countKeys(transaction)) === 0) {
      throw new Problem('CONFLICT', 'This is the last ADMIN token for all hosts that is valid; without it nobody could make another one. Make one first.');
    }
    await notify(transaction, TOKENS_CHANNEL);
    await appendEntries(transaction, [tokenEntry('TOKEN_REVOKED', revoked, actor)]);
    return true;
  });
}

/** All tokens, also those that are over, oldest first. */
export function listTokens(database: Database): Promise<AccessToken[]> {
  return database.accessToken.findMany({ orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
}

/** One token by its id, whatever has become of it; null for none. */
export function readToken(database: Database, id: string): Promise<AccessToken | null> {
  return database.accessToken.findUnique({ where: { id } });
}

/** Makes an ADMIN token when there is none that is valid; returns its secret, which is shown once and kept nowhere. */
export async function makeFirstToken(database: Database): Promise<string | undefined> {
  return database.$transaction(async (transaction) => {
    await lockTokens(transaction);
    if ((await countKeys(transaction)) > 0) return undefined;
    const secret = makeSecret();
    const created = await transaction.accessToken.create({ data: { id: newId(), name: 'admin', role: 'ADMIN', hash: hashSecret(secret) } });
    await appendEntries(transaction, [tokenEntry('TOKEN_CREATED', created, FIRST_START)]);
    return secret;
  });
}

/** The token of a secret, whatever has become of it; undefined for none. */
export async function findToken(database: Database, secret: string): Promise<AccessToken | undefined> {
  const hash = hashSecret(secret);
  // Found by its hash: what can be timed is the hash of a guess, which tells nothing of a secret.
  const token = await database.accessToken.findUnique({ where: { hash } });
  return token !== null && timingSafeEqual(token.hash, hash) ? token : undefined;
}

/** Notes that a token was used, at most once within `intervalMs` for all gateways together. */
export async function noteUse(database: Database, id: string, intervalMs: number): Promise<void> {
  await database.$executeRaw(Prisma.sql`
    update access_token set last_used_at = clock_timestamp()
    where id = ${id}::uuid and (last_used_at is null or last_used_at < clock_timestamp() - ${intervalMs} * interval '1 ms')`);
}

/** What is stored of a secret. It has 256 random bits, so that a quick hash without salt is enough. */
export function hashSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}

function makeSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

async function lockTokens(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`lock table access_token in exclusive mode`;
}

/** How many valid tokens there are that may make others. */
function countKeys(transaction: Transaction): Promise<number> {
  return transaction.accessToken.count({
    where: { role: 'ADMIN', allHosts: true, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] },
  });
}

async function requireKnown(transaction: Transaction, hosts: readonly string[]): Promise<void> {
  const known = await transaction.host.findMany({ where: { name: { in: [...hosts] } }, select: { name: true } });
  const unknown = hosts.find((name) => !known.some((host) => host.name === name));
  if (unknown !== undefined) throw new Problem('NOT_FOUND', `There is no host named ${JSON.stringify(unknown.slice(0, 80))}.`);
}

function tokenEntry(type: 'TOKEN_CREATED' | 'TOKEN_REVOKED', token: AccessToken, actor: TokenActor): NewEntry {
  const { id, name, role, allHosts, hosts, expiresAt } = token;
  return {
    type,
    source: 'GATEWAY',
    occurredAt: Date.now(),
    actor: actor.name,
    ...(actor.address === undefined ? {} : { address: actor.address }),
    attributes: { token: id, name, role, hosts: allHosts ? null : hosts, expiresAt: expiresAt?.toISOString() ?? null },
  };
}
