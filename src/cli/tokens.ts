import { createTokenCommand } from '../commands/token-commands.js';
import type { StowageClient } from '../client/client.js';
import { CreateTokenDocument, ListTokensDocument, RevokeTokenDocument, type Role } from '../client/operations.js';
import type { Settings } from '../config.js';
import { badInput } from '../problems.js';
import { withDatabase } from './own-database.js';
import { showTime, table, type Output } from './output.js';

/** Whom the journal names for tokens that are made without a gateway. */
const LOCAL_CALLER = { name: 'the command line' };

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A token that is asked for. */
export interface TokenOptions {
  readonly role: Role;
  /** Names; undefined: all. */
  readonly hosts: readonly string[] | undefined;
  /** Such as 12h or 30d; undefined: until it is revoked. */
  readonly expires: string | undefined;
}

/** Has a gateway make a token. */
export async function createRemoteToken(client: StowageClient, name: string, { role, hosts, expires }: TokenOptions, output: Output): Promise<void> {
  const lifeMs = readLife(expires);
  const input = { name, role, ...(hosts === undefined ? {} : { hosts }), ...(lifeMs === null ? {} : { expiresIn: `PT${String(lifeMs / 1000)}S` }) };
  const { secret, token } = (await client.request(CreateTokenDocument, { input })).createToken;
  output.result({ ...token, secret }, secret);
}

/** Makes a token in the database itself: for whoever has lost all of them. */
export async function createLocalToken(settings: Settings, name: string, { role, hosts, expires }: TokenOptions, output: Output): Promise<void> {
  const lifeMs = readLife(expires);
  const { token, secret } = await withDatabase(settings, (database) =>
    createTokenCommand({ database, committed: () => undefined }, { name, role, hosts: hosts ?? null, lifeMs }, LOCAL_CALLER, undefined),
  );
  const told = { id: token.id, name, role, hosts: hosts ?? null, expiresAt: token.expiresAt, secret };
  output.result(told, secret);
}

export async function listTokens(client: StowageClient, output: Output): Promise<void> {
  const { tokens } = await client.request(ListTokensDocument, {});
  const rows = tokens.map((token) => [
    token.id,
    token.name,
    token.role,
    token.hosts?.join(',') ?? '(all)',
    showTime(token.createdAt),
    showTime(token.lastUsedAt),
    token.revokedAt === null ? showTime(token.expiresAt) : `revoked ${showTime(token.revokedAt)}`,
  ]);
  output.result(tokens, table(['ID', 'NAME', 'ROLE', 'HOSTS', 'CREATED', 'LAST USED', 'ENDS'], rows));
}

export async function revokeToken(client: StowageClient, id: string, output: Output): Promise<void> {
  const { removed } = (await client.request(RevokeTokenDocument, { id })).revokeToken;
  output.result({ id, revoked: removed }, removed ? id : `${id} was revoked before`);
}

/** Milliseconds; null for no end. @throws {Problem} BAD_USER_INPUT */
function readLife(text: string | undefined): number | null {
  if (text === undefined) return null;
  const [, figure, unit] = /^(\d{1,9})([mhd])$/.exec(text) ?? [];
  if (figure === undefined) throw badInput('--expires must be a number of minutes, hours or days, such as 45m, 12h or 30d.');
  return Number(figure) * UNITS[unit as keyof typeof UNITS];
}
