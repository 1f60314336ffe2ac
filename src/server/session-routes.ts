import { parseCookie, stringifySetCookie } from 'cookie';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.js';
import type { WebSettings } from '../config.js';
import { Problem, toShownProblem } from '../problems.js';
import { requireOwnOrigin } from './web-guard.js';
import { SESSION_MS, type WebSessions } from './web-session.js';

/** Name of the cookie; over TLS with a prefix by which browsers take it from this very host only (RFC 6265bis, 4.1.3). */
const COOKIE = 'stowage';
const SECURE_COOKIE = `__Host-${COOKIE}`;
/** Header that a page must send with what it changes by a cookie. No plain form can send it, and no page of another origin. */
const CSRF_HEADER = 'x-stowage-csrf';

/**
 * What the cookie of a request holds; undefined without one.
 * @param isTls whether the gateway itself serves TLS: then only the cookie counts that nobody can set by plain HTTP.
 */
export function sessionCookie({ cookie }: IncomingHttpHeaders, isTls: boolean): string | undefined {
  if (cookie === undefined) return undefined;
  const cookies = parseCookie(cookie);
  return cookies[SECURE_COOKIE] ?? (isTls ? undefined : cookies[COOKIE]);
}

/**
 * For what comes by HTTP with a cookie and without a token.
 * @throws {Problem} FORBIDDEN for a page of another origin, and for anything but reading without the header that a form cannot send.
 */
export function requireIntent({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>, web: Pick<WebSettings, 'tls'>): void {
  requireOwnOrigin(headers, web);
  if (method === 'GET' || method === 'HEAD' || headers[CSRF_HEADER] !== undefined) return;
  throw new Problem('FORBIDDEN', `With a session's cookie, send the header ${CSRF_HEADER}: 1 (any value).`);
}

/**
 * Routes of a page's session, which is for pages of the gateway itself: `POST /session` with a token as Authorization begins
 * one, `GET` says who is signed in (null: nobody), `DELETE` ends it.
 * @param callerOf who asks, as the gate before found out.
 */
export function routeSessions(
  app: FastifyInstance,
  sessions: WebSessions,
  { loopbackOnly, tls }: Pick<WebSettings, 'loopbackOnly' | 'tls'>,
  callerOf: (request: FastifyRequest) => Caller,
): void {
  // Without access control there is nothing to sign in to.
  const [needsToken, isTls] = [!loopbackOnly, tls !== undefined];
  const shown = ({ name, role }: Caller) => ({ name, role, session: needsToken });
  app.post('/session', async (request, reply) => {
    requireOwnOrigin(request.headers, { tls });
    const caller = callerOf(request);
    const { authorization } = request.headers;
    if (needsToken) {
      if (authorization === undefined) throw new Problem('BAD_USER_INPUT', 'A session begins with a token, as Authorization: Bearer SECRET.');
      setCookie(request, reply, await sessions.begin(authorization, caller), SESSION_MS / 1000);
    }
    return noStore(reply).send(shown(caller));
  });
  app.get('/session', { config: { open: true } }, async (request, reply) => noStore(reply).send(await whoIsSignedIn(request)));
  // Open, so that one that is not valid any more can be ended, too.
  app.delete('/session', { config: { open: true } }, async (request, reply) => {
    requireIntent(request, { tls });
    const cookie = sessionCookie(request.headers, isTls);
    if (cookie !== undefined) await sessions.end(cookie);
    setCookie(request, reply, '', 0);
    return noStore(reply).code(204).send();
  });

  async function whoIsSignedIn({ headers }: FastifyRequest): Promise<string> {
    const cookie = needsToken ? sessionCookie(headers, isTls) : undefined;
    if (needsToken && cookie === undefined) return 'null';
    try {
      return JSON.stringify(shown(await sessions.authenticate(cookie === undefined ? undefined : sessions.authorizationOf(cookie))));
    } catch (error) {
      if (toShownProblem(error).problem.code === 'UNAUTHENTICATED') return 'null';
      throw error;
    }
  }
}

function noStore(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
}

function setCookie(request: FastifyRequest, reply: FastifyReply, value: string, maxAge: number): void {
  const secure = request.protocol === 'https';
  const cookie = { name: secure ? SECURE_COOKIE : COOKIE, value, httpOnly: true, sameSite: 'strict' as const, path: '/', maxAge, secure };
  reply.header('set-cookie', stringifySetCookie(cookie));
}
