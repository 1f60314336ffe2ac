import type { IncomingHttpHeaders } from 'node:http';
import { audited, type Audit } from '../access/audit.js';
import { isLoopback } from '../networks.js';
import { Problem } from '../problems.js';

/** Which pages and names are let in. */
export interface WebRules {
  /** Origins of pages that may ask beside the gateway's own. */
  readonly allowedOrigins: readonly string[];
  /** Whether only requests to names of this machine are answered. */
  readonly loopbackOnly: boolean;
  /** Whether the gateway itself serves TLS: what it has; undefined: it does not. */
  readonly tls: object | undefined;
}

/**
 * Refuses what a page of another origin has sent, over HTTP, WebSocket and event streams alike: browsers name the page's
 * origin in everything that such a page can read the answer of or that is more than a plain form (Fetch standard, 3.1),
 * and no other client has to. With `loopbackOnly` it refuses, too, what was sent to another name than this machine's: a
 * page may give its own name this machine's address, and is of the gateway's own origin then (DNS rebinding).
 * @param isOpen whether it asks for what holds no secret and changes nothing: links of other pages lead there.
 * @throws {Problem} FORBIDDEN.
 */
export function requireWelcome(headers: IncomingHttpHeaders, rules: WebRules, isOpen: boolean): void {
  if (rules.loopbackOnly && !isLoopback(hostName(headers.host))) {
    throw new Problem('FORBIDDEN', 'With STOWAGE_AUTH=none only requests to localhost are answered: ask for http://localhost or http://127.0.0.1.');
  }
  if (!isOpen && isForeign(headers, rules) && !rules.allowedOrigins.includes(headers.origin ?? '')) {
    throw new Problem('FORBIDDEN', 'Pages of this origin are not let in. STOWAGE_ALLOWED_ORIGINS names those that are.');
  }
}

/** For what a cookie authorizes: whatever other origins are let in, they bring a token of their own. @throws {Problem} FORBIDDEN. */
export function requireOwnOrigin(headers: IncomingHttpHeaders, rules: Pick<WebRules, 'tls'>): void {
  if (isForeign(headers, rules)) throw new Problem('FORBIDDEN', 'A session is for pages of the gateway itself. Pages of other origins send a token.');
}

/** Makes one of these checks, and has what it refuses journalled with the address that it came from. */
export function auditedCheck(audit: Pick<Audit, 'note'>, address: string, check: () => void): void {
  audited(audit, check, ({ code, message }) => ({ type: 'CALL_REFUSED', actor: undefined, address, attributes: { code, reason: message } }));
}

/** Whether a request comes from a page, and not from one of the address that it was sent to. */
function isForeign({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders, { tls }: Pick<WebRules, 'tls'>): boolean {
  if (origin === undefined) return site === 'cross-site' || site === 'same-site';
  // Behind a proxy that ends TLS the gateway's own scheme is not the page's. Where there is TLS here, it is the page's, too: one of
  // plain HTTP could be anybody's who is on its way.
  const schemes = tls === undefined ? /^https?:\/\// : /^https:\/\//;
  return !schemes.test(origin) || origin.replace(/^https?:\/\//, '').toLowerCase() !== withoutDefaultPort(origin, host ?? '');
}

/** A Host header in the form that an Origin of the same address has. */
function withoutDefaultPort(origin: string, host: string): string {
  const port = origin.startsWith('https:') ? ':443' : ':80';
  return (host.endsWith(port) ? host.slice(0, -port.length) : host).toLowerCase();
}

function hostName(host: string | undefined): string {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec((host ?? '').toLowerCase());
  return match?.[1] ?? match?.[2] ?? '';
}
