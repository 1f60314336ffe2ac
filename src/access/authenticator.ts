import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Database } from '../database/client.js';
import type { ControlConnection } from '../database/control-connection.js';
import { HOSTS_CHANNEL } from '../inventory/hosts.js';
import { Problem } from '../problems.js';
import type { Audit } from './audit.js';
import type { Caller, VisibleHost } from './caller.js';
import { findToken, hashSecret, noteUse, TOKENS_CHANNEL, type AccessToken } from './tokens.js';

/**
 * Milliseconds that a token is known without asking the database again. Gateways are woken when one is revoked; this is the
 * bound for one that was not reached.
 */
const KEPT_MS = 500;
/** Tokens that are known at a time. */
const MAX_KEPT = 10_000;
/** Milliseconds between two notes of a token's use. */
const USE_INTERVAL_MS = 60_000;

/** Finds out who sends a token. */
export interface Authenticator {
  /**
   * @param address where it came from: given when somebody signs in, so that a failure is journalled.
   * @throws {Problem} UNAUTHENTICATED for anything but `Bearer SECRET` with a valid secret.
   */
  authenticate(authorization: string | undefined, address?: string): Promise<Caller>;
  /** Has `listener` called whenever tokens, or the hosts that exist for them, may have changed. */
  onChange(listener: () => void): void;
  /** Waits for what is still being written. */
  stop(): Promise<void>;
}

/** For STOWAGE_AUTH=none: everyone who can connect is ADMIN. */
export const openToAll: Authenticator = {
  authenticate: () => Promise.resolve({ id: 'anyone', name: 'anyone', role: 'ADMIN', hosts: null }),
  onChange: () => undefined,
  stop: () => Promise.resolve(),
};

/** The secret of an `Authorization` header. @throws {Problem} UNAUTHENTICATED. */
export function bearerSecret(authorization: string | undefined): string {
  const secret = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (secret !== undefined) return secret;
  throw new Problem('UNAUTHENTICATED', 'Send a token: "Authorization: Bearer SECRET", or connectionParams { authorization: "Bearer SECRET" } on a WebSocket.');
}

/** Why somebody was not let in. The caller is told no more than that. */
class SignInProblem extends Problem {
  constructor(
    readonly reason: string,
    /** Whose token it was, where that is known. */
    readonly actor?: string,
  ) {
    super('UNAUTHENTICATED', 'This token is not valid (any more).');
  }
}

interface Known {
  readonly token: AccessToken;
  readonly hosts: readonly VisibleHost[] | null;
}

/** Tokens from the database, and the one from the settings. Call it before `control` is started, which wakes it. */
export class TokenAuthenticator implements Authenticator {
  private readonly adminHash: Uint8Array | undefined;
  private readonly known = new LRUCache<string, Known>({ max: MAX_KEPT, ttl: KEPT_MS });
  /** When a token's use was last noted here, by id. */
  private readonly noted = new LRUCache<string, number>({ max: MAX_KEPT });
  private readonly writing = new Set<Promise<void>>();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly database: Database,
    control: ControlConnection,
    adminToken: string | undefined,
    private readonly audit: Audit,
    private readonly log: Logger,
  ) {
    this.adminHash = adminToken === undefined ? undefined : hashSecret(adminToken);
    for (const channel of [TOKENS_CHANNEL, HOSTS_CHANNEL]) {
      control.listen(channel, () => {
        this.known.clear();
        for (const listener of this.listeners) listener();
      });
    }
  }

  async authenticate(authorization: string | undefined, address?: string): Promise<Caller> {
    try {
      return await this.identify(bearerSecret(authorization));
    } catch (error) {
      if (address !== undefined && error instanceof Problem && error.code === 'UNAUTHENTICATED') {
        const { actor, reason } = error instanceof SignInProblem ? error : { actor: undefined, reason: 'no token was sent' };
        this.audit.note({ type: 'SIGN_IN_FAILED', actor, address, attributes: { reason } });
      }
      throw error;
    }
  }

  private async identify(secret: string): Promise<Caller> {
    const hash = hashSecret(secret);
    if (this.adminHash !== undefined && timingSafeEqual(hash, this.adminHash)) return { id: 'settings', name: 'admin', role: 'ADMIN', hosts: null };
    const key = Buffer.from(hash).toString('base64');
    let known = this.known.get(key);
    if (known === undefined) {
      const token = await findToken(this.database, secret);
      if (token === undefined) throw new SignInProblem('the token is not known');
      known = { token, hosts: token.allHosts ? null : await this.visibleHosts(token.hosts) };
      this.known.set(key, known);
    }
    const { token, hosts } = known;
    if (token.revokedAt !== null) throw new SignInProblem('the token was revoked', token.name);
    if (token.expiresAt !== null && token.expiresAt <= new Date()) throw new SignInProblem('the token has expired', token.name);
    this.noteUse(token.id);
    return { id: token.id, name: token.name, role: token.role, hosts };
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  async stop(): Promise<void> {
    await Promise.all(this.writing);
  }

  private async visibleHosts(names: readonly string[]): Promise<VisibleHost[]> {
    const rows = await this.database.host.findMany({ where: { name: { in: [...names] } }, select: { id: true, name: true } });
    const ids = new Map(rows.map(({ id, name }) => [name, id]));
    return [...new Set(names)].sort().map((name) => ({ name, id: ids.get(name) }));
  }

  /** Coarsely: a write for each request would cost more than the request. */
  private noteUse(id: string): void {
    const now = performance.now();
    if (now - (this.noted.get(id) ?? -Infinity) < USE_INTERVAL_MS) return;
    this.noted.set(id, now);
    const writing = noteUse(this.database, id, USE_INTERVAL_MS)
      .catch((error: unknown) => {
        this.log.debug({ err: error }, 'the use of a token cannot be noted now');
      })
      .finally(() => this.writing.delete(writing));
    this.writing.add(writing);
  }
}
