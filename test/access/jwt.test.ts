import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { Audit } from '../../src/access/audit.js';
import { TokenAuthenticator } from '../../src/access/authenticator.js';
import { identityOf, JwtVerifier } from '../../src/access/jwt.js';
import { readSettings, type JwtSettings } from '../../src/config.js';
import { ControlConnection } from '../../src/database/control-connection.js';
import { addHost, newHostId } from '../../src/inventory/hosts.js';
import { silent, startDatabase, type TestDatabase } from '../harness/database.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

// Against a real identity provider in a process of its own; what it would never issue is signed here, with its own keys.

const PROVIDER = fileURLToPath(new URL('../harness/oidc-provider.mjs', import.meta.url));
const AUDIENCE = 'https://stowage.example/graphql';

interface Keys {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

let server: TestDatabase;
let control: ControlConnection;
let audit: Audit;
let authenticator: TokenAuthenticator;
let provider: ChildProcess;
let port: number;
let first: Keys;

const makeKeys = async (kid: string, alg = 'RS256'): Promise<Keys> => {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { ...pair, jwk: { ...(await exportJWK(pair.privateKey)), kid, alg, use: 'sig' } };
};

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return free;
}

async function startProvider(keys: readonly Keys[]): Promise<void> {
  provider = fork(PROVIDER, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  provider.send({ port, keys: keys.map(({ jwk }) => jwk), audience: AUDIENCE });
  await once(provider, 'message');
}

async function stopProvider(): Promise<void> {
  if (provider.exitCode !== null || provider.signalCode !== null) return;
  const ended = once(provider, 'exit');
  provider.kill('SIGKILL');
  await ended;
}

const issuer = () => `http://127.0.0.1:${String(port)}`;

function settings(change: Readonly<Record<string, string>> = {}): JwtSettings {
  const { jwt } = readSettings({
    STOWAGE_JWT_JWKS_URL: `${issuer()}/jwks`,
    STOWAGE_JWT_ISSUER: issuer(),
    STOWAGE_JWT_AUDIENCE: AUDIENCE,
    STOWAGE_JWT_ROLE_CLAIM: 'realm_access.roles',
    STOWAGE_JWT_ROLES: 'ops=OPERATOR,everyone=VIEWER,chief=ADMIN',
    STOWAGE_JWT_HOSTS_CLAIM: 'hosts',
    ...change,
  });
  if (jwt === undefined) throw new Error('the settings have no JWT');
  return jwt;
}

/** A token as the provider issues it. */
async function issued(claims: Readonly<Record<string, unknown>>): Promise<string> {
  const body = {
    grant_type: 'client_credentials',
    client_id: 'tests',
    client_secret: 'a secret of tests',
    scope: 'all',
    resource: AUDIENCE,
    wanted_claims: JSON.stringify(claims),
  };
  const response = await fetch(`${issuer()}/token`, { method: 'POST', body: new URLSearchParams(body) });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`the provider issued nothing (${String(response.status)})`);
  return token;
}

const CLAIMS = { realm_access: { roles: ['everyone', 'ops'] }, hosts: ['alpha', 'nobody'] };

/** A token that is signed here. */
function signed(
  keys: Keys,
  change: { claims?: object; header?: object; expiresIn?: number; from?: number; audience?: string; issuer?: string } = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ sub: 'someone', ...CLAIMS, ...change.claims })
    .setProtectedHeader({ alg: keys.jwk.alg ?? '', kid: keys.jwk.kid ?? '', ...change.header })
    .setIssuer(change.issuer ?? issuer())
    .setAudience(change.audience ?? AUDIENCE)
    .setNotBefore(now + (change.from ?? 0))
    .setExpirationTime(now + (change.expiresIn ?? 600))
    .sign(keys.privateKey);
}

const signIn = (token: string) => authenticator.authenticate(`Bearer ${token}`, '192.0.2.7');
const refused = { code: 'UNAUTHENTICATED', message: 'This token is not valid (any more).' };

beforeAll(async () => {
  server = await startDatabase();
  port = await freePort();
  first = await makeKeys('first');
  await startProvider([first]);
  control = new ControlConnection(server.url, silent);
  audit = new Audit(server.database, silent, () => undefined);
  authenticator = new TokenAuthenticator(server.database, control, undefined, new JwtVerifier(settings()), audit, silent);
  await control.start();
  await addHost(server.database, { id: newHostId(), name: 'alpha', endpoint: 'unix:///alpha', labels: {}, credentials: null }, 'test');
});

afterAll(async () => {
  await stopProvider();
  await authenticator.stop();
  await audit.stop();
  await control.stop();
  await server.stop();
  await proveNothingIsLeft();
});

test('a token that the provider issued tells role and hosts by its claims', async () => {
  const { id } = await server.database.host.findFirstOrThrow({ where: { name: 'alpha' } });
  expect(await signIn(await issued(CLAIMS))).toEqual({
    id: 'jwt tests',
    name: 'tests',
    role: 'OPERATOR',
    hosts: [
      { name: 'alpha', id, enabled: true },
      { name: 'nobody', id: undefined, enabled: false },
    ],
  });
  expect(await signIn(await issued({ ...CLAIMS, hosts: '*' }))).toMatchObject({ hosts: null });
  // Whoever forgets the claim must not open all.
  expect(await signIn(await issued({ realm_access: { roles: 'chief' } }))).toMatchObject({ role: 'ADMIN', hosts: [] });
  await expect(signIn(await issued({ realm_access: { roles: ['others'] } }))).rejects.toMatchObject(refused);
});

test('what the provider has not signed, or not for this gateway, is refused, and journalled with the reason', async () => {
  const stranger = await makeKeys('first');
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: 'someone', ...CLAIMS, iss: issuer(), aud: AUDIENCE, exp: now + 600 };
  const { exp: _exp, ...withoutEnd } = claims;
  const genuine = await issued(CLAIMS);
  const [header = '', payload = '', signature = ''] = genuine.split('.');
  const asText = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hostile: Readonly<Record<string, string>> = {
    'no signature': new UnsecuredJWT(claims).encode(),
    'none in other letters': `${asText({ alg: 'nOnE' })}.${asText(claims)}.`,
    'none with the signature of another': `${asText({ alg: 'none', kid: 'first' })}.${payload}.${signature}`,
    'the public key as a password': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(new TextEncoder().encode(await exportSPKI(first.publicKey))),
    'other claims under the signature': `${header}.${asText({ ...claims, realm_access: { roles: ['chief'] } })}.${signature}`,
    'a key of a stranger under a known name': await signed(stranger),
    'a key that comes with the token': await signed(stranger, { header: { jwk: await exportJWK(stranger.publicKey) } }),
    'keys at an address in the token': await signed(stranger, { header: { jku: 'http://127.0.0.1:1/jwks', kid: 'other' } }),
    'another issuer': await signed(first, { issuer: 'https://other.example' }),
    'another audience': await signed(first, { audience: 'https://other.example' }),
    'no end': await new SignJWT(withoutEnd).setProtectedHeader({ alg: 'RS256', kid: 'first' }).sign(first.privateKey),
    'a critical header that is not understood': `${asText({ alg: 'RS256', kid: 'first', crit: ['x'], x: 1 })}.${payload}.${signature}`,
    'an end long ago': await signed(first, { expiresIn: -120 }),
    'a beginning that is far': await signed(first, { from: 120 }),
    'nothing but dots': '..',
    'a part too many': `${genuine}.x`,
  };
  for (const [name, token] of Object.entries(hostile)) {
    await expect(signIn(token).then(() => name)).rejects.toMatchObject(refused);
  }
  await eventually(
    async () => {
      const entries = await server.database.journalEntry.findMany({ where: { type: 'SIGN_IN_FAILED', address: '192.0.2.7' } });
      const reasons = entries.map(({ attributes }) => (attributes as { reason: string }).reason);
      for (const code of ['ERR_JOSE_ALG_NOT_ALLOWED', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED', 'ERR_JWT_EXPIRED', 'ERR_JWT_CLAIM_VALIDATION_FAILED']) {
        expect(reasons).toContain(`the JWT is refused: ${code}`);
      }
    },
    { what: 'the failures are journalled' },
  );
});

test('clocks may differ by as much as is set, and no more', async () => {
  for (const change of [{ expiresIn: -20 }, { from: 20 }]) expect(await signIn(await signed(first, change))).toMatchObject({ name: 'someone' });
  const strict = new JwtVerifier(settings({ STOWAGE_JWT_CLOCK_SKEW_SECONDS: '0' }));
  for (const change of [{ expiresIn: -20 }, { from: 20 }]) await expect(strict.verify(await signed(first, change))).rejects.toThrow('ERR_JWT');
});

test('the provider changes its keys: what the new one signs is let in, what a withdrawn one signs is not', async () => {
  const second = await makeKeys('second', 'ES256');
  await expect(signIn(await signed(second))).rejects.toMatchObject(refused);
  await stopProvider();
  await startProvider([second, first]);
  await eventually(
    async () => {
      expect(await signIn(await issued(CLAIMS))).toMatchObject({ name: 'tests' });
    },
    { what: 'the new key is known' },
  );
  expect(await signIn(await signed(first, { claims: { sub: 'still' } }))).toMatchObject({ name: 'still' });
  await stopProvider();
  await startProvider([second]);
  // As after the time for which keys are kept.
  const later = new JwtVerifier(settings());
  await expect(later.verify(await signed(first))).rejects.toThrow('ERR_JWKS_NO_MATCHING_KEY');
  expect(await later.verify(await signed(second))).toMatchObject({ name: 'someone' });
});

test('without the provider what is known goes on, and what is not known waits: it is not taken for wrong', async () => {
  await stopProvider();
  const stranger = new JwtVerifier(settings());
  await expect(stranger.verify(await signed(first))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  // To see that one is over takes no key: whoever listens with it is cut off.
  await expect(stranger.verify(await signed(first, { expiresIn: -60 }))).rejects.toThrow('ERR_JWT_EXPIRED');
  await startProvider([first]);
  const verifier = new JwtVerifier(settings());
  await verifier.verify(await signed(first));
  await stopProvider();
  expect(await verifier.verify(await signed(first))).toMatchObject({ name: 'someone' });
});

test('claims are read by name before by path, and never from what every object has', () => {
  const base = settings();
  const payload = { sub: 's', exp: 1, 'https://x.example/roles': 'ops', roles: ['everyone', 7, null], constructor: 'chief' };
  expect(identityOf(payload, { ...base, roleClaim: 'https://x.example/roles', hostsClaim: undefined })).toMatchObject({ role: 'OPERATOR', hosts: null });
  expect(identityOf(payload, { ...base, roleClaim: 'roles' })).toMatchObject({ role: 'VIEWER', hosts: [] });
  expect(() => identityOf({ sub: 's', exp: 1 }, { ...base, roleClaim: 'constructor.name' })).toThrow('no role');
  for (const sub of ['', 7, ['s'], null, 'a\0b', 'a\ud800']) {
    expect(() => identityOf({ ...payload, sub } as unknown as JWTPayload, { ...base, roleClaim: 'roles' })).toThrow('sub is no text');
  }
  expect(identityOf({ ...payload, exp: 1e300 }, { ...base, roleClaim: 'roles' }).expiresAt.toISOString()).toMatch(/^\+275760/);
  expect(identityOf({ ...payload, hosts: ['alpha', 'be\0ta', 'ga\ud800ma'] }, { ...base, roleClaim: 'roles' }).hosts).toEqual(['alpha']);
  // Names stand in the journal and the log: nothing in them is to be acted upon.
  expect(identityOf({ ...payload, preferred_username: 'a\0b\u202e\nc\ud800' }, { ...base, roleClaim: 'roles', nameClaim: 'preferred_username' })).toMatchObject(
    { name: 'a b  c ' },
  );
  // What is cut off is not half of a character, which the database cannot keep: nothing that its caller is refused would be journalled.
  expect(identityOf({ ...payload, sub: `${'a'.repeat(199)}😀` }, { ...base, roleClaim: 'roles' })).toMatchObject({ name: 'a'.repeat(199) });
});

test('settings that belong together are checked together', () => {
  expect(() => readSettings({ STOWAGE_JWT_ISSUER: 'https://x.example' })).toThrow('belongs together with STOWAGE_JWT_JWKS_URL and STOWAGE_JWT_AUDIENCE');
  expect(() => settings({ STOWAGE_JWT_JWKS_URL: 'http://x.example/jwks' })).toThrow('STOWAGE_JWT_JWKS_URL');
  expect(() => settings({ STOWAGE_JWT_ROLES: 'ops=ROOT' })).toThrow('STOWAGE_JWT_ROLES');
});
