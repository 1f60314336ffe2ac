import { createHash } from 'node:crypto';
import { v7 as newId } from 'uuid';
import type { Audit } from '../access/audit.js';
import type { Caller } from '../access/caller.js';
import type { Authenticator } from '../access/authenticator.js';
import type { Database } from '../database/client.js';
import { Problem } from '../problems.js';
import type { Sealer } from '../sealing.js';

/** Milliseconds that a session lasts at most: a day's work. It ends before with its token. */
export const SESSION_MS = 12 * 3_600_000;
/** Sessions that one caller has at a time, of all gateways: with one more the oldest ends. */
const MAX_OF_CALLER = 500;
/** How a session is named where else an Authorization header is. Whoever could send it as one has the cookie itself. */
const SCHEME = 'Session ';
/** What the sealed value is for. */
const SEALED_FOR = 'session';
/** Bytes of the longest token that fits a cookie when it is sealed: browsers keep 4,096 bytes (RFC 6265, 6.1). */
const MAX_TOKEN_BYTES = 2_500;

/** What a cookie holds, sealed. */
interface Sealed {
  readonly id: string;
  readonly authorization: string;
}

/**
 * Sessions of pages: a token in a cookie that no script can read, sealed, together with the id of a row that ends with the
 * session. Whatever ends the token ends the session, since each use of it is one of the token.
 */
export class WebSessions {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly authenticator: Pick<Authenticator, 'authenticate'>,
    private readonly audit: Pick<Audit, 'note'>,
  ) {}

  /** Begins a session with the token of a caller; returns what the cookie is to hold. @throws {Problem} BAD_USER_INPUT. */
  async begin(authorization: string, { id: callerId }: Pick<Caller, 'id'>): Promise<string> {
    if (Buffer.byteLength(authorization) > MAX_TOKEN_BYTES) throw new Problem('BAD_USER_INPUT', 'This token is too long for a cookie.');
    const now = new Date();
    await this.database.webSession.deleteMany({ where: { expiresAt: { lt: now } } });
    const id = newId();
    const caller = createHash('sha256').update(callerId).digest('hex');
    await this.database.webSession.create({ data: { id, caller, expiresAt: new Date(now.getTime() + SESSION_MS) } });
    await this.database.$executeRaw`
      delete from web_session where id in (
        select id from web_session where caller = ${caller} order by expires_at desc, id desc offset ${MAX_OF_CALLER})`;
    const sealed: Sealed = { id, authorization };
    return Buffer.from(this.sealer.seal(sealed, SEALED_FOR)).toString('base64url');
  }

  /** Ends a session, everywhere. One that has ended is none. */
  async end(cookie: string): Promise<void> {
    const sealed = this.open(cookie);
    if (sealed !== undefined) await this.database.webSession.deleteMany({ where: { id: sealed.id } });
  }

  /** What stands for a session in place of an Authorization header. */
  authorizationOf(cookie: string): string {
    return `${SCHEME}${cookie}`;
  }

  /** As {@link Authenticator.authenticate}, and for what {@link authorizationOf} returned. @throws {Problem} UNAUTHENTICATED. */
  async authenticate(authorization: string | undefined, address?: string): Promise<Caller> {
    if (authorization?.startsWith(SCHEME) !== true) return this.authenticator.authenticate(authorization, address);
    const sealed = this.open(authorization.slice(SCHEME.length));
    const row = sealed === undefined ? null : await this.database.webSession.findUnique({ where: { id: sealed.id } });
    if (sealed === undefined || row === null || row.expiresAt <= new Date()) {
      const reason = sealed === undefined ? 'the cookie is none that this gateway made' : 'the session has ended';
      if (address !== undefined) this.audit.note({ type: 'SIGN_IN_FAILED', actor: undefined, address, attributes: { reason } });
      throw new Problem('UNAUTHENTICATED', 'This session has ended. Sign in again.');
    }
    return this.authenticator.authenticate(sealed.authorization, address);
  }

  private open(cookie: string): Sealed | undefined {
    try {
      // Sealed by begin.
      return this.sealer.open(Buffer.from(cookie, 'base64url'), SEALED_FOR) as Sealed;
    } catch {
      return undefined;
    }
  }
}
