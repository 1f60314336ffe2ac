import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import type { JwtSettings } from '../config.js';
import { Problem } from '../problems.js';
import type { Caller } from './caller.js';

/**
 * Signatures that are taken: those of a private key that only the identity provider has. With `none` anyone could sign, and
 * with HMAC anyone who has the provider's public key.
 */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
/** Milliseconds in which the provider must give its keys. */
const KEYS_TIMEOUT_MS = 5_000;
/** Milliseconds between two looks at its keys for tokens that none of the known ones has signed. */
const KEYS_COOLDOWN_MS = 2_000;
/** Milliseconds after which its keys are asked for again: one that it has withdrawn is not good for longer. */
const KEYS_MAX_AGE_MS = 300_000;
/** Longest name that is taken from a claim. */
const MAX_NAME_CHARACTERS = 200;
/** What no name has, and the database cannot keep, or a terminal or a page would act upon: controls, marks of direction, halves of characters. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** Milliseconds since 1970 of the last moment that a Date can be (ECMA-262, 21.4.1.1). */
const LAST_MOMENT_MS = 8.64e15;
/** What PostgreSQL keeps in no text. A subject is kept as it is, so that no two are taken for one. */
const UNKEPT = /[\0\p{Cs}]/u;
/** What stands for all hosts in the claim of hosts. */
const ALL_HOSTS = '*';

/** Who a JWT is of. */
export interface JwtIdentity {
  readonly id: string;
  readonly name: string;
  readonly role: Caller['role'];
  /** Names; null: all. */
  readonly hosts: readonly string[] | null;
  readonly expiresAt: Date;
}

/** Thrown for a JWT that is not good; the message says why, for the journal. */
export class JwtRefused extends Error {
  override readonly name = 'JwtRefused';
}

/** Whether a secret is of the form of a signed JWT (RFC 7519, 3; RFC 7515, 7.1). */
export function looksLikeJwt(secret: string): boolean {
  return /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/.test(secret);
}

/** Finds out who is meant by the JWTs of one identity provider. Its keys are fetched when they are needed, and kept. */
export class JwtVerifier {
  private readonly keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(private readonly settings: JwtSettings) {
    this.keys = createRemoteJWKSet(new URL(settings.jwksUrl), {
      timeoutDuration: KEYS_TIMEOUT_MS,
      cooldownDuration: KEYS_COOLDOWN_MS,
      cacheMaxAge: KEYS_MAX_AGE_MS,
    });
  }

  /** @throws {JwtRefused}; {Problem} UNAVAILABLE when the provider does not give its keys. */
  async verify(token: string): Promise<JwtIdentity> {
    const { issuer, audience, clockSkewMs } = this.settings;
    let payload: JWTPayload;
    // For this no key is needed: with the provider away, what has expired is over all the same.
    if (hasExpired(token, clockSkewMs)) throw new JwtRefused(errors.JWTExpired.code);
    try {
      ({ payload } = await jwtVerify(token, this.keys, {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        clockTolerance: clockSkewMs / 1000,
        requiredClaims: ['sub', 'exp'],
      }));
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC') {
        throw new Problem('UNAVAILABLE', 'The identity provider does not give its keys now (STOWAGE_JWT_JWKS_URL). Try again.', { cause: error });
      }
      throw new JwtRefused(error.code);
    }
    return identityOf(payload, this.settings);
  }
}

/** Whether a JWT says of itself that it is over. One that cannot be read says nothing. */
function hasExpired(token: string, clockSkewMs: number): boolean {
  try {
    const { exp } = decodeJwt(token);
    return typeof exp === 'number' && exp * 1000 + clockSkewMs <= Date.now();
  } catch {
    return false;
  }
}

/**
 * Who the claims of a verified JWT stand for. Pure.
 * @throws {JwtRefused} for one that no role follows from.
 */
export function identityOf(payload: JWTPayload, settings: Omit<JwtSettings, 'jwksUrl'>): JwtIdentity {
  const { sub, exp = 0 } = payload;
  // jose looks that it is there, not what it is (RFC 7519, 4.1.2).
  if (typeof sub !== 'string' || sub === '' || UNKEPT.test(sub)) throw new JwtRefused('the claim sub is no text, or none that can be kept');
  const role = highest(textsOf(claimAt(payload, settings.roleClaim)).flatMap((value) => settings.roles.get(value) ?? []));
  if (role === undefined) throw new JwtRefused(`no role follows from the claim ${settings.roleClaim}`);
  const name = claimAt(payload, settings.nameClaim);
  return {
    id: `jwt ${sub}`,
    name: shownName(typeof name === 'string' && name !== '' ? name : sub),
    role,
    hosts: settings.hostsClaim === undefined ? null : hostsOf(claimAt(payload, settings.hostsClaim)),
    expiresAt: new Date(Math.min(exp * 1000 + settings.clockSkewMs, LAST_MOMENT_MS)),
  };
}

/** A name as it can be kept and shown; the cut may leave half of a character at its end. */
function shownName(name: string): string {
  return name
    .replace(CONTROLS, ' ')
    .slice(0, MAX_NAME_CHARACTERS)
    .replace(/\p{Cs}$/u, '');
}

/** Without the claim a token is for no host: who forgets it must not open all. */
function hostsOf(claim: unknown): readonly string[] | null {
  // No host is named with what the database could not even look for.
  const names = textsOf(claim).filter((name) => name.search(CONTROLS) < 0);
  return names.includes(ALL_HOSTS) ? null : names;
}

const ROLES: readonly Caller['role'][] = ['VIEWER', 'OPERATOR', 'ADMIN'];

function highest(roles: readonly Caller['role'][]): Caller['role'] | undefined {
  return ROLES.findLast((role) => roles.includes(role));
}

/** A claim by its name, or, as Keycloak and others nest theirs, by a path with dots: `realm_access.roles`. */
function claimAt(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  let value: unknown = payload;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}

/** The texts of a list, or of a text with spaces or commas between, as scopes are written (RFC 8693, 4.2). */
function textsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(/[\s,]+/).filter((part) => part !== '');
  return Array.isArray(claim) ? claim.filter((part): part is string => typeof part === 'string' && part !== '') : [];
}
