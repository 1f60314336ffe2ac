import type { Caller } from '../access/caller.js';
import { createToken, revokeToken, type AccessToken } from '../access/tokens.js';
import { badInput } from '../problems.js';
import type { CommandContext } from './context.js';

const MAX_NAME_CHARACTERS = 100;
const MAX_HOSTS = 1_000;
/** Milliseconds that a token may be valid at most, where an end is given. */
const MAX_LIFE_MS = 100 * 365 * 86_400_000;

export interface NewTokenRequest {
  readonly name: string;
  readonly role: Caller['role'];
  /** Names; null: all hosts. */
  readonly hosts: readonly string[] | null;
  /** Milliseconds; null: until it is revoked. */
  readonly lifeMs: number | null;
}

/** Makes a token. @throws {Problem} BAD_USER_INPUT, NOT_FOUND. */
export async function createTokenCommand(
  context: Pick<CommandContext, 'database' | 'committed'>,
  request: NewTokenRequest,
  caller: Pick<Caller, 'name'>,
  address: string | undefined,
): Promise<{ token: AccessToken; secret: string }> {
  const { role, hosts, lifeMs } = request;
  const name = request.name.trim();
  if (name === '' || name.length > MAX_NAME_CHARACTERS || /\p{Cc}/u.test(name)) {
    throw badInput(`name must have 1 to ${String(MAX_NAME_CHARACTERS)} characters, and no control characters.`);
  }
  if (hosts?.length === 0) throw badInput('hosts is empty; name at least one host, or leave it out for all.');
  if (hosts !== null && hosts.length > MAX_HOSTS) throw badInput(`hosts has ${String(hosts.length)} names; at most ${String(MAX_HOSTS)} are allowed.`);
  if (lifeMs !== null && (lifeMs <= 0 || lifeMs > MAX_LIFE_MS)) throw badInput('expiresIn must be longer than nothing, and at most 100 years.');
  const expiresAt = lifeMs === null ? null : new Date(Date.now() + lifeMs);
  const made = await createToken(
    context.database,
    { name, role, hosts: hosts === null ? null : [...new Set(hosts)].sort(), expiresAt },
    { name: caller.name, address },
  );
  context.committed();
  return made;
}

/** Revokes a token everywhere; true when it was valid until now. @throws {Problem} NOT_FOUND, CONFLICT. */
export async function revokeTokenCommand(context: CommandContext, id: string, caller: Caller, address: string | undefined): Promise<boolean> {
  const revoked = await revokeToken(context.database, id, { name: caller.name, address }, context.othersMayEnter);
  context.committed();
  return revoked;
}
