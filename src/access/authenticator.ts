import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Database } from '../database/client.js';
import type { ControlConnection } from '../database/control-connection.js';
import { HOSTS_CHANNEL } from '../inventory/hosts.js';
import { Problem } from '../problems.js';
import type { Audit } from './audit.js';
import type { Caller, VisibleHost } from './caller.js';
import { JwtRefused, looksLikeJwt, type JwtVerifier } from './jwt.js';
import { findToken, hashSecret, noteUse, TOKENS_CHANNEL } from './tokens.js';

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

/** Whom a secret stands for. */
interface Known {
  readonly caller: Caller;
  /** Id of the token, to note its use; undefined: it is none of the gateway's own. */
  readonly token: string | undefined;
  readonly expiresAt: Date | null;
  readonly isRevoked: boolean;
}

/** Tokens from the database, the one from the settings, and JWTs of an identity provider. Call it before `control` is started, which wakes it. */
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
    /** undefined: only tokens of the gateway's own are taken. */
    private readonly jwt: JwtVerifier | undefined,
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
      known = this.jwt !== undefined && looksLikeJwt(secret) ? await this.knownByJwt(this.jwt, secret) : await this.knownByToken(secret);
      this.known.set(key, known);
    }
    const { caller, token, expiresAt, isRevoked } = known;
    if (isRevoked) throw new SignInProblem('the token was revoked', caller.name);
    if (expiresAt !== null && expiresAt <= new Date()) throw new SignInProblem('the token has expired', caller.name);
    if (token !== undefined) this.noteUse(token);
    return caller;
  }

  private async knownByToken(secret: string): Promise<Known> {
    const token = await findToken(this.database, secret);
    if (token === undefined) throw new SignInProblem('the token is not known');
    const { id, name, role, allHosts, hosts, expiresAt, revokedAt } = token;
    return { caller: { id, name, role, hosts: allHosts ? null : await this.visibleHosts(hosts) }, token: id, expiresAt, isRevoked: revokedAt !== null };
  }

  private async knownByJwt(verifier: JwtVerifier, secret: string): Promise<Known> {
    try {
      const { id, name, role, hosts, expiresAt } = await verifier.verify(secret);
      return { caller: { id, name, role, hosts: hosts === null ? null : await this.visibleHosts(hosts) }, token: undefined, expiresAt, isRevoked: false };
    } catch (error) {
      throw error instanceof JwtRefused ? new SignInProblem(`the JWT is refused: ${error.message}`) : error;
    }
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  async stop(): Promise<void> {
    await Promise.all(this.writing);
  }

  private async visibleHosts(names: readonly string[]): Promise<VisibleHost[]> {
    const rows = await this.database.host.findMany({ where: { name: { in: [...names] } }, select: { id: true, name: true, enabled: true } });
    const known = new Map(rows.map((row) => [row.name, row]));
    return [...new Set(names)].sort().map((name) => ({ name, id: known.get(name)?.id, enabled: known.get(name)?.enabled ?? false }));
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
